//! The items of the stream: what the agent says and does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::words::{FileChangeKind, ItemStatus, MessagePhase};

/// Something the agent says or does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Item {
    /// Names the item within its run: a resumed run counts from the start again.
    pub id: String,
    /// What it is.
    pub details: ItemDetails,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ItemDetails {
    /// `agent_message`: the agent says something.
    AgentMessage(AgentMessage),
    /// `reasoning`: a summary of the agent's thoughts.
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
    /// An item of a type this crate does not know.
    Unrecognized(UnrecognizedItem),
}

/// Something the agent says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgentMessage {
    /// What it says.
    pub text: String,
    /// Whether this is the answer. Many runtimes do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<MessagePhase>,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A summary of the agent's thoughts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reasoning {
    /// The summary.
    pub text: String,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A command the agent runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CommandExecution {
    /// The command line.
    pub command: String,
    /// What it printed so far, output and errors as they came.
    #[serde(default)]
    pub aggregated_output: String,
    /// How it ended, once it has.
    pub exit_code: Option<i64>,
    /// How far it is.
    pub status: ItemStatus,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Files the agent changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileChange {
    /// Each file, with what happens to it.
    pub changes: Vec<FileChangeEntry>,
    /// How far the change is.
    pub status: ItemStatus,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One file of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileChangeEntry {
    /// Where the file is, as the runtime writes it.
    pub path: String,
    /// What happens to it.
    pub kind: FileChangeKind,
    /// Fields this crate does not know.
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
    /// What the tool was given.
    #[serde(default)]
    pub arguments: Value,
    /// What the tool answered, once it has.
    pub result: Option<McpToolResult>,
    /// Why there is no answer, if the call itself failed.
    pub error: Option<McpToolError>,
    /// How far the call is.
    pub status: ItemStatus,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpToolResult {
    /// Content blocks, as the tool sent them.
    #[serde(default)]
    pub content: Vec<Value>,
    /// The structured answer, or null.
    #[serde(default)]
    pub structured_content: Value,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Why a tool call failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpToolError {
    /// The reason, in words.
    pub message: String,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Work with other agents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CollabToolCall {
    /// What is done, such as `spawn_agent`.
    pub tool: String,
    /// The thread that does it.
    pub sender_thread_id: String,
    /// The threads it is done to.
    #[serde(default)]
    pub receiver_thread_ids: Vec<String>,
    /// What the other agents are told, if anything.
    pub prompt: Option<String>,
    /// How the other agents are, by thread id.
    #[serde(default)]
    pub agents_states: BTreeMap<String, CollabAgentState>,
    /// How far the call is.
    pub status: ItemStatus,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How another agent is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CollabAgentState {
    /// Its state, such as `running` or `completed`.
    pub status: String,
    /// Its last word, if any.
    pub message: Option<String>,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A search on the web.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebSearch {
    /// The id of the search itself. The runtime writes it under the key `id`, after and beside
    /// the id of the item.
    #[serde(default, rename = "id", skip_serializing_if = "Option::is_none")]
    pub search_id: Option<String>,
    /// What is searched; empty while that is not known.
    #[serde(default)]
    pub query: String,
    /// What exactly is done, such as `{"type":"search","query":…}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Value>,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The agent's plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TodoList {
    /// The steps, in order.
    pub items: Vec<TodoEntry>,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TodoEntry {
    /// What is to be done.
    pub text: String,
    /// Whether it is done.
    pub completed: bool,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A warning that does not end the turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorItem {
    /// The warning, in words.
    pub message: String,
    /// Fields this crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An item of a type this crate does not know.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnrecognizedItem {
    /// The value of `type`.
    pub item_type: String,
    /// Every other field, the item's id aside.
    pub fields: Map<String, Value>,
}
