//! Unions that are distinguished by the kind of JSON, or by the keys of an object.

use serde_core::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value;

use super::kind;
use crate::support::path;

/// The mark of an alternative of an untagged union; generated.
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

/// A union distinguished by the kind of JSON or by the keys of an object; generated.
pub trait UntaggedUnion: Sized {
    /// The shapes of the alternatives, in the order of their numbers; the first that fits counts.
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
