//! The fold of history: turns as they are stored, whole or in pages.

use std::collections::HashSet;

use codex_types::{ThreadItem, Turn, TurnId, TurnItemsView, TurnStatus};

use super::changes::{Changes, ThreadPart, TurnPart};
use super::fold::FIXED_WEIGHT;
use super::{ThreadView, TurnView};

impl ThreadView {
    /// Merges turns of the history, in either order.
    pub(super) fn merge_history(&mut self, turns: &[Turn], changes: &mut Changes) {
        let is_reversed = match (turns.first(), turns.last()) {
            (Some(first), Some(last)) => age(first) > age(last),
            _ => false,
        };
        if is_reversed {
            self.merge_ascending(turns.iter().rev(), changes);
        } else {
            self.merge_ascending(turns.iter(), changes);
        }
    }

    fn merge_ascending<'a>(
        &mut self,
        turns: impl Iterator<Item = &'a Turn>,
        changes: &mut Changes,
    ) {
        let mut previous = None;
        for turn in turns {
            let place = match self.turns.iter().rposition(|it| *it.id() == turn.id) {
                Some(place) => place,
                None => self.insert_turn(turn, previous, changes),
            };
            self.merge_turn(place, turn, changes);
            previous = Some(place);
        }
    }

    /// Inserts an unknown turn after the one before it, or by its age.
    fn insert_turn(
        &mut self,
        turn: &Turn,
        previous: Option<usize>,
        changes: &mut Changes,
    ) -> usize {
        let place = if let Some(previous) = previous {
            previous + 1
        } else {
            let is_older = |known: &TurnView| age(&known.turn) < age(turn);
            self.turns.iter().rposition(is_older).map_or(0, |it| it + 1)
        };
        if place < self.turns.len() {
            changes.thread(ThreadPart::Order);
        }
        let view = TurnView::new(&turn.id, TurnItemsView::NotLoaded);
        self.turns.insert(place, view);
        self.count(place);
        changes.turn(&turn.id, TurnPart::Added);
        place
    }

    fn merge_turn(&mut self, place: usize, turn: &Turn, changes: &mut Changes) {
        let known = &mut self.turns[place];
        let view = turn.items_view_or_default();
        // A history that was read before the end of the turn does not begin it again.
        let is_older = !known.is_running() && turn.status == TurnStatus::InProgress;
        if !is_older && known.set_header(turn) {
            changes.turn(&turn.id, TurnPart::Status);
            self.count(place);
        }
        if view == TurnItemsView::Full {
            self.turns[place].turn.items_view = Some(view);
        }
        let is_running = turn.status == TurnStatus::InProgress;
        for item in &turn.items {
            // The pinned runtime has completed items only.
            let is_completed = !is_running || item.completed_at_ms().is_some();
            self.put(place, item.clone(), is_completed, weight_of(item), changes);
        }
        let known = &mut self.turns[place];
        if known.turn.items_view == Some(TurnItemsView::Full) && known.order_as(&turn.items) {
            changes.turn(&turn.id, TurnPart::Items);
        }
        if !known.is_running() {
            self.end_items(place, changes);
        }
    }

    /// Removes the turns that a complete history does not have.
    pub(super) fn remove_all_but(&mut self, turns: &[Turn], changes: &mut Changes) {
        let kept: HashSet<&TurnId> = turns.iter().map(|turn| &turn.id).collect();
        let weight = &mut self.weight;
        self.turns.retain(|it| {
            let is_kept = it.is_running() || kept.contains(it.id());
            if !is_kept {
                *weight = weight.saturating_sub(it.weight());
                changes.turn(it.id(), TurnPart::Removed);
            }
            is_kept
        });
    }
}

/// The order of turns: by the second of their start, then by their ids, which contain the time.
fn age(turn: &Turn) -> (Option<i64>, &str) {
    (turn.started_at, turn.id.as_str())
}

fn weight_of(item: &ThreadItem) -> usize {
    FIXED_WEIGHT + serde_json::to_vec(item).map_or(0, |text| text.len())
}
