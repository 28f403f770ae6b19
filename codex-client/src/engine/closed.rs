//! Why a connection is closed.

use std::fmt;
use std::process::ExitStatus;

/// How and why a connection was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    pub(crate) reason: CloseReason,
    pub(crate) exit_status: Option<ExitStatus>,
    pub(crate) stderr_tail: String,
}

/// Who or what closed a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The client, on request.
    ByClient,
    /// The client, because nobody held it any more.
    Dropped,
    /// The server: it ended its output.
    ByServer,
    /// A failure of the transport, with its description.
    Transport(String),
}

impl Closed {
    pub(crate) fn new(reason: CloseReason) -> Self {
        Self {
            reason,
            exit_status: None,
            stderr_tail: String::new(),
        }
    }

    /// Who or what closed the connection.
    pub fn reason(&self) -> &CloseReason {
        &self.reason
    }

    /// How the process of the runtime ended, if it is known.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        self.exit_status
    }

    /// The last lines the process wrote to its error output; empty without a process.
    pub fn stderr_tail(&self) -> &str {
        &self.stderr_tail
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the connection is closed: ")?;
        match &self.reason {
            CloseReason::ByClient => formatter.write_str("by this client")?,
            CloseReason::Dropped => formatter.write_str("nobody held the client any more")?,
            CloseReason::ByServer => formatter.write_str("the server ended its output")?,
            CloseReason::Transport(problem) => formatter.write_str(problem)?,
        }
        if let Some(status) = self.exit_status {
            write!(formatter, " ({status})")?;
        }
        if !self.stderr_tail.is_empty() {
            write!(formatter, "; its last words:\n{}", self.stderr_tail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Closed {}
