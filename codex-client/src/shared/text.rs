//! The text of a turn's messages: in pieces from a provider that streams, otherwise whole.
//!
//! Sans-io. Tracks the messages that came in pieces, so that no text is yielded twice.

use std::collections::HashSet;

use codex_types::{ServerNotification, ThreadItem};

use crate::shared::event::Event;

/// Maximum number of known messages. Of a server that streams messages without end the earlier ones
/// are forgotten, which are complete by then.
const MOST: usize = 4096;
/// Maximum length of a known id, in bytes; those of the runtime have 36.
const LONGEST_ID: usize = 256;

/// The messages of a turn that came in pieces so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamedMessages {
    ids: HashSet<String>,
    /// The id of the last piece: nearly always that of the next one, which then costs no lookup.
    last: String,
}

impl StreamedMessages {
    /// Observes an event of the turn.
    pub(crate) fn observe(&mut self, event: &Event) {
        let ServerNotification::ItemAgentMessageDelta(delta) = event.notification() else {
            return;
        };
        let id: &str = delta.item_id.as_ref();
        if self.last != id && id.len() <= LONGEST_ID {
            if self.ids.len() >= MOST {
                self.ids.clear();
            }
            id.clone_into(&mut self.last);
            self.ids.insert(id.to_owned());
        }
    }

    /// Returns the text that an event adds: a piece of a message, or a whole message that did not
    /// come in pieces.
    pub(crate) fn text_of(&self, event: &Event) -> Option<String> {
        match event.notification() {
            ServerNotification::ItemAgentMessageDelta(delta) => Some(delta.delta.clone()),
            ServerNotification::ItemCompleted(completed) => match &completed.item {
                ThreadItem::AgentMessage(message)
                    if !message.text.is_empty()
                        && !self.ids.contains::<str>(message.id.as_ref()) =>
                {
                    Some(message.text.clone())
                }
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use codex_types::rpc::ServerMessage;
    use serde_json::{Value, json};

    use super::StreamedMessages;
    use crate::shared::event::Event;

    fn event(method: &str, params: &Value) -> Event {
        let line = json!({"method": method, "params": params}).to_string();
        match ServerMessage::parse(&line).unwrap() {
            ServerMessage::Notification(notification) => Event::new(notification, &line),
            other => panic!("no notification: {other:?}"),
        }
    }

    fn piece(id: &str, text: &str) -> Event {
        let params = json!({"threadId": "t", "turnId": "u", "itemId": id, "delta": text});
        event("item/agentMessage/delta", &params)
    }

    fn whole(id: &str, text: &str) -> Event {
        let item = json!({"type": "agentMessage", "id": id, "text": text});
        let params = json!({"threadId": "t", "turnId": "u", "completedAtMs": 1, "item": item});
        event("item/completed", &params)
    }

    fn texts(events: &[Event]) -> Vec<String> {
        let mut streamed = StreamedMessages::default();
        let text = |event| {
            streamed.observe(event);
            streamed.text_of(event)
        };
        events.iter().filter_map(text).collect()
    }

    #[test]
    fn known_messages_are_bounded() {
        let mut streamed = StreamedMessages::default();
        for number in 0..=super::MOST {
            streamed.observe(&piece(&number.to_string(), "x"));
        }
        streamed.observe(&piece(&"x".repeat(super::LONGEST_ID + 1), "x"));
        assert!(streamed.ids.len() <= super::MOST && streamed.last.len() <= super::LONGEST_ID);
        let last = whole(&super::MOST.to_string(), "x");
        assert_eq!(streamed.text_of(&last), None, "the newest are known");
    }

    #[test]
    fn messages_come_in_pieces_or_whole_but_once() {
        let events = [
            piece("a", "Hel"),
            piece("b", "Other"),
            piece("a", "lo"),
            whole("a", "Hello"),
            whole("b", "Other"),
            whole("c", "At once"),
            whole("d", ""),
        ];
        assert_eq!(texts(&events), ["Hel", "Other", "lo", "At once"]);
    }
}
