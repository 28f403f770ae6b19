//! What comes of a turn.
//!
//! Plain data; how it is collected from events is `result/collect.rs`.

use std::fmt;
use std::time::Duration;

use codex_types::{
    CodexErrorInfo, DecodeError, ThreadId, ThreadItem, ThreadTokenUsage, TurnError, TurnId,
    TurnStatus,
};

use crate::shared::event::Event;

mod answer;
mod collect;

pub use answer::final_response;
pub(crate) use collect::TurnCollector;

/// What a turn has produced.
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
///     println!("{} tokens", usage.last.total_tokens);
/// }
/// # assert_eq!(result.final_response.as_deref(), Some("It never ended."));
/// # assert_eq!(result.usage.map(|usage| usage.last.total_tokens), Some(150));
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
    /// How it ended. An interrupted turn is a result; a failed one is
    /// [`Error::TurnFailed`](crate::Error::TurnFailed), which has the result in it.
    pub status: TurnStatus,
    /// Why it failed.
    pub error: Option<TurnError>,
    /// When it began, in seconds since the Unix epoch.
    pub started_at: Option<i64>,
    /// When it ended, in seconds since the Unix epoch.
    pub completed_at: Option<i64>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The answer, see [`final_response`].
    pub final_response: Option<String>,
    /// Everything that was completed in the turn, in order: the user's message, reasoning,
    /// commands, changes, answers. Where a handle has joined a running turn, what was
    /// completed since then.
    pub items: Vec<ThreadItem>,
    /// What the turn has cost: `last` is the last request to the model, `total` the whole
    /// thread.
    pub usage: Option<ThreadTokenUsage>,
}

/// A turn that failed, with everything it has produced until then.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TurnFailed {
    /// What the turn has produced.
    pub result: TurnResult,
    /// Why it failed.
    pub error: TurnError,
}

impl TurnFailed {
    /// What the failure is about, if the runtime could tell.
    pub fn info(&self) -> Option<&CodexErrorInfo> {
        self.error.codex_error_info.as_ref()
    }

    /// Whether the model's servers had too much to do, and nothing but the user's message
    /// was completed: then nothing is done twice when the turn is run again.
    pub fn is_retryable(&self) -> bool {
        let overloaded = matches!(self.info(), Some(CodexErrorInfo::ServerOverloaded));
        let mut items = self.result.items.iter();
        overloaded && items.all(|item| matches!(item, ThreadItem::UserMessage(_)))
    }
}

impl fmt::Display for TurnFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, message) = (&self.result.id, &self.error.message);
        write!(formatter, "turn {} failed: {message}", id.as_str())?;
        match &self.error.additional_details {
            Some(details) if details != message => write!(formatter, " ({details})"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for TurnFailed {}

/// A turn that took longer than its deadline allowed, with everything it had produced. It was
/// interrupted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TurnTimedOut {
    /// What the turn has produced. Its status is `in progress` when its end was not seen.
    pub result: TurnResult,
    /// The deadline.
    pub after: Duration,
}

impl fmt::Display for TurnTimedOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, after) = (self.result.id.as_str(), self.after);
        write!(
            formatter,
            "turn {id}: not completed within {after:?}, and interrupted"
        )
    }
}

impl std::error::Error for TurnTimedOut {}

/// A turn that has ended in a way that could not be read: its `turn/completed` does not tell
/// how. Nothing says that it succeeded. The turn is over, and the connection goes on.
#[derive(Clone)]
#[non_exhaustive]
pub struct TurnUnreadable {
    /// What the turn has produced. Its status says nothing.
    pub result: TurnResult,
    event: Event,
}

impl TurnUnreadable {
    pub(crate) fn new(result: TurnResult, event: Event) -> Self {
        Self { result, event }
    }

    /// Where in the message the fault is, and what it is.
    pub fn decode_error(&self) -> Option<&DecodeError> {
        self.event.decode_error()
    }

    /// The message that ended the turn as it came, JSON.
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
        write!(formatter, "turn {id}: it has ended, and how cannot be read")?;
        match self.decode_error() {
            Some(error) => write!(formatter, ": {error}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TurnUnreadable {}
