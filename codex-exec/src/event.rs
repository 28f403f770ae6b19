//! The lines that `codex exec --json` prints, one event per line, as typed values.
//!
//! The types are open: events and items of unknown type are kept with their JSON, and so are
//! unknown fields. A known event without a required field is an error. Single events only;
//! [`Translator`](super::Translator) interprets the events of a run together.
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

mod enums;
mod envelope;
mod item;
mod item_envelope;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use enums::{FileChangeKind, ItemStatus, MessagePhase};
pub use item::{
    AgentMessage, CollabAgentState, CollabToolCall, CommandExecution, ErrorItem, FileChange,
    FileChangeEntry, Item, ItemDetails, McpResultSummary, McpToolCall, McpToolError, McpToolResult,
    Reasoning, TodoEntry, TodoList, UnrecognizedItem, WebSearch,
};

/// One line of the stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RawEvent {
    /// `thread.started`: the session has an id. The first event except for warnings.
    ThreadStarted(ThreadStarted),
    /// `turn.started`: the prompt was sent to the model.
    TurnStarted(TurnStarted),
    /// `turn.completed`: the turn succeeded.
    TurnCompleted(TurnCompleted),
    /// `turn.failed`: the turn failed.
    TurnFailed(TurnFailed),
    /// `item.started`: an item has started.
    ItemStarted(ItemEvent),
    /// `item.updated`: an item has changed.
    ItemUpdated(ItemEvent),
    /// `item.completed`: an item is complete.
    ItemCompleted(ItemEvent),
    /// `error`: a warning, a notice of reconnection, or the reason of a later failure.
    Error(ErrorEvent),
    /// An event of an unknown type.
    Unrecognized(UnrecognizedEvent),
}

/// The payload of [`RawEvent::ThreadStarted`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThreadStarted {
    /// The id of the thread, for `codex resume`.
    pub thread_id: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The payload of [`RawEvent::TurnStarted`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnStarted {
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The payload of [`RawEvent::TurnCompleted`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnCompleted {
    /// The usage of the turn.
    pub usage: Usage,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The usage of a turn, in tokens.
#[doc(alias("cost", "tokens"))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens read by the model.
    pub input_tokens: u64,
    /// Number of input tokens that came from the cache.
    pub cached_input_tokens: u64,
    /// Number of input tokens that were written to the cache; older runtimes do not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_input_tokens: Option<u64>,
    /// Tokens written by the model.
    pub output_tokens: u64,
    /// Number of output tokens that were reasoning; older runtimes do not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_output_tokens: Option<u64>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The payload of [`RawEvent::TurnFailed`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnFailed {
    /// The reason.
    pub error: TurnError,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The reason why a turn failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnError {
    /// The reason, as text; JSON text if the model's endpoint responded with JSON.
    pub message: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The payload of the events about items.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ItemEvent {
    /// The current state of the item.
    pub item: Item,
    /// Unknown fields.
    pub extra: Map<String, Value>,
}

/// The payload of [`RawEvent::Error`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorEvent {
    /// The problem, as text.
    pub message: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An event of an unknown type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnrecognizedEvent {
    /// The value of `type`.
    pub event_type: String,
    /// Every other field.
    pub fields: Map<String, Value>,
}
