//! The record of a decision about an approval: who decided what, and why.
//!
//! Plain data, independent of who keeps it.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use codex_types::RequestId;

use super::{ApprovalRequest, Decision, PolicyDecision};
use crate::engine::Response;

/// The record of one approval, from [`Codex::approval_records`](crate::Codex::approval_records): each
/// request for an approval leaves exactly one, when it needs no response any more.
#[derive(Clone)]
#[non_exhaustive]
pub struct ApprovalRecord {
    /// The server's id of the request.
    pub request_id: RequestId,
    /// The method of the request.
    pub method: Arc<str>,
    /// Who decided.
    pub decided_by: DecidedBy,
    /// The decision, as far as the protocol has a form for it in this request (see [`Decision`]).
    /// `None` if no response was sent, and for one that is unknown to this version.
    pub decision: Option<Decision>,
    /// The reason: the name of the policy's rule, the message of the handler's error, or the cause of
    /// a decision that no one made.
    pub reason: Option<Arc<str>>,
    /// The time of the decision.
    pub time: SystemTime,
    pub(crate) request: Option<ApprovalRequest>,
    pub(crate) response: Option<Arc<str>>,
}

/// Who decided about an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecidedBy {
    /// A rule of a policy: that of the turn, or that of the connection.
    Policy,
    /// The handler of the connection, with a decision or an error.
    Handler,
    /// The reader of the turn's stream, through the [`Approval`](crate::Approval).
    Stream,
    /// No one, so that it was declined: there is no handler for it, the handler panicked, the approval
    /// in the stream was dropped, or the request was malformed.
    Default,
    /// A limit, so that it was declined: the time limit of handlers, or that of open requests.
    Limit,
    /// Another client, or the end of the turn: this client has sent no response.
    Elsewhere,
    /// No one, because the connection was closed or its link was lost: no response was sent.
    Shutdown,
}

impl DecidedBy {
    /// The name for logs, such as `policy`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Handler => "handler",
            Self::Stream => "stream",
            Self::Default => "default",
            Self::Limit => "limit",
            Self::Elsewhere => "elsewhere",
            Self::Shutdown => "shutdown",
        }
    }
}

impl fmt::Display for DecidedBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl ApprovalRecord {
    /// Returns the request, with its subject, thread, turn and item. `None` if it was malformed.
    pub fn request(&self) -> Option<&ApprovalRequest> {
        self.request.as_ref()
    }

    /// Returns the result that was sent, as JSON in the form of the protocol, such as the permissions
    /// that were granted. `None` for an error response, and if no response was sent.
    pub fn response(&self) -> Option<&str> {
        self.response.as_deref()
    }
}

/// Prints no contents of the request and the response: a command may contain secrets.
impl fmt::Debug for ApprovalRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApprovalRecord")
            .field("request_id", &self.request_id)
            .field("method", &self.method)
            .field("decided_by", &self.decided_by)
            .field("decision", &self.decision)
            .field("reason", &self.reason)
            .field("time", &self.time)
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

/// The origin of a response: who decided, and why.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) by: DecidedBy,
    pub(crate) reason: Option<Arc<str>>,
}

impl Origin {
    pub(crate) fn new(by: DecidedBy, reason: &str) -> Self {
        Self {
            by,
            reason: Some(reason.into()),
        }
    }

    /// The reader of the turn's stream.
    pub(crate) fn stream() -> Self {
        Self {
            by: DecidedBy::Stream,
            reason: None,
        }
    }

    /// A handler, with the reason if it failed.
    pub(crate) fn handler(response: &Response) -> Self {
        Self {
            by: DecidedBy::Handler,
            reason: response
                .as_ref()
                .err()
                .map(|error| error.message.as_str().into()),
        }
    }
}

impl From<&PolicyDecision> for Origin {
    fn from(decided: &PolicyDecision) -> Self {
        Self {
            by: DecidedBy::Policy,
            reason: Some(Arc::clone(&decided.rule)),
        }
    }
}
