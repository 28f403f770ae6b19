//! The events that were missed while the link was lost: from the history of the threads, as the
//! notifications that the server would have sent.
//!
//! Sans-io.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::connection::running::RunningTurn;
use crate::shared::event::Event;

/// The missed notifications, in order.
#[derive(Debug, Default)]
pub(super) struct Missed {
    events: Vec<Event>,
    ended: HashSet<String>,
}

/// The state of a turn that was running when the link was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is running: its further events will come.
    Running,
    /// It has ended meanwhile.
    Ended,
    /// It was interrupted by the end of the server, or is unknown to the new one.
    Interrupted,
}

impl Missed {
    /// Adds what was missed of a turn, according to the response to `thread/resume` and the last
    /// turns of the thread.
    pub(super) fn add(
        &mut self,
        turn_id: &str,
        turn: &RunningTurn,
        resumed: &Value,
        history: &[Value],
    ) -> Outcome {
        let is_it = |turn: &&Value| turn["id"] == turn_id;
        let Some(known) = history.iter().find(is_it) else {
            return Outcome::Interrupted;
        };
        let is_running = known["status"] == "inProgress";
        let is_active = resumed["thread"]["status"]["type"] == "active";
        // A turn that was interrupted on request has a time of its end.
        let was_cut = known["status"] == "interrupted" && known["completedAt"].is_null();
        if was_cut || (is_running && !is_active) {
            return Outcome::Interrupted;
        }
        self.add_items(turn_id, turn, known, is_running);
        if is_running {
            return Outcome::Running;
        }
        let params = json!({ "threadId": turn.thread_id, "turn": known });
        let end = Event::of_notification("turn/completed", &params);
        self.events.extend(end);
        self.ended.insert(turn_id.to_owned());
        Outcome::Ended
    }

    /// The completed items that were not seen.
    fn add_items(&mut self, turn_id: &str, turn: &RunningTurn, known: &Value, is_running: bool) {
        for item in known["items"].as_array().into_iter().flatten() {
            let id = item["id"].as_str().unwrap_or_default();
            let completed_at = &item["completedAtMs"];
            let is_completed = !is_running || !completed_at.is_null();
            if !is_completed || turn.completed_items.contains(id) {
                continue;
            }
            self.events
                .extend(Event::missed_item(&turn.thread_id, turn_id, item));
        }
    }

    /// Returns whether a turn has ended meanwhile.
    pub(super) fn has_ended(&self, turn_id: &str) -> bool {
        self.ended.contains(turn_id)
    }

    /// The notifications.
    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Missed, Outcome};
    use crate::connection::running::RunningTurn;

    fn added(status: &str, completed_at: &Value, thread: &str) -> (Outcome, Vec<String>) {
        let turn = RunningTurn {
            thread_id: "t".to_owned(),
            completed_items: ["seen".to_owned()].into(),
        };
        let item = |id: &str, completed_at: Value| json!({"type": "agentMessage", "id": id, "text": "x", "completedAtMs": completed_at});
        let items = [
            item("seen", 1.into()),
            item("missed", 2.into()),
            item("open", Value::Null),
        ];
        let history = json!([
            {"id": "other", "status": "completed", "items": []},
            {"id": "u", "status": status, "items": items, "completedAt": completed_at},
        ]);
        let resumed = json!({"thread": {"status": {"type": thread}}});
        let mut missed = Missed::default();
        let history = history.as_array().unwrap();
        let outcome = missed.add("u", &turn, &resumed, history);
        let events = missed.events();
        let named = |event: &crate::Event| {
            assert_eq!(event.decode_error(), None);
            assert_eq!((event.thread_id(), event.turn_id()), (Some("t"), Some("u")));
            format!("{} {}", event.method(), event.item_id().unwrap_or("-"))
        };
        (outcome, events.iter().map(named).collect())
    }

    #[test]
    fn running_turn_has_its_completed_items() {
        let (outcome, events) = added("inProgress", &Value::Null, "active");
        assert_eq!(outcome, Outcome::Running);
        assert_eq!(events, ["item/completed missed"]);
    }

    #[test]
    fn ended_turn_has_all_items_and_its_end() {
        for status in ["completed", "failed", "interrupted"] {
            let (outcome, events) = added(status, &7.into(), "idle");
            assert_eq!(outcome, Outcome::Ended);
            let expected = [
                "item/completed missed",
                "item/completed open",
                "turn/completed -",
            ];
            assert_eq!(events, expected, "{status}");
        }
    }

    #[test]
    fn turn_without_an_end_was_interrupted() {
        for (status, thread) in [("interrupted", "idle"), ("inProgress", "idle")] {
            let (outcome, events) = added(status, &Value::Null, thread);
            assert_eq!(
                (outcome, events.len()),
                (Outcome::Interrupted, 0),
                "{status}"
            );
        }
        let turn = RunningTurn::default();
        let outcome = Missed::default().add("u", &turn, &json!({}), &[]);
        assert_eq!(outcome, Outcome::Interrupted, "the server does not know it");
    }
}
