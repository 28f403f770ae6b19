//! Input from an external source, with the authority of a tool.

use std::fmt;

use codex_types::{FunctionCallOutputBody, TurnToolOutput};

/// A message from an external source, such as a chat or the end of a job. The model receives it
/// with the authority of a tool's output, not of the user: it does not contain instructions.
///
/// It is the whole input of a turn: it cannot be mixed with the user's input, and a running turn
/// cannot be steered with it. On a busy thread it joins the running turn.
///
/// ```compile_fail
/// # async fn steer(turn: codex_client::TurnHandle) -> Result<(), codex_client::Error> {
/// turn.steer(codex_client::ExternalMessage::new("inbox", "stop!")).await?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "tool")]
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalMessage(pub(super) TurnToolOutput);

impl ExternalMessage {
    /// Creates a message with the name of its apparent tool; the name must not be empty.
    pub fn new(tool_name: impl Into<String>, content: impl Into<FunctionCallOutputBody>) -> Self {
        Self(TurnToolOutput::new(tool_name, content))
    }

    /// The namespace of the tool.
    #[must_use]
    pub fn namespace(self, namespace: impl Into<String>) -> Self {
        Self(self.0.namespace(namespace))
    }
}

impl fmt::Display for ExternalMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a message from {}", self.0.name)
    }
}
