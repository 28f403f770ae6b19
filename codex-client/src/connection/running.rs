//! The turns that are running on a connection whose lost links are restored, and their completed
//! items: after a restart, what is not known here was missed.
//!
//! Bounded: of a server that starts turns without end, the further ones are not tracked.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use codex_types::ServerNotification;

use crate::engine::{Ends, Routed as _};
use crate::shared::event::Event;

/// Maximum number of tracked turns.
const MOST_TURNS: usize = 4096;
/// Maximum number of tracked items of a turn; further ones may be reported twice.
const MOST_ITEMS: usize = 16 * 1024;

/// The running turns, by id.
#[derive(Debug, Default)]
pub(super) struct RunningTurns(Mutex<BTreeMap<String, RunningTurn>>);

/// A running turn.
#[derive(Clone, Debug, Default)]
pub(super) struct RunningTurn {
    pub(super) thread_id: String,
    pub(super) completed_items: HashSet<String>,
}

impl RunningTurns {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, RunningTurn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Observes events in their order.
    pub(super) fn observe(&self, events: &[Event]) {
        for event in events {
            match event.notification() {
                ServerNotification::TurnStarted(started) => {
                    self.add(started.turn.id.as_str(), started.thread_id.as_str());
                }
                ServerNotification::ItemCompleted(_) => self.add_item(event),
                // An end counts even if it is damaged.
                ServerNotification::TurnCompleted(_) | ServerNotification::Unrecognized(_)
                    if event.ends() == Some(Ends::Turn) =>
                {
                    self.remove(event.turn_id().unwrap_or_default());
                }
                _ => {}
            }
        }
    }

    fn add(&self, turn_id: &str, thread_id: &str) {
        let mut turns = self.lock();
        if turns.len() < MOST_TURNS {
            let turn = turns.entry(turn_id.to_owned()).or_default();
            thread_id.clone_into(&mut turn.thread_id);
        }
    }

    fn remove(&self, turn_id: &str) {
        self.lock().remove(turn_id);
    }

    fn add_item(&self, event: &Event) {
        let (Some(turn), Some(item)) = (event.turn_id(), event.item_id()) else {
            return;
        };
        let mut turns = self.lock();
        let turn = turns.get_mut(turn);
        if let Some(turn) = turn.filter(|turn| turn.completed_items.len() < MOST_ITEMS) {
            turn.completed_items.insert(item.to_owned());
        }
    }

    /// The running turns.
    pub(super) fn all(&self) -> BTreeMap<String, RunningTurn> {
        self.lock().clone()
    }

    /// Forgets the turns that are over.
    pub(super) fn retain(&self, is_running: impl Fn(&str) -> bool) {
        self.lock().retain(|turn, _| is_running(turn));
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
            turns.observe(&[event("turn/started", &params)]);
        }
        let item = json!({"type": "agentMessage", "id": "m", "text": "x"});
        let params = json!({"threadId": "t", "turnId": "u", "completedAtMs": 1, "item": item});
        turns.observe(&[event("item/completed", &params)]);
        let all = turns.all();
        assert_eq!(all["u"].thread_id, "t");
        assert!(all["u"].completed_items.contains("m"));
        let damaged = json!({"threadId": "t", "turn": {"id": "u", "status": 7}});
        turns.observe(&[event("turn/completed", &damaged)]);
        assert_eq!(turns.all().into_keys().collect::<Vec<_>>(), ["v"]);
        turns.retain(|turn| turn != "v");
        assert!(turns.all().is_empty());
    }
}
