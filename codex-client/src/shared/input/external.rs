//! What a turn is given by something outside, with the authority of a tool.

use std::fmt;

use codex_types::{FunctionCallOutputBody, TurnToolOutput};

/// Something that came in from outside, such as a message in a chat or the end of a job. The
/// model gets it with the authority of a tool's output, not of the user: what it says are not
/// instructions.
///
/// It is the whole input of a turn: there is no way to mix it with what the user says, and a
/// running turn cannot be steered with it. Given to a thread that is busy it joins the turn.
///
/// ```compile_fail
/// # async fn steer(turn: codex_client::TurnHandle) -> Result<(), codex_client::Error> {
/// turn.steer(codex_client::ExternalMessage::new("inbox", "stop!")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalMessage(pub(super) TurnToolOutput);

impl ExternalMessage {
    /// A message with the name of the tool it seems to come from; the name must not be empty.
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
