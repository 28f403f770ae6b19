//! The lines that `codex exec --json` prints, one event per line, as typed values.
//!
//! The world is open: events and items of unknown type are kept with their JSON, and so are
//! unknown fields. A known event that lacks a required field is an error. Nothing is
//! interpreted here: what the events of a run mean together, [`Translator`](super::Translator)
//! knows.
//!
//! ```
//! use codex_exec::event::{ItemDetails, RawEvent};
//!
//! let line = r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"Hi"}}"#;
//! let event: RawEvent = serde_json::from_str(line)?;
//! let RawEvent::ItemCompleted(completed) = &event else { unreachable!() };
//! assert!(matches!(&completed.item.details, ItemDetails::AgentMessage(message) if message.text == "Hi"));
//! assert_eq!(serde_json::to_string(&event)?, line);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod envelope;
mod item;
mod item_envelope;
mod words;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use item::{
    AgentMessage, CollabAgentState, CollabToolCall, CommandExecution, ErrorItem, FileChange,
    FileChangeEntry, Item, ItemDetails, McpToolCall, McpToolError, McpToolResult, Reasoning,
    TodoEntry, TodoList, UnrecognizedItem, WebSearch,
};
pub use words::{FileChangeKind, ItemStatus, MessagePhase};

/// One line of the stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RawEvent {
    /// `thread.started`: the session has an id. The first event, warnings aside.
    ThreadStarted(ThreadStarted),
    /// `turn.started`: the prompt went to the model.
    TurnStarted(TurnStarted),
    /// `turn.completed`: the turn ended well.
    TurnCompleted(TurnCompleted),
    /// `turn.failed`: the turn ended badly.
    TurnFailed(TurnFailed),
    /// `item.started`: something is being done.
    ItemStarted(ItemEvent),
    /// `item.updated`: what is being done has changed.
    ItemUpdated(ItemEvent),
    /// `item.completed`: something was done, or said.
    ItemCompleted(ItemEvent),
    /// `error`: a warning, a notice of reconnection, or the reason of a failure to come.
    Error(ErrorEvent),
    /// An event of a type this crate does not know.
    Unrecognized(UnrecognizedEvent),
}

/// The payload of [`RawEvent::ThreadStarted`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThreadStarted {
    /// The id of the thread, which `codex resume` takes.
    pub thread_id: String,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The payload of [`RawEvent::TurnStarted`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnStarted {
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The payload of [`RawEvent::TurnCompleted`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnCompleted {
    /// What the turn cost.
    pub usage: Usage,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What a turn cost, in tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens read by the model.
    pub input_tokens: u64,
    /// How many of them came from the cache.
    pub cached_input_tokens: u64,
    /// How many of them were written to the cache; older runtimes do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_input_tokens: Option<u64>,
    /// Tokens written by the model.
    pub output_tokens: u64,
    /// How many of them were reasoning; older runtimes do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_output_tokens: Option<u64>,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The payload of [`RawEvent::TurnFailed`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnFailed {
    /// Why.
    pub error: TurnError,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Why a turn failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnError {
    /// The reason, in words; JSON text where the model's endpoint answered with JSON.
    pub message: String,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The payload of the events about items.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ItemEvent {
    /// The item, as it is now.
    pub item: Item,
    /// Fields this crate does not know.
    pub extra: Map<String, Value>,
}

/// The payload of [`RawEvent::Error`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorEvent {
    /// What went wrong, in words.
    pub message: String,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An event of a type this crate does not know.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnrecognizedEvent {
    /// The value of `type`.
    pub event_type: String,
    /// Every other field.
    pub fields: Map<String, Value>,
}
