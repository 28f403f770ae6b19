//! The items whose start was not seen, from what their events say about them.

use codex_types::{
    AgentMessageThreadItem, CommandExecutionStatus, CommandExecutionThreadItem,
    FileChangeThreadItem, ItemId, McpToolCallStatus, McpToolCallThreadItem, PatchApplyStatus,
    PlanThreadItem, ReasoningThreadItem, ThreadItem,
};

pub(super) fn message(id: &ItemId) -> ThreadItem {
    ThreadItem::AgentMessage(Box::new(AgentMessageThreadItem::new(id, "")))
}

pub(super) fn plan(id: &ItemId) -> ThreadItem {
    ThreadItem::Plan(PlanThreadItem::new(id, ""))
}

pub(super) fn reasoning(id: &ItemId) -> ThreadItem {
    ReasoningThreadItem::new(id).into()
}

pub(super) fn command(id: &ItemId) -> ThreadItem {
    let status = CommandExecutionStatus::InProgress;
    let command = CommandExecutionThreadItem::new(id, "", "", status, Vec::new());
    ThreadItem::CommandExecution(Box::new(command))
}

pub(super) fn change(id: &ItemId) -> ThreadItem {
    let status = PatchApplyStatus::InProgress;
    FileChangeThreadItem::new(id, Vec::new(), status).into()
}

pub(super) fn mcp_call(id: &ItemId) -> ThreadItem {
    let status = McpToolCallStatus::InProgress;
    let call = McpToolCallThreadItem::new(id, "", "", status, serde_json::Value::Null);
    ThreadItem::McpToolCall(Box::new(call))
}
