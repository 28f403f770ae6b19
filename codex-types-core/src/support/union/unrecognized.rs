//! An unknown variant, kept as it came.

use std::fmt;

use serde_core::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};

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
}

impl fmt::Debug for UnrecognizedVariant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Unknown fields may hold unclassified secrets: names only.
        let names: Vec<_> = self.fields.keys().collect();
        formatter
            .debug_struct("UnrecognizedVariant")
            .field("tag", &self.tag)
            .field("fields", &names)
            .finish()
    }
}

/// Writes an unknown variant of a tagged union as it was read.
pub fn write_unrecognized<S: Serializer>(
    variant: &UnrecognizedVariant,
    tag_name: &'static str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry(tag_name, &variant.tag)?;
    for (name, value) in &variant.fields {
        map.serialize_entry(name, value)?;
    }
    map.end()
}
