//! The error of a text that is parsed as an enumeration and is none of its values.
//!
//! Decoding never fails for this reason: enumerations are open. It is for what people type.

use std::fmt;

/// A text that is none of the known values of an enumeration.
///
/// ```
/// use codex_types::SandboxMode;
///
/// let mode: SandboxMode = "read-only".parse()?;
/// assert_eq!(mode, SandboxMode::ReadOnly);
///
/// let error = "readonly".parse::<SandboxMode>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown value `readonly`: expected read-only, workspace-write or danger-full-access",
/// );
/// # Ok::<(), codex_types::UnknownValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownValue {
    value: String,
    known: &'static [&'static str],
}

impl UnknownValue {
    /// Creates the error for a text and the values that are known.
    pub fn new(value: impl Into<String>, known: &'static [&'static str]) -> Self {
        let value = value.into();
        Self { value, known }
    }

    /// The text.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The known values.
    pub fn known(&self) -> &'static [&'static str] {
        self.known
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown value `{}`: expected ", self.value)?;
        match self.known {
            [] => formatter.write_str("nothing"),
            [only] => formatter.write_str(only),
            [first @ .., last] => write!(formatter, "{} or {last}", first.join(", ")),
        }
    }
}

impl std::error::Error for UnknownValue {}
