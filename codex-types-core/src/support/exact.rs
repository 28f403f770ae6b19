//! Text that is kept because the value read from it would lose something.
//!
//! A `serde_json::Value` holds integers of 64 bits, other numbers as `f64`, and strings without
//! halves of surrogate pairs. What a message has beyond that is kept beside the value, and
//! written again as long as the value was not changed.

use serde_core::ser::{Error, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::reader::Reader;

/// The text of a value that is JSON, but not exactly a `Value`.
///
/// It can be written as text; a `serde_json::Value` cannot be made of all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exact(Box<str>);

impl Exact {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Reads it again.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader::new(&self.0)
    }

    /// Returns `true` if this value was read from it.
    pub(crate) fn is_text_of(&self, value: &Value) -> bool {
        self.reader().any().is_ok_and(|read| read == *value)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0)
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}
