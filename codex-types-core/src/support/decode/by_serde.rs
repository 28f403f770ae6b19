//! Reading by way of serde: the formats of others, and `serde_json` itself.
//!
//! A model asks the format for the text of the value, as `serde_json::value::RawValue` does.
//! `serde_json` has it; every other format has a value, which is written as text. So each
//! model is read in one way only.

use std::borrow::Cow;
use std::fmt;

use serde_core::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde_core::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use super::{Decode, from_text};

/// The name of a request for raw text in `serde_json`. If it ever changes, everything can still be
/// read, through a value.
const RAW: &str = "$serde_json::private::RawValue";

/// Reads a model from any format.
pub fn by_serde<'de, T: Decode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let mut place = T::blank();
    read(&mut place, deserializer).map(|()| place)
}

fn read<'de, D: Deserializer<'de>>(
    place: &mut dyn Decode,
    deserializer: D,
) -> Result<(), D::Error> {
    let text = raw_text(deserializer)?;
    from_text(place, &text).map_err(D::Error::custom)
}

/// The value of a deserializer as JSON text.
pub(crate) fn raw_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Cow<'de, str>, D::Error> {
    deserializer.deserialize_newtype_struct(RAW, TextVisitor)
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    /// Formats that do not know the name.
    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Cow::Owned(value.to_string()))
    }

    /// `serde_json` and [`Text`] have a map with one entry.
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        match access.next_key_seed(StringSeed)? {
            Some(key) if key == RAW => access.next_value_seed(StringSeed),
            _ => Err(A::Error::custom("invalid type: map, expected a value")),
        }
    }
}

/// Reads a string, borrowed where the input allows.
struct StringSeed;

impl<'de> DeserializeSeed<'de> for StringSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for StringSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text))
    }
}

/// Text that is known to be JSON, which a model takes as it is: `serde_json` would look for its
/// end first. Everything that is no model is read from it by `serde_json`.
pub(crate) struct Text<'de>(pub(crate) &'de str);

impl<'de> Text<'de> {
    fn read<T>(
        self,
        read: impl FnOnce(&mut JsonReader<'de>) -> Result<T, serde_json::Error>,
    ) -> Result<T, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(self.0);
        let value = read(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }
}

type JsonReader<'de> = serde_json::Deserializer<serde_json::de::StrRead<'de>>;

macro_rules! by_serde_json {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(
            self,
            $($argument: $type,)*
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            self.read(|deserializer| deserializer.$method($($argument,)* visitor))
        }
    )*};
}

impl<'de> Deserializer<'de> for Text<'de> {
    type Error = serde_json::Error;

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if name == RAW {
            let text = BorrowedStrDeserializer::new(self.0);
            return visitor.visit_map(MapDeserializer::new(std::iter::once((RAW, text))));
        }
        self.read(|deserializer| deserializer.deserialize_newtype_struct(name, visitor))
    }

    by_serde_json! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(length: usize);
        deserialize_tuple_struct(name: &'static str, length: usize);
        deserialize_map();
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }
}
