//! JSON as `serde_json` takes it apart, with the order and the duplicates of its keys.

use std::fmt;

use serde_core::de::{Deserializer, MapAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;

use super::words;

/// A value that is JSON, though perhaps nothing that a `Value` can hold.
#[derive(Debug)]
pub(crate) enum Json {
    Null,
    Boolean,
    /// Its text.
    Number(String),
    /// The string, or why it is none.
    Text(Result<String, String>),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// An object with a key that no `String` can hold.
    Odd,
}

impl Json {
    pub(crate) fn read(raw: &RawValue) -> Self {
        let text = raw.get();
        match text.as_bytes()[0] {
            b'n' => Self::Null,
            b't' | b'f' => Self::Boolean,
            b'"' => Self::Text(serde_json::from_str(text).map_err(|error| words(&error))),
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text).expect("it is a list");
                Self::List(items.into_iter().map(Self::read).collect())
            }
            b'{' => {
                let mut deserializer = serde_json::Deserializer::from_str(text);
                let entries = deserializer.deserialize_map(Entries);
                entries.map_or(Self::Odd, Self::Object)
            }
            _ => Self::Number(text.to_owned()),
        }
    }

    /// The string that it is.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => text.as_deref().ok(),
            _ => None,
        }
    }

    /// Its kind in the words of serde, or why it has none.
    pub(crate) fn found(&self) -> Result<&'static str, String> {
        Ok(match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Text(Ok(_)) => "string",
            Self::Text(Err(problem)) => return Err(problem.clone()),
            Self::List(_) => "sequence",
            Self::Object(_) | Self::Odd => "map",
            Self::Number(token) => match token.parse::<Number>() {
                Ok(number) if number.is_f64() => "floating point",
                Ok(_) => "integer",
                Err(error) => return Err(words(&error)),
            },
        })
    }

    /// Its kind in the words of JSON.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Object(_) | Self::Odd => "object",
        }
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, Json)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, raw)) = map.next_entry::<String, &RawValue>()? {
            entries.push((key, Json::read(raw)));
        }
        Ok(entries)
    }
}
