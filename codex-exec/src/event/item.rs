//! The items of the stream: messages and actions of the agent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::enums::{FileChangeKind, ItemStatus, MessagePhase};

/// A message or an action of the agent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Item {
    /// Identifies the item within its run: a resumed run starts counting again.
    pub id: String,
    /// The type of the item, with its data.
    pub details: ItemDetails,
}

/// The type of an item, with its data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ItemDetails {
    /// `agent_message`: a message of the agent.
    AgentMessage(AgentMessage),
    /// `reasoning`: a summary of the agent's reasoning.
    Reasoning(Reasoning),
    /// `command_execution`: the agent runs a command.
    CommandExecution(CommandExecution),
    /// `file_change`: the agent changes files.
    FileChange(FileChange),
    /// `mcp_tool_call`: the agent calls a tool of an MCP server.
    McpToolCall(McpToolCall),
    /// `collab_tool_call`: the agent works with other agents.
    CollabToolCall(CollabToolCall),
    /// `web_search`: the agent searches the web.
    WebSearch(WebSearch),
    /// `todo_list`: the agent's plan.
    TodoList(TodoList),
    /// `error`: a warning that does not end the turn.
    Error(ErrorItem),
    /// An item of an unknown type.
    Unrecognized(UnrecognizedItem),
}

/// A message of the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgentMessage {
    /// The text.
    pub text: String,
    /// The phase, which marks the final answer. Many runtimes do not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<MessagePhase>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A summary of the agent's reasoning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reasoning {
    /// The summary.
    pub text: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A command the agent runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CommandExecution {
    /// The command line.
    pub command: String,
    /// The output so far, stdout and stderr interleaved.
    #[serde(default)]
    pub aggregated_output: String,
    /// The exit code, once it has exited.
    pub exit_code: Option<i64>,
    /// The progress.
    pub status: ItemStatus,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Files the agent changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileChange {
    /// The changed files.
    pub changes: Vec<FileChangeEntry>,
    /// The progress.
    pub status: ItemStatus,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One file of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileChangeEntry {
    /// The path of the file, as the runtime writes it.
    pub path: String,
    /// The kind of change.
    pub kind: FileChangeKind,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A call of a tool of an MCP server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpToolCall {
    /// The server's name in the configuration.
    pub server: String,
    /// The tool's name.
    pub tool: String,
    /// The arguments of the call.
    #[serde(default)]
    pub arguments: Value,
    /// The result, once the call is complete.
    pub result: Option<McpToolResult>,
    /// The error, if the call itself failed.
    pub error: Option<McpToolError>,
    /// The progress.
    pub status: ItemStatus,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The result of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpToolResult {
    /// Content blocks, as the tool sent them.
    #[serde(default)]
    pub content: Vec<Value>,
    /// The structured result, or null.
    #[serde(default)]
    pub structured_content: Value,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl McpToolResult {
    /// Returns what it consists of, for logs and chats in which the content has no place.
    pub fn summary(&self) -> McpResultSummary {
        McpResultSummary {
            content_blocks: self.content.len(),
            has_structured: !self.structured_content.is_null(),
        }
    }
}

/// The size and the form of a tool's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct McpResultSummary {
    /// The number of content blocks.
    pub content_blocks: usize,
    /// True if there is a structured result as well.
    pub has_structured: bool,
}

/// The reason why a tool call failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpToolError {
    /// The reason, as text.
    pub message: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Work with other agents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CollabToolCall {
    /// The operation, such as `spawn_agent`.
    pub tool: String,
    /// The thread that performs it.
    pub sender_thread_id: String,
    /// The threads that it is performed on.
    #[serde(default)]
    pub receiver_thread_ids: Vec<String>,
    /// The prompt for the other agents, if any.
    pub prompt: Option<String>,
    /// The states of the other agents, by thread id.
    #[serde(default)]
    pub agents_states: BTreeMap<String, CollabAgentState>,
    /// The progress.
    pub status: ItemStatus,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The state of another agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CollabAgentState {
    /// The status, such as `running` or `completed`.
    pub status: String,
    /// Its last message, if any.
    pub message: Option<String>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A search on the web.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebSearch {
    /// The id of the search itself. The runtime writes it under the key `id`, after the id of the
    /// item.
    #[serde(default, rename = "id", skip_serializing_if = "Option::is_none")]
    pub search_id: Option<String>,
    /// The query; empty while it is unknown.
    #[serde(default)]
    pub query: String,
    /// The action in detail, such as `{"type":"search","query":…}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Value>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The agent's plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TodoList {
    /// The steps, in order.
    pub items: Vec<TodoEntry>,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TodoEntry {
    /// The text of the step.
    pub text: String,
    /// True if it is done.
    pub completed: bool,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A warning that does not end the turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorItem {
    /// The warning, as text.
    pub message: String,
    /// Unknown fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An item of an unknown type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnrecognizedItem {
    /// The value of `type`.
    pub item_type: String,
    /// All other fields except the item's id.
    pub fields: Map<String, Value>,
}
