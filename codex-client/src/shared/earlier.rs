//! The events of a turn before a stream was attached to it, from the history.
//!
//! Sans-io. The history is read after the subscription began, so that the two may overlap.

use std::collections::{HashSet, VecDeque};

use codex_types::Turn;
use serde::Serialize;
use serde_json::{Value, json};

use crate::shared::event::Event;

/// The earlier events, and what is needed to recognize them when they come again.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    events: VecDeque<Event>,
    items: HashSet<String>,
    has_ended: bool,
    /// Another client decides about the approvals of the turn.
    watches: bool,
}

impl Earlier {
    /// The events of a turn, as the server would have sent them: its start, its completed items, and
    /// its end.
    pub(crate) fn new(thread_id: &str, turn: &Turn, is_running: bool, watches: bool) -> Self {
        let mut header = turn.clone();
        header.items = Vec::new();
        let of_turn = json!({ "threadId": thread_id, "turn": value_of(&header) });
        let mut earlier = Self {
            watches,
            ..Self::default()
        };
        let started = Event::of_notification("turn/started", &of_turn);
        earlier.events.extend(started);
        for item in &turn.items {
            let event = Event::missed_item(thread_id, turn.id.as_str(), &value_of(item));
            earlier.events.extend(event);
            earlier.items.extend(item.id().map(str::to_owned));
        }
        if !is_running {
            let ended = Event::of_notification("turn/completed", &of_turn);
            earlier.has_ended = ended.is_some();
            earlier.events.extend(ended);
        }
        earlier
    }

    /// The next of them.
    pub(crate) fn next(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Returns whether they contain the end of the turn: nothing follows.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Returns whether another client decides about the approvals of the turn.
    pub(crate) fn is_watching(&self) -> bool {
        self.watches
    }

    /// Returns whether an event is among them: that of an item that had completed.
    pub(crate) fn has(&self, event: &Event) -> bool {
        let is_of_item = matches!(event.method(), "item/started" | "item/completed");
        let is_start = event.method() == "turn/started" && !self.items.is_empty();
        let item = || event.item_id().is_some_and(|id| self.items.contains(id));
        is_start || (is_of_item && item())
    }
}

/// The JSON of a part of the history. By its text, so that the whole protocol is not compiled for a
/// second serializer.
fn value_of<T: Serialize>(part: &T) -> Value {
    let text = serde_json::to_vec(part).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use codex_types::Turn;
    use serde_json::json;

    use super::Earlier;
    use crate::shared::event::Event;

    fn turn(status: &str) -> Turn {
        let item = json!({ "type": "agentMessage", "id": "m", "text": "Hello." });
        let turn = json!({ "id": "u", "items": [item], "status": status });
        serde_json::from_value(turn).unwrap()
    }

    fn methods(mut earlier: Earlier) -> Vec<String> {
        let events = std::iter::from_fn(|| earlier.next());
        events.map(|event| event.method().to_owned()).collect()
    }

    #[test]
    fn a_running_turn_has_no_end() {
        let earlier = Earlier::new("t", &turn("inProgress"), true, false);
        assert!(!earlier.has_ended());
        assert_eq!(methods(earlier), ["turn/started", "item/completed"]);
        let earlier = Earlier::new("t", &turn("completed"), false, false);
        assert!(earlier.has_ended());
        assert_eq!(
            methods(earlier),
            ["turn/started", "item/completed", "turn/completed"]
        );
    }

    #[test]
    fn items_of_the_history_are_recognized() {
        let earlier = Earlier::new("t", &turn("inProgress"), true, false);
        let completed = |id: &str| {
            let item = json!({ "type": "agentMessage", "id": id, "text": "" });
            Event::missed_item("t", "u", &item).unwrap()
        };
        assert!(earlier.has(&completed("m")));
        assert!(!earlier.has(&completed("other")));
        assert!(!Earlier::default().has(&completed("m")));
    }
}
