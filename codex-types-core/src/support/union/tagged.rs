//! Unions of objects that are distinguished by a tag.
//!
//! A tag that comes first, as the runtime writes it, is read without
//! buffering.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{UnrecognizedVariant, position};
use crate::support::key::{Key, KeySeed};
use crate::support::path;
use crate::support::text::TextSeed;

/// A union whose variants are objects with a constant field; generated.
pub trait TaggedUnion: Sized {
    /// The name of the constant field, as the one element of a table.
    const TAG: &'static [&'static str];
    /// The known tags, in the order of the variants' numbers.
    const TAGS: &'static [&'static str];

    /// Reads the rest of a known variant.
    fn read_known<'de, A: MapAccess<'de>>(index: usize, access: A) -> Result<Self, A::Error>;

    /// Keeps an unknown variant.
    fn unrecognized(variant: UnrecognizedVariant) -> Self;
}

/// Reads a tagged union.
pub fn read_tagged<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: TaggedUnion,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(TaggedVisitor(PhantomData))
}

struct TaggedVisitor<T>(PhantomData<T>);

impl<'de, T: TaggedUnion> Visitor<'de> for TaggedVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<T, A::Error> {
        let seed = KeySeed {
            names: T::TAG,
            hint: 0,
        };
        match access.next_key_seed(seed)? {
            Some(Key::Known(_)) => read_tag_first(access),
            Some(Key::Unknown(name)) => read_tag_later(name, access),
            None => Err(path::missing(T::TAG[0])),
        }
    }
}

fn read_tag_first<'de, T, A>(mut access: A) -> Result<T, A::Error>
where
    T: TaggedUnion,
    A: MapAccess<'de>,
{
    let tag = access
        .next_value_seed(TextSeed)
        .map_err(|error| path::at_field(&error, T::TAG[0]))?;
    if let Some(index) = position(T::TAGS, &tag) {
        return T::read_known(index, access);
    }
    let fields = read_rest(access, Map::new())?;
    Ok(T::unrecognized(UnrecognizedVariant::new(tag, fields)))
}

/// The order of an object's entries is insignificant, but only the tag determines how
/// to read the others: they are kept as text until it is known.
#[cold]
fn read_tag_later<'de, T, A>(first: String, mut access: A) -> Result<T, A::Error>
where
    T: TaggedUnion,
    A: MapAccess<'de>,
{
    let mut fields = Map::new();
    let value = access
        .next_value()
        .map_err(|error| path::at_key(&error, &first))?;
    fields.insert(first, value);
    let mut fields = read_rest(access, fields)?;
    let tag = match fields.remove(T::TAG[0]) {
        Some(Value::String(tag)) => tag,
        Some(_) => {
            let error = A::Error::custom("invalid type: expected a string");
            return Err(path::at_field(&error, T::TAG[0]));
        }
        None => return Err(path::missing(T::TAG[0])),
    };
    match position(T::TAGS, &tag) {
        Some(_) => read_again(&tag, fields),
        None => Ok(T::unrecognized(UnrecognizedVariant::new(tag, fields))),
    }
}

fn read_again<T, E>(tag: &str, fields: Map<String, Value>) -> Result<T, E>
where
    T: TaggedUnion,
    E: serde_core::de::Error,
{
    let name = Value::from(T::TAG[0]);
    let tag = Value::from(tag);
    let fields = Value::Object(fields).to_string();
    let rest = fields.strip_prefix('{').unwrap_or(&fields);
    let comma = if rest == "}" { "" } else { "," };
    let text = format!("{{{name}:{tag}{comma}{rest}");
    read_tagged(&mut serde_json::Deserializer::from_str(&text))
        .map_err(|error| path::transfer(&error))
}

fn read_rest<'de, A: MapAccess<'de>>(
    mut access: A,
    mut fields: Map<String, Value>,
) -> Result<Map<String, Value>, A::Error> {
    while let Some(name) = access.next_key::<String>()? {
        match access.next_value() {
            Ok(value) => fields.insert(name, value),
            Err(error) => return Err(path::at_key(&error, &name)),
        };
    }
    Ok(fields)
}
