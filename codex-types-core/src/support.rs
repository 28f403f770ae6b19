//! The common code of the generated models.
//!
//! Public for the generated code and its tests only: nothing in here is part of the public API of
//! this crate.

#![allow(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::missing_errors_doc,
    clippy::option_option,
    reason = "internals that are public for the generated code alone"
)]

pub mod decode;
pub(crate) mod exact;
#[cfg(feature = "schemars")]
pub mod json_schema;
pub(crate) mod key;
pub mod lookup;
pub mod macros;
pub mod message;
pub mod object;
pub(crate) mod path;
pub(crate) mod reader;
pub mod text;
pub mod union;

pub use crate::extra::Extra;

/// Stands for a map whose values must not be printed: its keys are, as they are for the variables and
/// overrides of a process.
pub struct RedactedValues<'a, T>(pub &'a T);

/// A map, or what may hold one.
pub trait Keys {
    /// The keys, if there is a map.
    fn key_names(&self) -> Option<Vec<&str>>;
}

impl<T> Keys for std::collections::BTreeMap<String, T> {
    fn key_names(&self) -> Option<Vec<&str>> {
        Some(self.keys().map(String::as_str).collect())
    }
}

impl<T: Keys> Keys for Option<T> {
    fn key_names(&self) -> Option<Vec<&str>> {
        self.as_ref()?.key_names()
    }
}

impl<T: Keys> Keys for crate::Field<T> {
    fn key_names(&self) -> Option<Vec<&str>> {
        self.as_option()?.key_names()
    }
}

impl<T: Keys> std::fmt::Debug for RedactedValues<'_, T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.key_names() {
            Some(keys) => {
                let entries = keys.into_iter().map(|key| (key, Redacted));
                formatter.debug_map().entries(entries).finish()
            }
            None => formatter.write_str("None"),
        }
    }
}

/// Stands for a value that must not be printed.
pub struct Redacted;

impl std::fmt::Debug for Redacted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[redacted]")
    }
}
