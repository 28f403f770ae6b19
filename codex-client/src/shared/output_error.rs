//! The error of a turn whose final response does not match the requested type.

use std::fmt;

use crate::secret::Secret;
use crate::shared::result::TurnResult;

/// A final response that does not match the requested type (`run_as`), with the whole result of the
/// turn.
#[derive(Clone, Debug)]
pub struct OutputError {
    pub(super) problem: String,
    pub(super) result: Secret<TurnResult>,
}

impl OutputError {
    /// Returns the reason why it cannot be read.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// Returns the final response as received, if there was one.
    pub fn text(&self) -> Option<&str> {
        self.result.0.final_response.as_deref()
    }

    /// Returns the result of the turn.
    pub fn result(&self) -> &TurnResult {
        &self.result.0
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, problem) = (self.result.0.id.as_str(), &self.problem);
        write!(
            formatter,
            "turn {id}: the answer is not what it was asked to be: {problem}"
        )
    }
}

impl std::error::Error for OutputError {}
