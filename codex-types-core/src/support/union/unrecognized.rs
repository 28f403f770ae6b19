//! A variant that is kept because it is not known, or because it is malformed.

use std::fmt;

use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::DecodeError;
use crate::support::exact::Exact;

/// A variant of a tagged union that is kept as it came.
///
/// Mostly one that this version of the crate does not know. In lists of things that have ids of
/// their own, such as the items of a turn, also one that is known but malformed, so that one of
/// them does not cost all the others: then [`UnrecognizedVariant::error`] has the reason.
///
/// Written again exactly as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct UnrecognizedVariant {
    tag: String,
    fields: Map<String, Value>,
    aside: Option<Box<Aside>>,
}

/// The rare parts.
#[derive(Clone, Default, PartialEq, Eq)]
struct Aside {
    /// The text of the whole variant, when the fields do not hold all of it.
    text: Option<Exact>,
    error: Option<DecodeError>,
}

impl UnrecognizedVariant {
    /// A variant with this tag and the fields beside it.
    pub fn new(tag: impl Into<String>, fields: Map<String, Value>) -> Self {
        Self {
            tag: tag.into(),
            fields,
            aside: None,
        }
    }

    pub(super) fn with_text(mut self, text: Option<Exact>) -> Self {
        if text.is_some() {
            self.aside.get_or_insert_default().text = text;
        }
        self
    }

    pub(super) fn malformed(mut self, error: Option<DecodeError>) -> Self {
        self.aside.get_or_insert_default().error = error;
        self
    }

    /// The value of the tag; empty for a malformed one that has none.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The fields beside the tag.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// The fault of a variant that is malformed; `None` when only its tag is not known.
    pub fn error(&self) -> Option<&DecodeError> {
        self.aside.as_ref()?.error.as_ref()
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

#[expect(
    clippy::missing_fields_in_debug,
    reason = "unknown fields may hold secrets nobody has classified: names only"
)]
impl fmt::Debug for UnrecognizedVariant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.keys().collect();
        let mut debug = formatter.debug_struct("UnrecognizedVariant");
        debug.field("tag", &self.tag).field("fields", &names);
        if let Some(error) = self.error() {
            debug.field("error", error);
        }
        debug.finish()
    }
}

/// Writes a variant that was kept as it was read.
pub fn write_unrecognized<S: Serializer>(
    variant: &UnrecognizedVariant,
    tag_name: &'static str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let aside = variant.aside.as_ref();
    if let Some(text) = aside.and_then(|aside| aside.text.as_ref()) {
        return text.serialize(serializer);
    }
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry(tag_name, &variant.tag)?;
    for (name, value) in &variant.fields {
        map.serialize_entry(name, value)?;
    }
    map.end()
}
