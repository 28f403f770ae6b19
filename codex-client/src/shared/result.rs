//! The result of a turn.
//!
//! Plain data; how it is collected from events is `result/collect.rs`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codex_types::{
    CodexErrorInfo, DecodeError, ThreadId, ThreadItem, ThreadTokenUsage, TokenUsageBreakdown,
    TurnError, TurnId, TurnStatus,
};
use serde_core::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::engine::one_line;
use crate::error::{Closed, Restarted};
use crate::shared::event::Event;

mod collect;
mod final_response;

pub(crate) use collect::{Ending, TurnCollector, growth, item_of, sum};
pub use final_response::final_response;

/// The result of a turn.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply, events::Usage};
/// # let harness = AppServerHarness::start()?;
/// # let reply = Reply::assistant("It never ended.").usage(Usage::new(120, 30));
/// # harness.responses().enqueue(reply);
/// # let thread = harness.codex().await?.thread_start().await?;
/// let result = thread.run("What was wrong?").await?;
/// println!("{}", result.final_response.as_deref().unwrap_or("(no answer)"));
/// if let Some(usage) = &result.usage {
///     println!("{} tokens", usage.total_tokens);
/// }
/// // For logs and browsers, with the names of the protocol.
/// let json = serde_json::to_value(&result)?;
/// assert_eq!(json["finalResponse"], "It never ended.");
/// # assert_eq!(result.final_response.as_deref(), Some("It never ended."));
/// # assert_eq!(result.usage.map(|usage| usage.total_tokens), Some(150));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TurnResult {
    /// The turn.
    pub id: TurnId,
    /// Its thread.
    pub thread_id: ThreadId,
    /// The final status. An interrupted turn is a result; a failed one is
    /// [`Error::TurnFailed`](crate::Error::TurnFailed), which contains the result.
    pub status: TurnStatus,
    /// The error, if it failed.
    pub error: Option<TurnError>,
    /// The time of its start, in seconds since the Unix epoch.
    pub started_at: Option<i64>,
    /// The time of its end, in seconds since the Unix epoch.
    pub completed_at: Option<i64>,
    /// Its duration, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The final answer, see [`final_response`].
    #[doc(alias("answer", "reply"))]
    pub final_response: Option<String>,
    /// All completed items of the turn, in order: the user's message, reasoning, commands, changes,
    /// answers. If a handle has joined a running turn, those completed since then.
    pub items: Vec<ThreadItem>,
    /// Number of the oldest items that are not in `items`, because the items exceeded the
    /// [`result_budget`](crate::ClientBuilder::result_budget).
    pub omitted_items: usize,
    /// Tokens that the turn has used: the sum over all requests to the model, its own and those of
    /// the sub-agents that it has called, and of their sub-agents. If a handle has joined a running
    /// turn, over those reported since then. `None` if the runtime reported nothing. Several turns
    /// add up with `+`.
    ///
    /// A sub-agent that outlives the turn is included as far as it was reported when this result was
    /// made; a later `snapshot` of the turn's handle has the rest.
    #[doc(alias("cost", "tokens"))]
    pub usage: Option<TokenUsageBreakdown>,
    /// The part of `usage` without sub-agents: the requests of the turn itself.
    #[doc(alias = "tokens")]
    pub own_usage: Option<TokenUsageBreakdown>,
    /// Tokens of the whole thread (`total`), of its last request to the model (`last`), and the
    /// size of the model's context window, as of the end of the turn.
    #[doc(alias("cost", "tokens"))]
    pub thread_usage: Option<ThreadTokenUsage>,
}

impl Serialize for TurnResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Without `..`: a new field is not forgotten.
        let Self {
            id,
            thread_id,
            status,
            error,
            started_at,
            completed_at,
            duration_ms,
            final_response,
            items,
            omitted_items,
            usage,
            own_usage,
            thread_usage,
        } = self;
        let mut result = serializer.serialize_struct("TurnResult", 13)?;
        result.serialize_field("id", id)?;
        result.serialize_field("threadId", thread_id)?;
        result.serialize_field("status", status)?;
        result.serialize_field("error", error)?;
        result.serialize_field("startedAt", started_at)?;
        result.serialize_field("completedAt", completed_at)?;
        result.serialize_field("durationMs", duration_ms)?;
        result.serialize_field("finalResponse", final_response)?;
        result.serialize_field("items", items)?;
        result.serialize_field("omittedItems", omitted_items)?;
        result.serialize_field("usage", usage)?;
        result.serialize_field("ownUsage", own_usage)?;
        result.serialize_field("threadUsage", thread_usage)?;
        result.end()
    }
}

/// A failed turn, with its result so far.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TurnFailed {
    /// The result so far.
    pub result: TurnResult,
    /// The error, if it failed.
    pub error: TurnError,
}

/// The beginning of the runtime's message about a broken stream of the model.
const STREAM_BROKE: &str = "stream disconnected before completion";

impl TurnFailed {
    /// Returns the kind of the failure, if the runtime reported it.
    pub fn info(&self) -> Option<&CodexErrorInfo> {
        self.error.codex_error_info.as_ref()
    }

    /// Returns whether the model's servers were overloaded, or the connection to them could not be
    /// made or broke, and only the user's message was completed: the turn can then be repeated
    /// safely.
    pub fn is_retryable(&self) -> bool {
        let is_transient = match self.info() {
            Some(
                CodexErrorInfo::ServerOverloaded
                | CodexErrorInfo::ResponseStreamConnectionFailed(_)
                | CodexErrorInfo::ResponseStreamDisconnected(_),
            ) => true,
            // The runtime has no kind for a stream that broke without a retry of its own.
            Some(CodexErrorInfo::Other) => self.error.message.starts_with(STREAM_BROKE),
            _ => false,
        };
        let mut items = self.result.items.iter();
        is_transient
            && self.result.omitted_items == 0
            && items.all(|item| matches!(item, ThreadItem::UserMessage(_)))
    }
}

impl fmt::Display for TurnFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, message) = (&self.result.id, &self.error.message);
        write!(
            formatter,
            "turn {} failed: {}",
            id.as_str(),
            one_line(message)
        )?;
        match &self.error.additional_details {
            Some(details) if details != message => write!(formatter, " ({})", one_line(details)),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for TurnFailed {}

/// A turn that exceeded one of its limits, with its result so far. It was interrupted.
#[doc(alias = "timeout")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TurnTimedOut {
    /// The result so far. Its status is `in progress` if its end was not received.
    pub result: TurnResult,
    /// The exceeded limit.
    pub limit: TurnLimit,
    /// Its length.
    pub after: Duration,
}

/// A time limit of a turn.
#[doc(alias = "timeout")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TurnLimit {
    /// The deadline: the time from the start of the turn to its end.
    Deadline,
    /// The idle limit: the time without any event of the turn.
    Idle,
}

impl fmt::Display for TurnTimedOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, after) = (self.result.id.as_str(), self.after);
        match self.limit {
            TurnLimit::Deadline => write!(
                formatter,
                "turn {id}: not completed within {after:?}, and interrupted"
            ),
            TurnLimit::Idle => write!(
                formatter,
                "turn {id}: no event for {after:?}, and interrupted: without network the runtime \
                 waits forever"
            ),
        }
    }
}

impl std::error::Error for TurnTimedOut {}

/// A turn whose connection was closed before it completed, with its result so far.
#[derive(Clone)]
#[non_exhaustive]
pub struct TurnDisconnected {
    /// The result so far. Its status is `in progress`: its end was not received.
    pub result: TurnResult,
    /// The reason of the close.
    pub closed: Arc<Closed>,
    /// The restart after it, if the connection was restored: the turn did not complete, and another
    /// one can be started on the thread if that was resumed.
    pub restart: Option<Arc<Restarted>>,
}

impl fmt::Debug for TurnDisconnected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TurnDisconnected")
            .field("turn", &self.result.id)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TurnDisconnected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.result.id.as_str();
        match &self.restart {
            Some(_) => write!(
                formatter,
                "turn {id}: not completed: the server was lost, and is connected again: {}",
                self.closed.explanation()
            ),
            None => write!(formatter, "turn {id}: not completed: {}", self.closed),
        }
    }
}

impl std::error::Error for TurnDisconnected {}

/// A turn that completed, but whose `turn/completed` is damaged. It did not necessarily succeed.
/// The turn is over, and the connection continues. For a goal, the damaged notification may be its
/// own (`thread/goal/updated`).
#[derive(Clone)]
#[non_exhaustive]
pub struct TurnUnreadable {
    /// The result so far. Its status is meaningless.
    pub result: TurnResult,
    event: Event,
}

impl TurnUnreadable {
    pub(crate) fn new(result: TurnResult, event: Event) -> Self {
        Self { result, event }
    }

    /// Returns the path and the problem in the message.
    pub fn decode_error(&self) -> Option<&DecodeError> {
        self.event.decode_error()
    }

    /// Returns the raw message that ended the turn, JSON.
    pub fn raw(&self) -> &str {
        self.event.raw()
    }
}

impl fmt::Debug for TurnUnreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TurnUnreadable")
            .field("turn", &self.result.id)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TurnUnreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.result.id.as_str();
        let method = self.event.method();
        match method {
            "turn/completed" => write!(formatter, "turn {id}: completed, but ")?,
            _ => write!(formatter, "turn {id}: ")?,
        }
        write!(formatter, "`{method}` could not be decoded")?;
        match self.decode_error() {
            Some(error) => write!(formatter, ": {error}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TurnUnreadable {}
