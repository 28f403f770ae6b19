//! One model as functions, so that a table can hold all of them.

use std::fmt::Debug;

use codex_types::DecodeError;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::Value;

use crate::generated::codecs::CODECS;

/// A model that can be read and written by its name.
pub(crate) struct Codec {
    /// The name of the definition and of the type.
    pub(crate) name: &'static str,
    /// Reads a text and writes it again.
    pub(crate) rewrite: fn(&str) -> Result<String, DecodeError>,
    round_trip: fn(&str) -> Result<RoundTrip, DecodeError>,
}

/// The properties of a model that was read from text.
pub(crate) struct RoundTrip {
    /// The text that it was written as.
    pub(crate) text: String,
    /// Its debug output.
    pub(crate) debug: String,
    /// True if it equals the model read from its own text.
    pub(crate) is_stable: bool,
}

/// The entry of one model in the table.
pub(crate) const fn codec<T>(name: &'static str) -> Codec
where
    T: Serialize + DeserializeOwned + Debug + Clone + PartialEq,
{
    Codec {
        name,
        rewrite: rewrite::<T>,
        round_trip: round_trip::<T>,
    }
}

fn rewrite<T: Serialize + DeserializeOwned>(text: &str) -> Result<String, DecodeError> {
    let model: T = serde_json::from_str(text)?;
    Ok(serde_json::to_string(&model)?)
}

fn round_trip<T>(text: &str) -> Result<RoundTrip, DecodeError>
where
    T: Serialize + DeserializeOwned + Debug + Clone + PartialEq,
{
    let model: T = serde_json::from_str(text)?;
    let written = serde_json::to_string(&model)?;
    let again: T = serde_json::from_str(&written)?;
    Ok(RoundTrip {
        is_stable: again == model.clone(),
        debug: format!("{model:?}"),
        text: written,
    })
}

impl Codec {
    /// The model of this name.
    #[track_caller]
    pub(crate) fn named(name: &str) -> &'static Self {
        CODECS
            .iter()
            .find(|codec| codec.name == name)
            .unwrap_or_else(|| panic!("no model is called {name}"))
    }

    /// Reads a value, writes it again and returns the text.
    pub(crate) fn round_trip(&self, value: &Value) -> Result<Value, DecodeError> {
        self.round_trip_text(&value.to_string())
            .map(|done| serde_json::from_str(&done.text).expect("a model writes JSON"))
    }

    /// Reads a text and writes it again.
    pub(crate) fn round_trip_text(&self, text: &str) -> Result<RoundTrip, DecodeError> {
        (self.round_trip)(text)
    }
}
