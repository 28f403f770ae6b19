//! The changes of a view, so that a user interface repaints only these parts.

use std::ops::Range;

use codex_types::{ItemId, TurnId};
use serde::{Deserialize, Serialize};

/// The parts of a [`ThreadView`](super::ThreadView) that a step has changed.
///
/// Steps add up: [`Changes::merge`] keeps one entry for each item and each turn, so that a program
/// that repaints sixty times a second merges what came in between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Changes {
    /// The changed parts of the thread itself.
    pub thread: Vec<ThreadPart>,
    /// The changed turns.
    pub turns: Vec<TurnChange>,
    /// The changed items.
    pub items: Vec<ItemChange>,
}

/// A part of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ThreadPart {
    /// Its status.
    Status,
    /// Its name.
    Name,
    /// Its goal.
    Goal,
    /// Its token usage.
    Usage,
    /// The requests that wait for a response: approvals and questions.
    Pending,
    /// The order of its turns.
    Order,
    /// Whether its history has to be read again.
    Staleness,
}

/// A changed turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TurnChange {
    /// The turn.
    pub turn_id: TurnId,
    /// Its changed parts.
    pub parts: Vec<TurnPart>,
}

/// A part of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TurnPart {
    /// The turn is new.
    Added,
    /// The turn was removed.
    Removed,
    /// Its status, its times, or its error.
    Status,
    /// Its plan.
    Plan,
    /// Its diff.
    Diff,
    /// The order of its items, or their number.
    Items,
}

/// A changed item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemChange {
    /// The turn of the item.
    pub turn_id: TurnId,
    /// The item.
    pub item_id: ItemId,
    /// The kind of the change.
    pub kind: ItemChangeKind,
}

/// The kind of a change of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ItemChangeKind {
    /// The item is new.
    Added,
    /// Text was appended, and nothing else has changed.
    Appended(Vec<Appended>),
    /// Any other change. If its place among the items of the turn has changed as well, the turn is
    /// listed with [`TurnPart::Items`].
    Updated,
    /// The item was removed.
    Removed,
}

/// Text that was appended to an item. See [`ItemView::text`](super::ItemView::text).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Appended {
    /// The text.
    pub field: TextField,
    /// The appended part of it, in bytes of UTF-8.
    pub range: Range<usize>,
}

/// A text of an item that grows while the item is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TextField {
    /// The text of a message or a plan.
    Text,
    /// A part of the summary of a reasoning.
    Summary(usize),
    /// A part of the raw content of a reasoning.
    Content(usize),
    /// The output of a command.
    Output,
}

impl Changes {
    /// Returns whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.thread.is_empty() && self.turns.is_empty() && self.items.is_empty()
    }

    /// Adds later changes to these.
    pub fn merge(&mut self, later: Self) {
        for part in later.thread {
            self.thread(part);
        }
        for TurnChange { turn_id, parts } in later.turns {
            for part in parts {
                self.turn(&turn_id, part);
            }
        }
        for change in later.items {
            self.item(&change.turn_id, &change.item_id, change.kind);
        }
    }

    pub(super) fn thread(&mut self, part: ThreadPart) {
        if !self.thread.contains(&part) {
            self.thread.push(part);
        }
    }

    pub(super) fn turn(&mut self, turn_id: &TurnId, part: TurnPart) {
        let known = self
            .turns
            .iter_mut()
            .rev()
            .find(|it| it.turn_id == *turn_id);
        match known {
            Some(known) if known.parts.contains(&part) => {}
            Some(known) => known.parts.push(part),
            None => self.turns.push(TurnChange {
                turn_id: turn_id.clone(),
                parts: vec![part],
            }),
        }
    }

    pub(super) fn item(&mut self, turn_id: &TurnId, item_id: &ItemId, kind: ItemChangeKind) {
        let is_it = |it: &&mut ItemChange| it.item_id == *item_id && it.turn_id == *turn_id;
        match self.items.iter_mut().rev().find(is_it) {
            Some(known) => known.kind.add(kind),
            None => self.items.push(ItemChange {
                turn_id: turn_id.clone(),
                item_id: item_id.clone(),
                kind,
            }),
        }
    }
}

impl ItemChangeKind {
    fn add(&mut self, later: Self) {
        match (&mut *self, later) {
            (_, Self::Removed) => *self = Self::Removed,
            (Self::Added, _) | (Self::Updated, Self::Updated | Self::Appended(_)) => {}
            (Self::Appended(known), Self::Appended(later)) => {
                for it in later {
                    append(known, it);
                }
            }
            (Self::Removed | Self::Appended(_) | Self::Updated, _) => *self = Self::Updated,
        }
    }
}

fn append(known: &mut Vec<Appended>, later: Appended) {
    match known.iter_mut().find(|it| it.field == later.field) {
        Some(known) => known.range.end = later.range.end,
        None => known.push(later),
    }
}
