//! How unions are read: by their tag, by their one key, or by the JSON kind.
//!
//! A tag that comes first, as the runtime writes it, is read without
//! buffering. What is unknown is kept; what is known and malformed is an
//! error. Nothing is tried until it fits.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_core::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::decode::Decode;
use super::object::{Key, KeySeed};
use super::path;
use super::text::TextSeed;

/// A variant of a tagged union that this version of the crate does not know.
///
/// Written again exactly as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct UnrecognizedVariant {
    tag: String,
    fields: Map<String, Value>,
}

impl UnrecognizedVariant {
    /// A variant with this tag and the fields beside it.
    pub fn new(tag: impl Into<String>, fields: Map<String, Value>) -> Self {
        Self {
            tag: tag.into(),
            fields,
        }
    }

    /// The value of the tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The fields beside the tag.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// For the generated code: the text in a field.
    #[doc(hidden)]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    /// For the generated code: the number in a field.
    #[doc(hidden)]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.fields.get(name)?.as_i64()
    }

    pub(crate) fn write<S: Serializer>(
        &self,
        tag_name: &'static str,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(tag_name, &self.tag)?;
        for (name, value) in &self.fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl fmt::Debug for UnrecognizedVariant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Unknown fields may hold secrets nobody has classified: names only.
        let names: Vec<_> = self.fields.keys().collect();
        formatter
            .debug_struct("UnrecognizedVariant")
            .field("tag", &self.tag)
            .field("fields", &names)
            .finish()
    }
}

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

/// The order of an object's entries means nothing, but only the tag says how
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

/// A union of plain strings and objects with one key; generated.
pub trait KeyedUnion: Sized {
    /// The known strings, in the order of their numbers.
    const STRINGS: &'static [&'static str];
    /// The known keys, in the order of their numbers.
    const KEYS: &'static [&'static str];

    /// The variant of a known string.
    fn from_string(index: usize) -> Option<Self>;

    /// Reads what stands under a known key.
    fn from_entry(index: usize, value: &Value) -> Result<Self, serde_json::Error>;

    /// Keeps what is unknown.
    fn unrecognized(value: Value) -> Self;
}

/// Reads a union of strings and one-key objects.
pub fn read_keyed<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: KeyedUnion,
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    match &value {
        Value::String(text) => {
            let known = position(T::STRINGS, text).and_then(T::from_string);
            Ok(known.unwrap_or_else(|| T::unrecognized(value)))
        }
        Value::Object(map) => match single_entry::<T>(map) {
            Some((index, inner)) => T::from_entry(index, inner)
                .map_err(|error| path::at_field(&path::transfer(&error), T::KEYS[index])),
            None => Ok(T::unrecognized(value)),
        },
        _ => Err(D::Error::custom(format_args!(
            "invalid type: {}, expected a string or an object",
            kind(&value)
        ))),
    }
}

fn single_entry<T: KeyedUnion>(map: &Map<String, Value>) -> Option<(usize, &Value)> {
    let mut entries = map.iter();
    let (key, value) = entries.next()?;
    match entries.next() {
        None => position(T::KEYS, key).map(|index| (index, value)),
        Some(_) => None,
    }
}

/// What tells an alternative of an untagged union from the others; generated.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// It is anything.
    Any,
    /// It is a string.
    String,
    /// It is one of these strings.
    Strings(&'static [&'static str]),
    /// It is a whole number.
    Integer,
    /// It is a number.
    Number,
    /// It is `true` or `false`.
    Boolean,
    /// It is a list.
    List,
    /// It is an object that has these keys with such values.
    Object(&'static [(&'static str, Shape)]),
    /// It is one of these.
    OneOf(&'static [Shape]),
}

impl Shape {
    fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _)
            | (Self::String, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::List, Value::Array(_)) => true,
            (Self::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
            (Self::Strings(values), Value::String(text)) => values.contains(&text.as_str()),
            (Self::Object(keys), Value::Object(map)) => keys
                .iter()
                .all(|(key, shape)| map.get(*key).is_some_and(|value| shape.matches(value))),
            (Self::OneOf(shapes), value) => shapes.iter().any(|shape| shape.matches(value)),
            _ => false,
        }
    }

    fn allows_kind_of(&self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::String | Self::Strings(_) => value.is_string(),
            Self::Integer | Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Object(_) => value.is_object(),
            Self::OneOf(shapes) => shapes.iter().any(|shape| shape.allows_kind_of(value)),
        }
    }
}

/// A union told apart by the kind of JSON or by the keys of an object; generated.
pub trait UntaggedUnion: Sized {
    /// What the alternatives look like, in the order of their numbers; the first that fits counts.
    const SHAPES: &'static [Shape];

    /// Reads an alternative.
    fn from_json(index: usize, value: &Value) -> Result<Self, serde_json::Error>;

    /// Keeps a value that fits no alternative, but has the kind of one.
    fn unrecognized(value: Value) -> Self;
}

/// Reads an untagged union.
pub fn read_untagged<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: UntaggedUnion,
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    if let Some(index) = T::SHAPES.iter().position(|shape| shape.matches(&value)) {
        return T::from_json(index, &value).map_err(|error| path::transfer(&error));
    }
    if T::SHAPES.iter().any(|shape| shape.allows_kind_of(&value)) {
        return Ok(T::unrecognized(value));
    }
    Err(D::Error::custom(format_args!(
        "invalid type: {}, which no alternative is",
        kind(&value)
    )))
}

/// Reads a value that has been read as JSON already.
///
/// Goes through text so that there is one instantiation per type, not two.
pub fn reread<T: Decode>(value: &Value) -> Result<T, serde_json::Error> {
    T::decode(&mut serde_json::Deserializer::from_str(&value.to_string()))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

pub(crate) fn position(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| *known == name)
}

/// Writes a variant that is an object with one key.
pub fn write_entry<S: Serializer, T: serde_core::Serialize + ?Sized>(
    key: &'static str,
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

/// Writes an unknown variant of a tagged union as it was read.
pub fn write_unrecognized<S: Serializer>(
    variant: &UnrecognizedVariant,
    tag_name: &'static str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    variant.write(tag_name, serializer)
}
