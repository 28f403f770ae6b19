//! The texts of errors, each in one line, and their sources. A cause is in the text or is the source,
//! never both: an error whose text is that of another one has the source of that one.

use std::error::Error as StdError;
use std::fmt;

use codex_runtime::VersionMismatch;

use super::{DecodeResponseError, Error, MalformedMessage};

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runtime(error) => error.fmt(formatter),
            Self::Start { program, error } => {
                write!(formatter, "could not start {}: {error}", program.display())
            }
            Self::Connect { endpoint, problem } => {
                write!(formatter, "could not connect to {endpoint}: {problem}")
            }
            Self::Handshake(error) => error.fmt(formatter),
            Self::Closed(error) => error.fmt(formatter),
            Self::ConnectionLost { method, closed } => write!(
                formatter,
                "{method}: the server was lost before its response, and is being \
                 restarted; the request may have been carried out: {}",
                closed.explanation()
            ),
            Self::Restarted(error) => error.fmt(formatter),
            Self::Protocol(error) => error.fmt(formatter),
            Self::Server(error) => error.fmt(formatter),
            Self::Decode(error) => error.fmt(formatter),
            Self::MalformedElement(error) => error.fmt(formatter),
            Self::Encode { method, problem } => write!(
                formatter,
                "{method}: the parameters cannot be written as JSON: {problem}"
            ),
            Self::Timeout { method, after } => {
                write!(formatter, "{method}: no response within {after:?}")
            }
            Self::Cancelled { method } => write!(formatter, "{method}: cancelled by the caller"),
            Self::ExperimentalRequired { method } => write!(
                formatter,
                "{method} is experimental: allow it with `experimental_api(true)` when \
                 building the client"
            ),
            Self::Unsupported {
                what,
                since,
                server,
            } => write!(
                formatter,
                "{what} needs runtime {since} or newer, the server is {server}; nothing \
                 was sent (`send_unsupported(true)` sends it nevertheless)"
            ),
            Self::InvalidArgument { method, problem } => {
                write!(formatter, "{method}: {problem}; nothing was sent")
            }
            Self::OutboxFull { method, waiting } => write!(
                formatter,
                "{method}: {waiting} bytes are already queued for a server that does not \
                 read; nothing was sent"
            ),
            Self::ApprovalResolved { method } => write!(
                formatter,
                "{method}: no decision is needed any more; nothing was sent"
            ),
            Self::ThreadBusy { thread_id } => write!(
                formatter,
                "thread {thread_id}: a turn is running: wait for its end, or interrupt \
                 it, before starting a goal"
            ),
            Self::TurnFailed(error) => error.fmt(formatter),
            Self::TurnTimedOut(error) => error.fmt(formatter),
            Self::TurnDisconnected(error) => error.fmt(formatter),
            Self::TurnUnreadable(error) => error.fmt(formatter),
            Self::TurnIncomplete { turn_id } => write!(
                formatter,
                "turn {turn_id}: its events ended without `turn/completed`"
            ),
            Self::Output(error) => error.fmt(formatter),
            Self::LoginFailed { message } => write!(
                formatter,
                "the login failed: {}",
                crate::engine::one_line(message)
            ),
            Self::Lagged { missed } => write!(
                formatter,
                "{missed} events were dropped because they were not read in time: read \
                 faster, or raise the event budget"
            ),
            Self::Overrun => formatter.write_str(
                "the subscription ended because it was not read: its lifecycle events \
                 exceeded their budget",
            ),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Runtime(error) => error.source(),
            Self::Handshake(error) => error.source(),
            Self::Closed(error) => error.source(),
            Self::Restarted(error) => error.source(),
            Self::Protocol(error) => error.source(),
            Self::Server(error) => error.source(),
            Self::Decode(error) => error.source(),
            Self::MalformedElement(error) => error.source(),
            Self::TurnFailed(error) => error.source(),
            Self::TurnTimedOut(error) => error.source(),
            Self::TurnDisconnected(error) => error.source(),
            Self::TurnUnreadable(error) => error.source(),
            Self::Output(error) => error.source(),
            _ => None,
        }
    }
}

/// Human-readable, for `main` and `unwrap`: the message, then each cause on a line of its own.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)?;
        let mut cause = StdError::source(self);
        while let Some(error) = cause {
            write!(formatter, "\n  caused by: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Display for DecodeResponseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, error, .. } = self;
        let note = note(self.mismatch.as_ref());
        write!(formatter, "{method}: malformed response: {error}{note}")
    }
}

impl StdError for DecodeResponseError {}

/// The version mismatch of the server, if it may be the cause.
pub(super) fn note(mismatch: Option<&VersionMismatch>) -> String {
    mismatch.map_or_else(String::new, |mismatch| format!("; {mismatch}"))
}

impl fmt::Display for MalformedMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = self.problem();
        write!(formatter, "malformed message from the server: {problem}")
    }
}

impl StdError for MalformedMessage {}

#[cfg(test)]
mod tests {
    use std::error::Error as StdError;

    use super::Error;
    use crate::IsolatedHome;
    use crate::runtime::Environment;
    use crate::transport::recording::Recording;

    #[test]
    fn cause_is_the_source_and_not_in_the_text() {
        let home = IsolatedHome::new().inside("Cargo.toml/home");
        let of_runtime = home.create(&Environment::empty()).unwrap_err();
        let text = of_runtime.to_string();
        let of_runtime = Error::from(of_runtime);
        assert_eq!(of_runtime.to_string(), text);
        let missing = Recording::open("Cargo.toml/none").unwrap_err();
        let damaged = Recording::read(&b"{}"[..]).unwrap_err();
        let errors: [&dyn StdError; 3] = [&of_runtime, &missing, &damaged];
        for error in errors {
            let cause = error.source().unwrap().to_string();
            assert!(!error.to_string().contains(&cause), "{error}: {cause}");
        }
        assert!(format!("{of_runtime:?}").starts_with(&format!("{text}\n  caused by: ")));
    }
}
