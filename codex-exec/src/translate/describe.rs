//! Describes an item: its kind, its title, and its outcome.

use crate::action::{Action, ActionKind, Detail, Level, Phase};
use crate::event::{FileChange, Item, ItemDetails, ItemStatus, TodoList};

/// The action of an item in this phase.
pub(super) fn action(item: Item, phase: Phase) -> Action {
    let (kind, title) = kind_and_title(&item.details);
    let level = if kind == ActionKind::Warning {
        Level::Warning
    } else {
        Level::Info
    };
    Action {
        id: item.id.clone(),
        kind,
        title,
        phase,
        ok: went_well(&item.details).filter(|_| phase == Phase::Completed),
        detail: Detail::Item(Box::new(item)),
        level,
    }
}

fn kind_and_title(details: &ItemDetails) -> (ActionKind, String) {
    match details {
        ItemDetails::AgentMessage(message) => (ActionKind::Note, message.text.clone()),
        ItemDetails::Reasoning(reasoning) => (ActionKind::Note, reasoning.text.clone()),
        ItemDetails::CommandExecution(run) => (ActionKind::Command, run.command.clone()),
        ItemDetails::FileChange(change) => (ActionKind::FileChange, paths(change)),
        ItemDetails::McpToolCall(call) => {
            (ActionKind::Tool, format!("{}.{}", call.server, call.tool))
        }
        ItemDetails::CollabToolCall(call) => (ActionKind::Subagent, call.tool.clone()),
        ItemDetails::WebSearch(search) => (ActionKind::WebSearch, search.query.clone()),
        ItemDetails::TodoList(list) => (ActionKind::Note, progress(list)),
        ItemDetails::Error(error) => (ActionKind::Warning, error.message.clone()),
        ItemDetails::Unrecognized(item) => (
            ActionKind::Unrecognized(item.item_type.clone()),
            item.item_type.clone(),
        ),
    }
}

/// The outcome of a completed item, if known.
fn went_well(details: &ItemDetails) -> Option<bool> {
    match details {
        ItemDetails::AgentMessage(_)
        | ItemDetails::Reasoning(_)
        | ItemDetails::WebSearch(_)
        | ItemDetails::TodoList(_) => Some(true),
        ItemDetails::CommandExecution(run) => {
            Some(is_done(&run.status) && run.exit_code.unwrap_or(0) == 0)
        }
        ItemDetails::FileChange(change) => Some(is_done(&change.status)),
        ItemDetails::McpToolCall(call) => Some(is_done(&call.status) && call.error.is_none()),
        ItemDetails::CollabToolCall(call) => Some(is_done(&call.status)),
        ItemDetails::Error(_) => Some(false),
        ItemDetails::Unrecognized(_) => None,
    }
}

fn is_done(status: &ItemStatus) -> bool {
    *status == ItemStatus::Completed
}

fn paths(change: &FileChange) -> String {
    let paths: Vec<&str> = change.changes.iter().map(|entry| &*entry.path).collect();
    paths.join(", ")
}

/// A text such as `todo 1/3: write the test`.
fn progress(list: &TodoList) -> String {
    let done = list.items.iter().filter(|step| step.completed).count();
    let total = list.items.len();
    match list.items.iter().find(|step| !step.completed) {
        Some(next) => format!("todo {done}/{total}: {}", next.text),
        None => format!("todo {done}/{total}: done"),
    }
}
