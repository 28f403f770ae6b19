//! The reason of a closed connection.

use std::fmt;
use std::process::ExitStatus;

/// The reason and the exit status of a closed connection. `Display` is one line; the stderr of the
/// process is in [`Closed::stderr_tail`], and in neither `Display` nor `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Closed {
    pub(crate) reason: CloseReason,
    pub(crate) exit_status: Option<ExitStatus>,
    pub(crate) stderr_tail: String,
}

/// The cause of a close.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The client, on request.
    ByClient,
    /// The client, because all of its handles were dropped.
    Dropped,
    /// The server: it ended its output.
    ByServer,
    /// A failure of the transport, with its description.
    Transport(String),
    /// The server: it closed the websocket with a code, such as 1008 (a policy, a token that has
    /// expired), 1009 (a message was too long) or 1013 (try again later).
    WebSocket {
        /// The code.
        code: u16,
        /// The reason from the server; may be empty.
        reason: String,
    },
    /// The supervisor gave up: the server was restarted too often. The exit status and the stderr
    /// are those of the last process.
    #[doc(alias("restart", "supervise"))]
    CrashLoop {
        /// Number of restarts within the period of the policy.
        restarts: u32,
        /// The reason why the last connection ended, or was not established.
        last: String,
    },
}

impl Closed {
    pub(crate) fn new(reason: CloseReason) -> Self {
        Self {
            reason,
            exit_status: None,
            stderr_tail: String::new(),
        }
    }

    /// Returns the cause of the close.
    pub fn reason(&self) -> &CloseReason {
        &self.reason
    }

    /// Returns the exit status of the runtime's process, if known.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        self.exit_status
    }

    /// The tail of the process's stderr, at most 16 KiB, without escape sequences; empty without a
    /// process. It may contain secrets.
    pub fn stderr_tail(&self) -> &str {
        &self.stderr_tail
    }
}

/// The reason without the statement that the connection is closed.
pub(crate) struct Explanation<'a>(&'a Closed);

impl Closed {
    pub(crate) fn explanation(&self) -> Explanation<'_> {
        Explanation(self)
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the connection is closed: {}",
            self.explanation()
        )
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(closed) = self;
        match &closed.reason {
            CloseReason::ByClient => formatter.write_str("by this client")?,
            CloseReason::Dropped => formatter.write_str("all client handles were dropped")?,
            CloseReason::ByServer => formatter.write_str("the server ended its output")?,
            CloseReason::Transport(problem) => formatter.write_str(&one_line(problem))?,
            CloseReason::WebSocket { code, reason } => {
                let reason = one_line(reason);
                let space = if reason.is_empty() { "" } else { " " };
                write!(
                    formatter,
                    "the server closed the websocket: {code}{space}{reason}"
                )?;
            }
            CloseReason::CrashLoop { restarts, last } => {
                let last = one_line(last);
                write!(formatter, "given up after {restarts} restarts: {last}")?;
            }
        }
        match closed.exit_status {
            Some(status) => write!(formatter, " ({status})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Closed")
            .field("reason", &self.reason)
            .field("exit_status", &self.exit_status)
            .field(
                "stderr_tail",
                &format_args!("{} bytes", self.stderr_tail.len()),
            )
            .finish()
    }
}

impl std::error::Error for Closed {}

/// A text without line ends and other control characters.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{CloseReason, Closed, one_line};

    #[test]
    fn message_is_one_line_without_stderr() {
        let mut closed = Closed::new(CloseReason::WebSocket {
            code: 1008,
            reason: "token\r\n\u{1b}expired".to_owned(),
        });
        closed.stderr_tail = "a\nsecret".to_owned();
        assert_eq!(
            closed.to_string(),
            "the connection is closed: the server closed the websocket: 1008 token expired"
        );
        assert!(!format!("{closed:?}").contains("secret"));
        assert_eq!(one_line("Usage:\n\tx [y]\r\n"), "Usage: x [y]");
    }
}
