//! Unions of strings and of objects that are distinguished by their one key.

use serde_core::de::{Deserialize, Deserializer, Error as _};
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::{kind, position};
use crate::support::path;

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

/// Writes a variant that is an object with one key.
pub fn write_entry<S: Serializer, T: Serialize + ?Sized>(
    key: &'static str,
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}
