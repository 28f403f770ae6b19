//! The fold of events.

use codex_types::{
    ItemId, ServerNotification, ThreadItem, Turn, TurnId, TurnItemsView, TurnStatus,
};

use super::changes::{Changes, ItemChangeKind, ThreadPart, TurnPart};
use super::delta::Delta;
use super::item::{ItemState, ItemView};
use super::turn::{PlanView, Step};
use super::{ThreadView, TurnView, unseen};
use crate::shared::event::Event;
use crate::shared::result::{Ending, item_of};

/// Memory of an item and of a turn besides their texts.
pub(super) const FIXED_WEIGHT: usize = 512;

impl ThreadView {
    /// Folds an event of this thread.
    pub(super) fn fold(&mut self, event: &Event, changes: &mut Changes) {
        if let Some(delta) = Delta::of(event.notification()) {
            return self.append(&delta, changes);
        }
        match event.notification() {
            ServerNotification::ItemFileChangePatchUpdated(it) => {
                let weight = event.raw().len();
                let update = |item: &mut ItemView| {
                    if let ThreadItem::FileChange(change) = &mut item.item {
                        change.changes.clone_from(&it.changes);
                    }
                };
                let ids = (&it.turn_id, &it.item_id);
                self.update_open(ids, unseen::change, weight, update, changes);
            }
            ServerNotification::ItemMcpToolCallProgress(it) => {
                let weight = it.message.len();
                let update = |item: &mut ItemView| item.progress = Some(it.message.clone());
                let ids = (&it.turn_id, &it.item_id);
                self.update_open(ids, unseen::mcp_call, weight, update, changes);
            }
            _ => self.fold_rest(event, changes),
        }
    }

    /// Folds what is rare.
    fn fold_rest(&mut self, event: &Event, changes: &mut Changes) {
        match event.notification() {
            ServerNotification::ItemStarted(it) => {
                self.item_event(&it.turn_id, it.item.clone(), false, event, changes);
            }
            ServerNotification::ItemCompleted(it) => {
                self.item_event(&it.turn_id, it.item.clone(), true, event, changes);
            }
            ServerNotification::TurnStarted(it) => self.turn_started(&it.turn, changes),
            ServerNotification::TurnCompleted(it) => {
                self.turn_completed(&it.turn.id, Some(&it.turn), event, changes);
            }
            ServerNotification::TurnPlanUpdated(it) => {
                let plan = PlanView {
                    explanation: it.explanation.clone(),
                    steps: it.plan.clone(),
                };
                let turn = self.touch(&it.turn_id, changes);
                if turn.plan.as_ref() != Some(&plan) {
                    turn.plan = Some(plan);
                    changes.turn(&it.turn_id, TurnPart::Plan);
                    self.count_turn(&it.turn_id);
                }
            }
            ServerNotification::TurnDiffUpdated(it) => {
                let turn = self.touch(&it.turn_id, changes);
                turn.diff = Some(it.diff.clone());
                self.count_turn(&it.turn_id);
                changes.turn(&it.turn_id, TurnPart::Diff);
            }
            ServerNotification::Error(it) => {
                let turn = self.touch(&it.turn_id, changes);
                turn.retrying = it.will_retry.then(|| it.error.clone());
                self.count_turn(&it.turn_id);
                changes.turn(&it.turn_id, TurnPart::Status);
            }
            ServerNotification::Unrecognized(_) => match event.request_id() {
                Some(id) => self.add_pending(id, event, changes),
                None => self.fold_damaged(event, changes),
            },
            _ => self.fold_thread(event, changes),
        }
    }

    /// Folds what concerns the thread as a whole.
    fn fold_thread(&mut self, event: &Event, changes: &mut Changes) {
        let part = match event.notification() {
            ServerNotification::ThreadStatusChanged(it) => {
                self.status = Some(it.status.clone());
                ThreadPart::Status
            }
            ServerNotification::ThreadNameUpdated(it) => {
                self.name.clone_from(&it.thread_name);
                ThreadPart::Name
            }
            ServerNotification::ThreadGoalUpdated(it) => {
                self.goal = Some(it.goal.clone());
                ThreadPart::Goal
            }
            ServerNotification::ThreadGoalCleared(_) => {
                self.goal = None;
                ThreadPart::Goal
            }
            ServerNotification::ThreadTokenUsageUpdated(it) => {
                self.usage = Some(it.token_usage.clone());
                ThreadPart::Usage
            }
            ServerNotification::ServerRequestResolved(it) => {
                return self.retain_pending(changes, |known| known.id != it.request_id);
            }
            ServerNotification::ThreadReverted(_) => return self.set_stale(changes),
            _ => return,
        };
        changes.thread(part);
    }

    /// Folds a message that could not be decoded, as far as it is known what it is about.
    fn fold_damaged(&mut self, event: &Event, changes: &mut Changes) {
        let Some(turn_id) = event.turn_id().map(TurnId::from) else {
            return;
        };
        match event.method() {
            method @ ("item/started" | "item/completed") => {
                if let Some(item) = item_of(event) {
                    let is_completed = method == "item/completed";
                    self.item_event(&turn_id, item, is_completed, event, changes);
                }
            }
            "turn/started" => {
                self.place_of(&turn_id, TurnItemsView::Full, changes);
            }
            "turn/completed" => self.turn_completed(&turn_id, None, event, changes),
            _ => {}
        }
    }

    fn update_open(
        &mut self,
        (turn_id, item_id): (&TurnId, &ItemId),
        unseen: fn(&ItemId) -> ThreadItem,
        weight: usize,
        update: impl FnOnce(&mut ItemView),
        changes: &mut Changes,
    ) {
        let Some((turn, added)) = self.open_item(turn_id, item_id, unseen, changes) else {
            return;
        };
        let Some(item) = turn.item_mut(item_id) else {
            return;
        };
        update(item);
        let before = std::mem::replace(&mut item.weight, FIXED_WEIGHT + weight);
        let kind = if added {
            ItemChangeKind::Added
        } else {
            ItemChangeKind::Updated
        };
        changes.item(turn_id, item_id, kind);
        self.weight = (self.weight + FIXED_WEIGHT + weight).saturating_sub(before);
    }

    /// The turn of an event that shows that it continues.
    fn touch(&mut self, turn_id: &TurnId, changes: &mut Changes) -> &mut TurnView {
        let place = self.place_of(turn_id, TurnItemsView::NotLoaded, changes);
        &mut self.turns[place]
    }

    fn item_event(
        &mut self,
        turn_id: &TurnId,
        item: ThreadItem,
        is_completed: bool,
        event: &Event,
        changes: &mut Changes,
    ) {
        let place = self.place_of(turn_id, TurnItemsView::NotLoaded, changes);
        if self.turns[place].retrying.take().is_some() {
            changes.turn(turn_id, TurnPart::Status);
        }
        self.put(
            place,
            item,
            is_completed,
            FIXED_WEIGHT + event.raw().len(),
            changes,
        );
    }

    /// Puts an item into a turn.
    pub(super) fn put(
        &mut self,
        place: usize,
        item: ThreadItem,
        is_completed: bool,
        weight: usize,
        changes: &mut Changes,
    ) {
        let id = item.id().map(ItemId::from);
        let turn = &mut self.turns[place];
        let turn_id = turn.id().clone();
        let before = id.as_ref().and_then(|id| turn.item_mut(id));
        let before = before.map_or(0, |it| it.weight);
        let state = if is_completed {
            ItemState::Completed
        } else {
            ItemState::Open
        };
        let mut item = ItemView::new(item, state, weight);
        item.cap_output(self.limits.command_output);
        let after = item.weight;
        let step = match (&id, is_completed) {
            (id, true) => turn.complete(id.as_ref(), item),
            (Some(id), false) => turn.open(id, item),
            // Without an id its completion could not be recognized.
            (None, false) => return,
        };
        if step == Step::Nothing {
            return;
        }
        self.weight = (self.weight + after).saturating_sub(before);
        if step != Step::Updated {
            changes.turn(&turn_id, TurnPart::Items);
        }
        if let Some(id) = &id {
            let kind = match step {
                Step::Added => ItemChangeKind::Added,
                _ => ItemChangeKind::Updated,
            };
            changes.item(&turn_id, id, kind);
        }
    }

    fn turn_started(&mut self, turn: &Turn, changes: &mut Changes) {
        let place = self.place_of(&turn.id, TurnItemsView::Full, changes);
        let known = &mut self.turns[place];
        if known.is_running() && known.set_header(turn) {
            changes.turn(&turn.id, TurnPart::Status);
            self.count(place);
        }
    }

    fn turn_completed(
        &mut self,
        turn_id: &TurnId,
        turn: Option<&Turn>,
        event: &Event,
        changes: &mut Changes,
    ) {
        let place = self.place_of(turn_id, TurnItemsView::NotLoaded, changes);
        let known = &mut self.turns[place];
        known.retrying = None;
        match turn {
            Some(turn) => {
                known.set_header(turn);
            }
            None => known.end_unreadable(Ending::read(event)),
        }
        self.count(place);
        changes.turn(turn_id, TurnPart::Status);
        self.end_items(place, changes);
        self.retain_pending(changes, |known| known.turn_id.as_ref() != Some(turn_id));
    }

    /// Ends what ends with a turn.
    pub(super) fn end_items(&mut self, place: usize, changes: &mut Changes) {
        let turn = &mut self.turns[place];
        for item_id in turn.abandon() {
            changes.item(turn.id(), &item_id, ItemChangeKind::Updated);
        }
    }
}

impl TurnView {
    /// Sets everything but the items. Returns whether that changed anything.
    pub(super) fn set_header(&mut self, turn: &Turn) -> bool {
        let mut header = turn.clone();
        header.items = Vec::new();
        header.items_view.clone_from(&self.turn.items_view);
        let is_changed = header != self.turn;
        self.turn = header;
        is_changed
    }

    /// Ends a turn whose end could not be decoded.
    fn end_unreadable(&mut self, ending: Ending) {
        let turn = &mut self.turn;
        turn.status = ending.status.unwrap_or(TurnStatus::from("unreadable"));
        turn.error = ending.error;
        turn.started_at = ending.started_at.or(turn.started_at);
        turn.completed_at = ending.completed_at;
        turn.duration_ms = ending.duration_ms;
    }
}
