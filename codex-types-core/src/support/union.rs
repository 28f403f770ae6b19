//! Decoding of unions: by their tag, by their one key, or by the JSON kind.
//!
//! Unknown data is kept; malformed known data is an error. There is no trial and error.

use serde_json::Value;

use super::decode::{Decode, from_text};
use crate::DecodeError;

mod keyed;
mod tagged;
mod unrecognized;
mod untagged;

pub use keyed::{KeyedNames, KeyedUnion, read_keyed, write_entry};
pub use tagged::{TaggedUnion, read_tagged};
pub use unrecognized::{UnrecognizedVariant, write_unrecognized};
pub use untagged::{Shape, UntaggedUnion, read_untagged};

/// Reads a value that has been read as JSON already.
pub(crate) fn reread<T: Decode>(value: &Value) -> Result<T, DecodeError> {
    let mut place = T::blank();
    from_text(&mut place, &value.to_string()).map(|()| place)
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

fn position(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| *known == name)
}
