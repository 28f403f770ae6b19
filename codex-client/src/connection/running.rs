//! The turns that are running on a connection whose lost links are restored, and their completed
//! items: after a restart, what is not known here was missed.
//!
//! Bounded: of a server that starts turns without end, the further ones are not tracked, nor are ids
//! that are longer than any of the runtime's.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use codex_types::ServerNotification;

use crate::shared::event::Event;

/// Maximum number of tracked turns.
const MOST_TURNS: usize = 4096;
/// Maximum number of tracked items of all turns; further ones may be reported twice.
const MOST_ITEMS: usize = 64 * 1024;
/// Maximum length of a tracked id, in bytes; those of the runtime have 36.
const LONGEST_ID: usize = 256;

/// The running turns, by id.
#[derive(Debug, Default)]
pub(super) struct RunningTurns(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    turns: HashMap<String, RunningTurn>,
    /// Number of the items of all turns.
    items: usize,
}

/// A running turn.
#[derive(Clone, Debug, Default)]
pub(super) struct RunningTurn {
    pub(super) thread_id: String,
    pub(super) completed_items: HashSet<String>,
}

impl RunningTurns {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Observes events in their order.
    pub(super) fn observe<'a>(&self, events: impl Iterator<Item = &'a Event>) {
        for event in events {
            match event.notification() {
                ServerNotification::TurnStarted(started) => {
                    self.add(started.turn.id.as_str(), started.thread_id.as_str());
                }
                ServerNotification::ItemCompleted(_) => self.add_item(event),
                _ => {
                    if let Some(turn) = event.ended_turn() {
                        self.remove(turn);
                    }
                }
            }
        }
    }

    fn add(&self, turn_id: &str, thread_id: &str) {
        let mut state = self.lock();
        if state.turns.len() < MOST_TURNS && turn_id.len().max(thread_id.len()) <= LONGEST_ID {
            let turn = state.turns.entry(turn_id.to_owned()).or_default();
            thread_id.clone_into(&mut turn.thread_id);
        }
    }

    fn remove(&self, turn_id: &str) {
        let mut state = self.lock();
        if let Some(turn) = state.turns.remove(turn_id) {
            state.items -= turn.completed_items.len();
        }
    }

    fn add_item(&self, event: &Event) {
        let (Some(turn), Some(item)) = (event.turn_id(), event.item_id()) else {
            return;
        };
        let state = &mut *self.lock();
        if state.items >= MOST_ITEMS || item.len() > LONGEST_ID {
            return;
        }
        if let Some(turn) = state.turns.get_mut(turn) {
            state.items += usize::from(turn.completed_items.insert(item.to_owned()));
        }
    }

    /// The running turns.
    pub(super) fn all(&self) -> HashMap<String, RunningTurn> {
        self.lock().turns.clone()
    }

    /// Forgets the turns that are over.
    pub(super) fn retain(&self, is_running: impl Fn(&str) -> bool) {
        let state = &mut *self.lock();
        state.turns.retain(|turn, _| is_running(turn));
        let items = state.turns.values().map(|turn| turn.completed_items.len());
        state.items = items.sum();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RunningTurns;
    use crate::shared::event::Event;

    fn event(method: &str, params: &Value) -> Event {
        Event::of_notification(method, params).unwrap()
    }

    #[test]
    fn turns_are_tracked_until_their_end_even_a_damaged_one() {
        let turns = RunningTurns::default();
        for turn in ["u", "v"] {
            let turn = json!({"id": turn, "items": [], "status": "inProgress"});
            let params = json!({"threadId": "t", "turn": turn});
            turns.observe([event("turn/started", &params)].iter());
        }
        let item = json!({"type": "agentMessage", "id": "m", "text": "x"});
        let params = json!({"threadId": "t", "turnId": "u", "completedAtMs": 1, "item": item});
        turns.observe([event("item/completed", &params)].iter());
        let all = turns.all();
        assert_eq!(all["u"].thread_id, "t");
        assert!(all["u"].completed_items.contains("m"));
        let damaged = json!({"threadId": "t", "turn": {"id": "u", "status": 7}});
        turns.observe([event("turn/completed", &damaged)].iter());
        assert_eq!(turns.all().into_keys().collect::<Vec<_>>(), ["v"]);
        turns.retain(|turn| turn != "v");
        assert!(turns.all().is_empty());
    }

    fn started(turn: &str) -> Event {
        let turn = json!({"id": turn, "items": [], "status": "inProgress"});
        event("turn/started", &json!({"threadId": "t", "turn": turn}))
    }

    fn completed(turn: &str, item: &str) -> Event {
        let item = json!({"type": "agentMessage", "id": item, "text": "x"});
        let params = json!({"threadId": "t", "turnId": turn, "completedAtMs": 1, "item": item});
        event("item/completed", &params)
    }

    #[test]
    fn tracked_turns_and_items_are_bounded() {
        let turns = RunningTurns::default();
        let long = "x".repeat(super::LONGEST_ID + 1);
        turns.observe([started(&long), started("u"), completed("u", &long)].iter());
        assert!(turns.all()["u"].completed_items.is_empty());
        for number in 0..2 * super::MOST_TURNS {
            turns.add(&number.to_string(), "t");
        }
        assert_eq!(turns.all().len(), super::MOST_TURNS);
        let count = |turns: &RunningTurns| -> usize {
            let all = turns.all().into_values();
            all.map(|turn| turn.completed_items.len()).sum()
        };
        let few = 20;
        turns.lock().items = super::MOST_ITEMS - few;
        for number in 0..3 * few {
            let turn = (number % 16).to_string();
            turns.observe([completed(&turn, &number.to_string())].iter());
        }
        assert_eq!(count(&turns), few);
        turns.retain(|turn| turn == "1");
        let items = turns.lock().items;
        assert_eq!(items, count(&turns));
        turns.remove("1");
        assert_eq!(turns.lock().items, 0);
    }
}
