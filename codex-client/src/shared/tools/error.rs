//! The failure of a tool, which is told to the model.

use std::error::Error;
use std::fmt;

use crate::error::causes::with_causes;

/// The result of a tool. `?` works on any error.
pub type ToolResult<T> = Result<T, ToolError>;

/// The failure of a tool: a text for the model, which usually tries again or does without.
///
/// Made of any error, with its causes, or of a text. It is no [`std::error::Error`] itself, so that `?`
/// can convert all of them.
///
/// ```
/// use codex_client::{ToolError, ToolResult};
///
/// fn temperature(text: &str) -> ToolResult<i32> {
///     let degrees: i32 = text.parse()?;
///     if degrees < -273 {
///         return Err("colder than possible".into());
///     }
///     Ok(degrees)
/// }
///
/// assert_eq!(temperature("x").unwrap_err().to_string(), "invalid digit found in string");
/// assert_eq!(temperature("-300").unwrap_err().to_string(), "colder than possible");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ToolError(String);

impl ToolError {
    /// Creates a failure with this text for the model.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self(with_causes(&*error.into()))
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Prints the length only; the text may contain secrets.
impl fmt::Debug for ToolError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ToolError({} bytes)", self.0.len())
    }
}
