//! What can go wrong between a program and the runtime, in one enum.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::VersionMismatch;
use codex_types::DecodeError;

use crate::secret::Secret;
use crate::shared::output_error::OutputError;
use crate::shared::result::{TurnDisconnected, TurnFailed, TurnTimedOut, TurnUnreadable};

mod handshake;
mod server;

pub use crate::engine::{CloseReason, Closed};
pub use handshake::HandshakeError;
pub use server::{ServerError, ServerErrorKind};

/// What went wrong. Cheap to clone, so that one cause can fail many waiters.
///
/// Messages name methods and ids, never payload text: that is behind accessors.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The runtime could not be found, or is not the one that was asked for.
    #[error(transparent)]
    Runtime(Arc<codex_runtime::Error>),

    /// The runtime was found and could not be started.
    #[error("could not start {program}: {source}")]
    Start {
        /// The program that was to be started.
        program: PathBuf,
        /// Why it could not be.
        source: Arc<std::io::Error>,
    },

    /// No connection to a running server could be made.
    #[error("could not connect to {endpoint}: {problem}")]
    Connect {
        /// Where the server was expected; never with its credentials.
        endpoint: String,
        /// Why there is no connection.
        problem: String,
    },

    /// A server was there and could not be initialized: it did not answer in time, closed the
    /// connection, or speaks something else. Has what it wrote instead.
    #[error(transparent)]
    Handshake(Box<HandshakeError>),

    /// The connection is closed and stays closed.
    #[error(transparent)]
    Closed(Arc<Closed>),

    /// The server sent something that is no message.
    #[error(transparent)]
    Protocol(MalformedMessage),

    /// The server refused a request.
    #[error(transparent)]
    Server(Box<ServerError>),

    /// An answer does not have the shape its method demands.
    #[error(transparent)]
    Decode(Box<DecodeResponseError>),

    /// A request could not be written down.
    #[error("{method}: the parameters cannot be written as JSON: {problem}")]
    Encode {
        /// The method of the request.
        method: String,
        /// Why not.
        problem: DecodeError,
    },

    /// A request was not answered in time. It may still be carried out.
    #[error("{method}: not answered within {after:?}")]
    Timeout {
        /// The method of the request.
        method: String,
        /// How long the caller was willing to wait.
        after: Duration,
    },

    /// A request was cancelled by its caller. It may still be carried out.
    #[error("{method}: cancelled by the caller")]
    Cancelled {
        /// The method of the request.
        method: String,
    },

    /// A method of the experimental API, which this client did not ask for when it connected.
    #[error(
        "{method} is experimental: allow it with `experimental_api(true)` when building the client"
    )]
    ExperimentalRequired {
        /// The method of the request.
        method: String,
    },

    /// A method or a parameter that is newer than the connected server, or experimental there while
    /// this client does not use the experimental API. Nothing was sent.
    #[error(
        "{what} needs runtime {since} or newer, the server is {server}; nothing was sent \
         (`send_unsupported(true)` sends it all the same)"
    )]
    Unsupported {
        /// The method, or the method and the path of a parameter (`thread/list.projectId`).
        what: String,
        /// The first runtime that knows it.
        since: String,
        /// The version of the server.
        server: semver::Version,
    },

    /// An argument that cannot be sent. Nothing was sent.
    #[error("{method}: {problem}; nothing was sent")]
    InvalidArgument {
        /// The method of the request.
        method: String,
        /// What is wrong with it.
        problem: String,
    },

    /// A goal was to be started on a thread on which a turn is running that is not of a goal. Nothing
    /// was started.
    #[error(
        "thread {thread_id}: a turn is running: wait for its end, or interrupt it, before starting a goal"
    )]
    ThreadBusy {
        /// The thread.
        thread_id: codex_types::ThreadId,
    },

    /// A turn ended as failed. Has everything in it that the turn had produced.
    #[error(transparent)]
    TurnFailed(Box<TurnFailed>),

    /// A turn took longer than its deadline allowed, and was interrupted. Has everything in it
    /// that the turn had produced.
    #[error(transparent)]
    TurnTimedOut(Box<TurnTimedOut>),

    /// The connection was closed before a turn ended. Has everything in it that the turn had
    /// produced. [`Error::is_closed`] holds.
    #[error(transparent)]
    TurnDisconnected(Box<TurnDisconnected>),

    /// A turn has ended in a way that could not be read. Has everything in it that the turn had
    /// produced, and the message.
    #[error(transparent)]
    TurnUnreadable(Box<TurnUnreadable>),

    /// The events of a turn ended, and the one that ends the turn was not among them.
    #[error("turn {turn_id}: its events ended without `turn/completed`")]
    TurnIncomplete {
        /// The turn.
        turn_id: codex_types::TurnId,
    },

    /// The answer of a turn cannot be read as the type it was asked to be.
    #[error(transparent)]
    Output(Box<OutputError>),

    /// A login failed or was given up.
    #[error("the login failed: {message}")]
    LoginFailed {
        /// What the runtime says.
        message: String,
    },

    /// This subscriber did not keep up. The subscription goes on after the gap; lifecycle
    /// events (started, completed, errors) are never among the missed ones.
    #[error(
        "{missed} events were dropped because they were not read in time: read faster, or raise the event budget"
    )]
    Lagged {
        /// How many events are missing.
        missed: u64,
    },

    /// This subscriber kept nothing but lifecycle events waiting until even they used up
    /// their budget. The subscription has ended.
    #[error(
        "the subscription ended because nobody read it: its lifecycle events used up their budget"
    )]
    Overrun,
}

impl Error {
    /// Whether the same request may succeed if it is sent again a little later, without any
    /// risk that it is carried out twice: the server was overloaded and did nothing.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::TurnFailed(failed) => failed.is_retryable(),
            _ => self.server().is_some_and(ServerError::is_overloaded),
        }
    }

    /// Whether the connection is closed: nothing will work any more on this client.
    pub fn is_closed(&self) -> bool {
        self.closed().is_some()
    }

    /// Whether a method, field or value was refused because it is experimental.
    pub fn is_experimental_required(&self) -> bool {
        matches!(self, Self::ExperimentalRequired { .. })
            || self.server().is_some_and(|error| {
                matches!(error.kind(), ServerErrorKind::ExperimentalRequired { .. })
            })
    }

    /// Whether nothing comes after this in a stream of events.
    pub(crate) fn ends_events(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Overrun)
    }

    /// Adds the server's version where it may be the cause: to what cannot be read, and to what
    /// the server does not understand.
    pub(crate) fn with_mismatch(mut self, mismatch: Option<VersionMismatch>) -> Self {
        match &mut self {
            Self::Decode(error) => error.mismatch = mismatch,
            Self::Server(error) => error.set_mismatch(mismatch),
            _ => {}
        }
        self
    }

    /// The server's refusal, if this is one.
    pub fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Server(error) => Some(error),
            _ => None,
        }
    }

    /// How and why the connection was closed, if this tells of it.
    pub fn closed(&self) -> Option<&Closed> {
        match self {
            Self::Closed(closed) => Some(closed),
            Self::Handshake(failed) => failed.cause.closed(),
            Self::TurnDisconnected(turn) => Some(&turn.closed),
            _ => None,
        }
    }
}

/// For people: what `main` prints when it returns this error, and `unwrap` when it panics. The
/// message, then each cause on a line of its own.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(formatter, "\n  caused by: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl From<codex_runtime::Error> for Error {
    fn from(error: codex_runtime::Error) -> Self {
        Self::Runtime(Arc::new(error))
    }
}

impl From<Arc<Closed>> for Error {
    fn from(closed: Arc<Closed>) -> Self {
        Self::Closed(closed)
    }
}

/// Lets a handler of server requests use `?` on what it asks the client.
impl From<Error> for codex_types::rpc::ErrorObject {
    fn from(error: Error) -> Self {
        const INTERNAL: i64 = -32603;
        Self::new(INTERNAL, error.to_string())
    }
}

/// An answer that does not have the shape its method demands.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{method}: the answer cannot be read: {error}{}", note(.mismatch.as_ref()))]
pub struct DecodeResponseError {
    pub(crate) method: String,
    pub(crate) error: DecodeError,
    pub(crate) raw: Secret<Box<str>>,
    pub(crate) mismatch: Option<VersionMismatch>,
}

/// Another version of the server, where it may be the cause.
fn note(mismatch: Option<&VersionMismatch>) -> String {
    mismatch.map_or_else(String::new, |mismatch| format!("; {mismatch}"))
}

impl DecodeResponseError {
    /// The server's version, if it is not the one this client was built for.
    pub fn version_mismatch(&self) -> Option<&VersionMismatch> {
        self.mismatch.as_ref()
    }

    /// The method of the request.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where in the answer the fault is, and what it is.
    pub fn decode_error(&self) -> &DecodeError {
        &self.error
    }

    /// The answer as it came, JSON.
    pub fn raw(&self) -> &str {
        &self.raw.0
    }
}

/// A message that could not be read at all: no JSON, no text, or no message of the protocol.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the server sent something that is no message: {}", .0.problem)]
pub struct MalformedMessage(Arc<MalformedParts>);

#[derive(Debug)]
struct MalformedParts {
    problem: String,
    excerpt: Secret<Box<[u8]>>,
    length: usize,
}

/// How many bytes of an unreadable message are kept.
const EXCERPT: usize = 512;

impl MalformedMessage {
    pub(crate) fn new(problem: impl Into<String>, message: &[u8]) -> Self {
        Self(Arc::new(MalformedParts {
            problem: problem.into(),
            excerpt: Secret(message[..message.len().min(EXCERPT)].into()),
            length: message.len(),
        }))
    }

    /// What is wrong with it.
    pub fn problem(&self) -> &str {
        &self.0.problem
    }

    /// Its first bytes, 512 at most.
    pub fn excerpt(&self) -> &[u8] {
        &self.0.excerpt.0
    }

    /// How long it was, in bytes.
    pub fn length(&self) -> usize {
        self.0.length
    }
}
