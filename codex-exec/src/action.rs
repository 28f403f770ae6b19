//! The events of a run: started, actions, completed.
//!
//! Plain data; [`Translator`](super::Translator) produces it.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::event::{Item, UnrecognizedEvent, Usage};
use super::{ResumeToken, RunError, RunErrorKind};

/// One event of a run.
///
/// Serializes as the kind of event and its data, which is what server-sent events have:
///
/// ```
/// use codex_exec::Translator;
///
/// let mut translator = Translator::new(None);
/// let events = translator.line(br#"{"type":"thread.started","thread_id":"019b73c4"}"#);
/// let json = serde_json::to_value(&events[0])?;
/// assert_eq!(json, serde_json::json!({"event": "started", "data": {"resume": "019b73c4"}}));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExecEvent {
    /// The session has an id. At most once in each attempt of a run, of which there is one without a
    /// [`Retry`](crate::Retry); only warnings and notes may precede it.
    Started(Started),
    /// An action or message of the agent, or a notice of the runtime.
    Action(Action),
    /// The runtime printed an event of an unknown type.
    Unrecognized(UnrecognizedEvent),
    /// The run is over: exactly once, last, after the process has exited.
    Completed(Completed),
}

/// The session has an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Started {
    /// Continues the session in a later run.
    pub resume: ResumeToken,
}

/// A step of a run. Actions with the same id are stages of one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Action {
    /// Identifies the action within its run: an item's id (`item_3`), `turn_0`, `warning_0`,
    /// `codex.reconnect`, or `codex.retry`.
    pub id: String,
    /// The kind of action.
    pub kind: ActionKind,
    /// One or more lines of display text: the command, the changed paths, the message.
    pub title: String,
    /// The progress.
    pub phase: Phase,
    /// True if it succeeded; `None` while it is in progress, and if the outcome is unknown.
    pub ok: Option<bool>,
    /// The complete data of the runtime.
    pub detail: Detail,
    /// The importance.
    pub level: Level,
}

/// The kind of an action.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActionKind {
    /// A command the agent runs.
    Command,
    /// A tool call.
    Tool,
    /// Files the agent changes.
    FileChange,
    /// A search on the web.
    WebSearch,
    /// Work with other agents.
    Subagent,
    /// A note: commentary, reasoning, the plan, a reconnection.
    Note,
    /// A turn.
    Turn,
    /// A warning.
    Warning,
    /// An item of an unknown type, which is the payload.
    #[serde(untagged)]
    Unrecognized(String),
}

/// The progress of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// It began.
    Started,
    /// It changed.
    Updated,
    /// It is over.
    Completed,
}

/// The importance of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// The normal course of events.
    Info,
    /// A warning for the user.
    Warning,
}

/// The complete data of the runtime about an action.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Detail {
    /// Nothing beyond the title.
    None,
    /// The item, as the runtime sent it.
    Item(Box<Item>),
    /// The runtime lost the connection to the model's endpoint and retries.
    Reconnect(Reconnect),
    /// A line that could not be read.
    Line(String),
    /// The run has failed, and is started again after a pause.
    Retry(Retried),
}

/// An attempt to reconnect to the model's endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reconnect {
    /// The number of the attempt, from 1; `None` while the runtime waits for a network.
    pub attempt: Option<u32>,
    /// Maximum number of attempts.
    pub max: Option<u32>,
}

/// Another attempt at a run that has failed without an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Retried {
    /// The number of the attempt that follows, from 1.
    pub attempt: usize,
    /// Maximum number of attempts after the first one.
    pub max: usize,
    /// The kind of the failure.
    pub kind: RunErrorKind,
}

/// The end of a run.
///
/// Serializes without the process's stderr, which may contain secrets; its error as `kind` and
/// `message`.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Completed {
    /// True if the turn succeeded.
    pub ok: bool,
    /// The agent's answer: its last message marked as final, otherwise its last unmarked message.
    /// May be present, in part, when the turn failed.
    pub answer: Option<String>,
    /// Continues the session in a later run, if it ever had an id.
    pub resume: Option<ResumeToken>,
    /// The error of the run; `None` exactly if `ok`.
    pub error: Option<RunError>,
    /// Token usage of the turn, if reported.
    pub usage: Option<Usage>,
    #[serde(skip)]
    pub(super) stderr: Arc<str>,
}

impl Completed {
    /// The tail of the process's stderr, at most 16 KiB, without ANSI escapes. It may contain
    /// secrets.
    pub fn stderr_tail(&self) -> &str {
        &self.stderr
    }

    /// Adds the facts that are known after the process has exited.
    pub(super) fn attach(&mut self, stderr: String) {
        let stderr: Arc<str> = stderr.into();
        self.stderr = Arc::clone(&stderr);
        if let Some(mut error) = self.error.take() {
            error.complete(stderr, self);
            self.error = Some(error);
        }
    }

    /// Converts the end of the run into a result.
    ///
    /// # Errors
    ///
    /// Returns [`RunError`] if the run did not succeed.
    pub fn into_result(mut self) -> Result<Self, RunError> {
        match self.error.take() {
            None => Ok(self),
            Some(error) => Err(error),
        }
    }
}

/// Without stderr, which may be private.
impl fmt::Debug for Completed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Completed")
            .field("ok", &self.ok)
            .field("answer", &self.answer)
            .field("resume", &self.resume)
            .field("error", &self.error)
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}
