//! The errors between a program and the runtime, in one enum.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::VersionMismatch;
use codex_types::DecodeError;

use crate::secret::Secret;
use crate::shared::output_error::OutputError;
use crate::shared::result::{TurnDisconnected, TurnFailed, TurnTimedOut, TurnUnreadable};

pub(crate) mod causes;
mod display;
mod handshake;
mod restarted;
mod server;

pub use crate::engine::{CloseReason, Closed};
pub use handshake::HandshakeError;
pub use restarted::{InterruptedTurn, LostThread, Restarted};
pub use server::{ServerError, ServerErrorKind};

/// An error of the client. Cheap to clone, so that one cause can fail many waiters.
///
/// Messages contain methods and ids, never payload text, which is available from accessors.
#[derive(Clone)]
#[non_exhaustive]
pub enum Error {
    /// The runtime could not be found, or is not the requested one.
    Runtime(Arc<codex_runtime::Error>),

    /// The runtime was found and could not be started.
    Start {
        /// The program.
        program: PathBuf,
        /// The reason.
        error: Arc<std::io::Error>,
    },

    /// No connection to a running server could be made.
    Connect {
        /// The address of the server; never with its credentials.
        endpoint: String,
        /// The reason.
        problem: String,
    },

    /// The server could not be initialized: it did not respond in time, closed the connection, or
    /// uses another protocol. Contains its output.
    Handshake(Box<HandshakeError>),

    /// The connection is closed permanently.
    Closed(Arc<Closed>),

    /// The connection to the server was lost while a request was in flight, or before a
    /// notification was sent, and is being restored. The request may have been carried out or not;
    /// it is never sent again by the client. Only with
    /// [`supervise`](crate::Builder::supervise); [`Error::is_closed`] is false.
    ConnectionLost {
        /// The method of the request.
        method: String,
        /// The reason of the loss.
        closed: Arc<Closed>,
    },

    /// The server was lost and is connected again: this item of a stream of events stands where
    /// events may be missing. A stream of a turn that did not complete ends after it, any other one
    /// continues. Only with [`supervise`](crate::Builder::supervise).
    Restarted(Arc<Restarted>),

    /// A malformed message from the server.
    Protocol(MalformedMessage),

    /// An error response to a request.
    Server(Box<ServerError>),

    /// A response does not have the type of its method.
    Decode(Box<DecodeResponseError>),

    /// An entry of a list in pages is malformed; the list continues behind it.
    MalformedElement(Box<codex_types::MalformedElement>),

    /// A request could not be encoded.
    Encode {
        /// The method of the request.
        method: String,
        /// The reason.
        problem: DecodeError,
    },

    /// The deadline of a request has passed. It may still be carried out.
    Timeout {
        /// The method of the request.
        method: String,
        /// The deadline.
        after: Duration,
    },

    /// A request was cancelled by its caller. It may still be carried out.
    Cancelled {
        /// The method of the request.
        method: String,
    },

    /// A method of the experimental API, which this client did not request when it connected.
    ExperimentalRequired {
        /// The method of the request.
        method: String,
    },

    /// A method or a parameter that is newer than the connected server, or experimental there while
    /// this client does not use the experimental API. Nothing was sent.
    Unsupported {
        /// The method, or the method and the path of a parameter (`thread/list.projectId`).
        what: String,
        /// The first runtime that supports it.
        since: String,
        /// The version of the server.
        server: semver::Version,
    },

    /// An argument that cannot be sent. Nothing was sent.
    InvalidArgument {
        /// The method of the request.
        method: String,
        /// The problem.
        problem: String,
    },

    /// A notification was not sent because too much is queued for a server that does not read.
    OutboxFull {
        /// The method of the notification.
        method: String,
        /// The maximum number of queued bytes.
        waiting: usize,
    },

    /// A decision came too late: the request was resolved elsewhere, its turn has ended, or its time
    /// limit has passed. Nothing was sent.
    ApprovalResolved {
        /// The method of the request.
        method: String,
    },

    /// A goal cannot be started on a thread with a running turn that belongs to no goal. Nothing
    /// was started.
    ThreadBusy {
        /// The thread.
        thread_id: codex_types::ThreadId,
    },

    /// A turn failed. Contains its result so far.
    TurnFailed(Box<TurnFailed>),

    /// A turn exceeded its deadline or idle limit, and was interrupted. Contains its result so far.
    TurnTimedOut(Box<TurnTimedOut>),

    /// The connection was lost before a turn completed. Contains its result so far.
    /// [`Error::is_closed`] is true, unless the connection was restored.
    TurnDisconnected(Box<TurnDisconnected>),

    /// A turn completed, but `turn/completed` could not be decoded. Contains its result so far, and
    /// the message.
    TurnUnreadable(Box<TurnUnreadable>),

    /// The events of a turn ended without `turn/completed`.
    TurnIncomplete {
        /// The turn.
        turn_id: codex_types::TurnId,
    },

    /// The final answer of a turn does not match the requested type.
    Output(Box<OutputError>),

    /// A login failed or was canceled.
    LoginFailed {
        /// The message of the runtime.
        message: String,
    },

    /// This subscriber lagged behind. The subscription continues after the gap; lifecycle events
    /// (started, completed, errors) are never dropped.
    Lagged {
        /// Number of dropped events.
        missed: u64,
    },

    /// The unread lifecycle events of this subscriber exceeded their budget. The subscription has
    /// ended.
    Overrun,
}

impl Error {
    /// Returns whether the same request can be retried later, without any risk that it is carried
    /// out twice: the server was overloaded and did nothing.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::TurnFailed(failed) => failed.is_retryable(),
            _ => self.server().is_some_and(ServerError::is_overloaded),
        }
    }

    /// Returns whether the connection is closed: all further operations of this client will fail.
    pub fn is_closed(&self) -> bool {
        self.closed().is_some()
    }

    /// Returns whether a method, field or value was rejected because it is experimental.
    pub fn is_experimental_required(&self) -> bool {
        matches!(self, Self::ExperimentalRequired { .. })
            || self.server().is_some_and(|error| {
                matches!(error.kind(), ServerErrorKind::ExperimentalRequired { .. })
            })
    }

    /// Returns whether a stream of events ends with this error.
    pub(crate) fn ends_events(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Overrun)
    }

    /// Adds the server's version if it may be the cause: to responses that cannot be decoded, and
    /// to requests that the server rejects as unknown.
    pub(crate) fn with_mismatch(mut self, mismatch: Option<VersionMismatch>) -> Self {
        match &mut self {
            Self::Decode(error) => error.mismatch = mismatch,
            Self::Server(error) => error.set_mismatch(mismatch),
            _ => {}
        }
        self
    }

    /// Returns the error response, if this is one.
    pub fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Server(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the reason of a closed connection, if this error contains it.
    pub fn closed(&self) -> Option<&Closed> {
        match self {
            Self::Closed(closed) => Some(closed),
            Self::Handshake(failed) => failed.cause.closed(),
            Self::TurnDisconnected(turn) if turn.restart.is_none() => Some(&turn.closed),
            _ => None,
        }
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

/// A response that does not have the type of its method.
#[derive(Clone, Debug)]
pub struct DecodeResponseError {
    pub(crate) method: String,
    pub(crate) error: DecodeError,
    pub(crate) raw: Secret<Box<str>>,
    pub(crate) mismatch: Option<VersionMismatch>,
}

impl DecodeResponseError {
    /// The version mismatch, if the server is not the one this client was built for.
    pub fn version_mismatch(&self) -> Option<&VersionMismatch> {
        self.mismatch.as_ref()
    }

    /// The method of the request.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path and the problem in the response.
    pub fn decode_error(&self) -> &DecodeError {
        &self.error
    }

    /// Returns the raw response, JSON.
    pub fn raw(&self) -> &str {
        &self.raw.0
    }
}

/// A malformed message: no JSON, no text, or no message of the protocol.
#[derive(Clone, Debug)]
pub struct MalformedMessage(Arc<MalformedParts>);

#[derive(Debug)]
struct MalformedParts {
    problem: String,
    excerpt: Secret<Box<[u8]>>,
    length: usize,
}

/// Maximum size of the kept excerpt of a malformed message.
const EXCERPT: usize = 512;

impl MalformedMessage {
    pub(crate) fn new(problem: impl Into<String>, message: &[u8]) -> Self {
        Self(Arc::new(MalformedParts {
            problem: problem.into(),
            excerpt: Secret(message[..message.len().min(EXCERPT)].into()),
            length: message.len(),
        }))
    }

    /// The problem.
    pub fn problem(&self) -> &str {
        &self.0.problem
    }

    /// Returns its first bytes, at most 512.
    pub fn excerpt(&self) -> &[u8] {
        &self.0.excerpt.0
    }

    /// Returns its length in bytes.
    pub fn length(&self) -> usize {
        self.0.length
    }
}
