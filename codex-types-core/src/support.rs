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

/// Stands for a value that must not be printed.
pub struct Redacted;

impl std::fmt::Debug for Redacted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[redacted]")
    }
}
