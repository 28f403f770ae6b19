//! The deltas of texts: the most frequent events.

use codex_types::{ItemId, ServerNotification, ThreadItem, TurnId, TurnItemsView};

use super::changes::{Appended, Changes, ItemChangeKind, TextField, TurnPart};
use super::fold::FIXED_WEIGHT;
use super::item::{ItemState, ItemView};
use super::{ThreadView, TurnView, unseen};

/// A piece of text for an open item.
pub(super) struct Delta<'a> {
    turn_id: &'a TurnId,
    item_id: &'a ItemId,
    field: TextField,
    text: &'a str,
    /// Creates the item, if its start was not seen.
    unseen: fn(&ItemId) -> ThreadItem,
}

impl<'a> Delta<'a> {
    /// The delta of a notification, if it is one.
    pub(super) fn of(notification: &'a ServerNotification) -> Option<Self> {
        use ServerNotification as N;
        let part = |index: i64| usize::try_from(index).unwrap_or(usize::MAX);
        let (turn_id, item_id, text, field, unseen): (_, _, &str, _, fn(&ItemId) -> ThreadItem) =
            match notification {
                N::ItemAgentMessageDelta(it) => {
                    let field = TextField::Text;
                    (&it.turn_id, &it.item_id, &it.delta, field, unseen::message)
                }
                N::ItemPlanDelta(it) => {
                    let field = TextField::Text;
                    (&it.turn_id, &it.item_id, &it.delta, field, unseen::plan)
                }
                N::ItemCommandExecutionOutputDelta(it) => {
                    let field = TextField::Output;
                    (&it.turn_id, &it.item_id, &it.delta, field, unseen::command)
                }
                N::ItemReasoningSummaryTextDelta(it) => {
                    let field = TextField::Summary(part(it.summary_index));
                    (
                        &it.turn_id,
                        &it.item_id,
                        &it.delta,
                        field,
                        unseen::reasoning,
                    )
                }
                // A part without text so far.
                N::ItemReasoningSummaryPartAdded(it) => {
                    let field = TextField::Summary(part(it.summary_index));
                    (&it.turn_id, &it.item_id, "", field, unseen::reasoning)
                }
                N::ItemReasoningTextDelta(it) => {
                    let field = TextField::Content(part(it.content_index));
                    (
                        &it.turn_id,
                        &it.item_id,
                        &it.delta,
                        field,
                        unseen::reasoning,
                    )
                }
                _ => return None,
            };
        Some(Self {
            turn_id,
            item_id,
            field,
            text,
            unseen,
        })
    }
}

impl ThreadView {
    /// Appends a text to an open item.
    pub(super) fn append(&mut self, delta: &Delta<'_>, changes: &mut Changes) {
        let limit = self.limits.command_output;
        let Some((turn, added)) =
            self.open_item(delta.turn_id, delta.item_id, delta.unseen, changes)
        else {
            return;
        };
        let Some(item) = turn.item_mut(delta.item_id) else {
            return;
        };
        let kind = if let Some(text) = item.text_mut(delta.field) {
            let start = text.len();
            text.push_str(delta.text);
            let (field, range) = (delta.field, start..text.len());
            ItemChangeKind::Appended(vec![Appended { field, range }])
        } else {
            item.has_gap = true;
            ItemChangeKind::Updated
        };
        item.weight += delta.text.len();
        let before = item.weight;
        let kind = if item.cap_output(limit) {
            ItemChangeKind::Updated
        } else {
            kind
        };
        let cut = before - item.weight;
        let kind = if added { ItemChangeKind::Added } else { kind };
        changes.item(delta.turn_id, delta.item_id, kind);
        self.weight = (self.weight + delta.text.len()).saturating_sub(cut);
    }

    /// The turn of an open item, and whether the item was added: its start was not seen. `None` if
    /// the item has completed, as the history may have told before.
    pub(super) fn open_item(
        &mut self,
        turn_id: &TurnId,
        item_id: &ItemId,
        unseen: fn(&ItemId) -> ThreadItem,
        changes: &mut Changes,
    ) -> Option<(&mut TurnView, bool)> {
        let place = self.place_of(turn_id, TurnItemsView::NotLoaded, changes);
        let turn = &mut self.turns[place];
        if turn.retrying.take().is_some() {
            changes.turn(turn_id, TurnPart::Status);
        }
        match turn.item_mut(item_id) {
            Some(item) if item.state != ItemState::Open => return None,
            Some(_) => return Some((&mut self.turns[place], false)),
            None => {}
        }
        let mut item = ItemView::new(unseen(item_id), ItemState::Open, FIXED_WEIGHT);
        item.has_gap = true;
        self.weight += FIXED_WEIGHT;
        let turn = &mut self.turns[place];
        turn.open(item_id, item);
        Some((turn, true))
    }
}
