//! The events of a turn before a stream was attached to it, from the history.
//!
//! Sans-io. The history is read after the subscription began, so that the two may overlap.

use std::collections::{HashSet, VecDeque};

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
    /// The events of a stored turn, as the server would have sent them: its start, its completed
    /// items, and its end. It is read from its JSON, so that no model is written again.
    pub(crate) fn new(thread_id: &str, mut turn: Value, is_running: bool, watches: bool) -> Self {
        let items = turn.get_mut("items").map(Value::take);
        let turn_id = turn["id"].as_str().unwrap_or_default().to_owned();
        if let Some(turn) = turn.as_object_mut() {
            turn.insert("items".to_owned(), json!([]));
        }
        let of_turn = json!({ "threadId": thread_id, "turn": turn });
        let mut earlier = Self {
            watches,
            ..Self::default()
        };
        let started = Event::of_notification("turn/started", &of_turn);
        earlier.events.extend(started);
        for item in items.iter().filter_map(Value::as_array).flatten() {
            let event = Event::missed_item(thread_id, &turn_id, item);
            earlier.events.extend(event);
            earlier.items.extend(item["id"].as_str().map(str::to_owned));
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Earlier;
    use crate::shared::event::Event;

    fn turn(status: &str) -> Value {
        let item = json!({ "type": "agentMessage", "id": "m", "text": "Hello." });
        json!({ "id": "u", "items": [item], "status": status })
    }

    fn methods(mut earlier: Earlier) -> Vec<String> {
        let events = std::iter::from_fn(|| earlier.next());
        events.map(|event| event.method().to_owned()).collect()
    }

    #[test]
    fn a_running_turn_has_no_end() {
        let earlier = Earlier::new("t", turn("inProgress"), true, false);
        assert!(!earlier.has_ended());
        assert_eq!(methods(earlier), ["turn/started", "item/completed"]);
        let earlier = Earlier::new("t", turn("completed"), false, false);
        assert!(earlier.has_ended());
        assert_eq!(
            methods(earlier),
            ["turn/started", "item/completed", "turn/completed"]
        );
    }

    #[test]
    fn items_of_the_history_are_recognized() {
        let earlier = Earlier::new("t", turn("inProgress"), true, false);
        let completed = |id: &str| {
            let item = json!({ "type": "agentMessage", "id": id, "text": "" });
            Event::missed_item("t", "u", &item).unwrap()
        };
        assert!(earlier.has(&completed("m")));
        assert!(!earlier.has(&completed("other")));
        assert!(!Earlier::default().has(&completed("m")));
    }
}
