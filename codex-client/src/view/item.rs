//! An item of a view: the protocol's item, with what only a view knows about it.

use codex_types::ThreadItem;
use serde::{Deserialize, Serialize};

use super::changes::TextField;

/// Maximum number of parts of a reasoning; deltas of further ones are not folded.
const MOST_PARTS: usize = 1024;

/// An item, with all deltas merged into it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemView {
    /// The item. Open ones grow: the text of messages and plans, the parts of a reasoning, the
    /// output of a command, the changes of files.
    pub item: ThreadItem,
    /// The state.
    pub state: ItemState,
    /// The last progress message of a call of an MCP tool.
    pub progress: Option<String>,
    /// Length of the beginning of a command's output that was omitted because of
    /// [`ViewLimits::command_output`](super::ViewLimits::command_output), in bytes.
    pub omitted_output: usize,
    /// Text may be missing: the view began while the item was open, or events were lost. The
    /// complete text comes with its completion.
    pub has_gap: bool,
    /// Approximate memory, in bytes.
    #[serde(skip)]
    pub(super) weight: usize,
}

/// The state of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ItemState {
    /// It has started and not completed. A command in the background outlives its turn.
    Open,
    /// It has completed; `thread/read` has it.
    Completed,
    /// Its turn has ended without it, as by an interruption; `thread/read` does not have it.
    Abandoned,
}

impl ItemView {
    pub(super) fn new(item: ThreadItem, state: ItemState, weight: usize) -> Self {
        Self {
            item,
            state,
            progress: None,
            omitted_output: 0,
            has_gap: false,
            weight,
        }
    }

    /// Returns a text of the item that may grow.
    pub fn text(&self, field: TextField) -> Option<&str> {
        match (&self.item, field) {
            (ThreadItem::AgentMessage(message), TextField::Text) => Some(&message.text),
            (ThreadItem::Plan(plan), TextField::Text) => Some(&plan.text),
            (ThreadItem::Reasoning(it), TextField::Summary(index)) => {
                it.summary.as_ref()?.get(index).map(String::as_str)
            }
            (ThreadItem::Reasoning(it), TextField::Content(index)) => {
                it.content.as_ref()?.get(index).map(String::as_str)
            }
            (ThreadItem::CommandExecution(command), TextField::Output) => {
                command.aggregated_output.as_deref()
            }
            _ => None,
        }
    }

    /// The text to append to; created if it is empty so far.
    pub(super) fn text_mut(&mut self, field: TextField) -> Option<&mut String> {
        match (&mut self.item, field) {
            (ThreadItem::AgentMessage(message), TextField::Text) => Some(&mut message.text),
            (ThreadItem::Plan(plan), TextField::Text) => Some(&mut plan.text),
            (ThreadItem::Reasoning(it), TextField::Summary(index)) => part(&mut it.summary, index),
            (ThreadItem::Reasoning(it), TextField::Content(index)) => part(&mut it.content, index),
            (ThreadItem::CommandExecution(command), TextField::Output) => {
                Some(command.aggregated_output.get_or_insert_default())
            }
            _ => None,
        }
    }

    /// Cuts the beginning of a command's output, if it is longer than the limit. Returns whether it
    /// did. Cuts to half of the limit, so that a long output is moved rarely.
    pub(super) fn cap_output(&mut self, limit: usize) -> bool {
        let Some(output) = self.text_mut_if_output() else {
            return false;
        };
        if output.len() <= limit {
            return false;
        }
        let mut cut = output.len() - limit / 2;
        while !output.is_char_boundary(cut) {
            cut += 1;
        }
        output.drain(..cut);
        self.omitted_output += cut;
        self.weight = self.weight.saturating_sub(cut);
        true
    }

    fn text_mut_if_output(&mut self) -> Option<&mut String> {
        match &mut self.item {
            ThreadItem::CommandExecution(command) => command.aggregated_output.as_mut(),
            _ => None,
        }
    }
}

fn part(parts: &mut Option<Vec<String>>, index: usize) -> Option<&mut String> {
    if index >= MOST_PARTS {
        return None;
    }
    let parts = parts.get_or_insert_default();
    if parts.len() <= index {
        parts.resize(index + 1, String::new());
    }
    parts.get_mut(index)
}
