//! What a run tells its caller: it started, it does things, it is completed.
//!
//! Does not know how these events come about; that is [`Translator`](super::Translator)'s.

use std::fmt;
use std::sync::Arc;

use super::event::{Item, UnrecognizedEvent, Usage};
use super::{ResumeToken, RunError};

/// One event of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExecEvent {
    /// The session has an id. At most once; only warnings and notes may come before it.
    Started(Started),
    /// The agent does or says something, or the runtime has something to remark.
    Action(Action),
    /// The runtime printed an event of a type this crate does not know.
    Unrecognized(UnrecognizedEvent),
    /// The run is over: exactly once, last, when the process is gone.
    Completed(Completed),
}

/// The session has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Started {
    /// Continues the session in a later run.
    pub resume: ResumeToken,
}

/// Something that happens during a run. Actions with the same id are stages of one thing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Action {
    /// Names the action within its run: an item's id (`item_3`), `turn_0`, `warning_0`, or
    /// `codex.reconnect`.
    pub id: String,
    /// What sort of thing it is.
    pub kind: ActionKind,
    /// One line or more for people: the command, the changed paths, the message.
    pub title: String,
    /// How far it is.
    pub phase: Phase,
    /// Whether it went well; `None` while it is under way, and where that cannot be told.
    pub ok: Option<bool>,
    /// Everything the runtime said about it.
    pub detail: Detail,
    /// How much it matters.
    pub level: Level,
}

/// What sort of thing an action is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// A remark: commentary, a thought, the plan, a reconnection.
    Note,
    /// A turn.
    Turn,
    /// A warning.
    Warning,
    /// An item of a type this crate does not know: its type.
    Unrecognized(String),
}

/// How far an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// It began.
    Started,
    /// It changed.
    Updated,
    /// It is over.
    Completed,
}

/// How much an action matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// The normal course of things.
    Info,
    /// Something the user should see.
    Warning,
}

/// Everything the runtime said about an action.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// The title says it all.
    None,
    /// The item it is about, as the runtime sent it.
    Item(Box<Item>),
    /// The runtime lost the model's endpoint and tries again.
    Reconnect(Reconnect),
    /// A line that could not be read.
    Line(String),
}

/// A try to reach the model's endpoint again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconnect {
    /// Which try this is, from 1; `None` while the runtime waits for a network.
    pub attempt: Option<u32>,
    /// How many there will be at most.
    pub max: Option<u32>,
}

/// The end of a run.
#[derive(Clone)]
#[non_exhaustive]
pub struct Completed {
    /// Whether the turn ended well.
    pub ok: bool,
    /// The agent's answer: its last message marked as final, else its last unmarked message.
    /// May be there, in part, when the turn failed.
    pub answer: Option<String>,
    /// Continues the session in a later run, if it ever had an id.
    pub resume: Option<ResumeToken>,
    /// Why the run did not end well; `None` exactly if `ok`.
    pub error: Option<RunError>,
    /// What the turn cost, if it came that far.
    pub usage: Option<Usage>,
    pub(super) stderr: Arc<str>,
}

impl Completed {
    /// End of what the process wrote to stderr, 16 KiB at most, without ANSI escapes. It may
    /// hold secrets.
    pub fn stderr_tail(&self) -> &str {
        &self.stderr
    }

    /// Adds what is known when the process is gone.
    pub(super) fn attach(&mut self, stderr: String) {
        let stderr: Arc<str> = stderr.into();
        self.stderr = Arc::clone(&stderr);
        if let Some(mut error) = self.error.take() {
            error.complete(stderr, self);
            self.error = Some(error);
        }
    }

    /// The end of a run as a result.
    ///
    /// # Errors
    ///
    /// [`RunError`] if the run did not end well.
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
