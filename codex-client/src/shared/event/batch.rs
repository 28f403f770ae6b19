//! Events that came together and share one allocation.
//!
//! Most events are small and may be dropped. Those that are read at once are put together: their
//! text is one string, their parts are one list, and an event is a place in it. Whoever keeps one of
//! them keeps all of its batch, so that a batch is small, and events that are kept for long or are
//! large are alone in theirs.

use std::ops::Range;
use std::sync::Arc;

use codex_types::DecodeError;
use codex_types::rpc::{Ids, Notification};

use super::{Event, importance};

/// The length of the text from which on a batch takes no more events, in bytes.
const TEXT: usize = 4 * 1024;
/// The number of events in a batch at most.
const EVENTS: usize = 32;
/// The length of the longest text that is put together with others, in bytes.
const SHORT: usize = 1024;

/// Events that came together.
pub(super) struct Batch {
    pub(super) text: String,
    pub(super) parts: Vec<Parts>,
}

/// One of them.
pub(super) struct Parts {
    pub(super) notification: Notification,
    pub(super) raw: Range<usize>,
    pub(super) unreadable: Option<Box<Unreadable>>,
}

/// The decoded parts of a malformed message.
pub(super) struct Unreadable {
    pub(super) error: DecodeError,
    pub(super) ids: Ids<'static>,
}

impl Batch {
    fn new() -> Self {
        Self {
            text: String::new(),
            parts: Vec::new(),
        }
    }

    /// Adds an event with its text.
    pub(super) fn push(
        &mut self,
        notification: Notification,
        raw: &str,
        unreadable: Option<Box<Unreadable>>,
    ) {
        let start = self.text.len();
        self.text.push_str(raw);
        self.parts.push(Parts {
            notification,
            raw: start..self.text.len(),
            unreadable,
        });
    }

    /// A batch of this event alone.
    pub(super) fn of_one(
        notification: Notification,
        raw: &str,
        unreadable: Option<Box<Unreadable>>,
    ) -> Arc<Self> {
        let mut batch = Self {
            text: String::with_capacity(raw.len()),
            parts: Vec::with_capacity(1),
        };
        batch.push(notification, raw, unreadable);
        Arc::new(batch)
    }
}

/// Puts the events of one read together, in their order.
pub(crate) struct Batches {
    done: Vec<Arc<Batch>>,
    open: Batch,
}

impl Batches {
    pub(crate) fn new() -> Self {
        Self {
            done: Vec::new(),
            open: Batch::new(),
        }
    }

    /// Adds the next event.
    pub(crate) fn push(&mut self, notification: Notification, raw: &str) {
        let is_alone = raw.len() > SHORT || importance::is_kept(&notification.payload);
        if is_alone {
            self.push_event(&Event::new(notification, raw));
            return;
        }
        if self.open.parts.is_empty() && !self.done.is_empty() {
            // One batch is full already, so that this one will most likely be, too.
            self.open.text.reserve_exact(TEXT + SHORT);
            self.open.parts.reserve_exact(EVENTS);
        }
        self.open.push(notification, raw, None);
        if self.open.text.len() >= TEXT || self.open.parts.len() >= EVENTS {
            self.end_batch();
        }
    }

    /// Adds the next event, which is there already.
    pub(crate) fn push_event(&mut self, event: &Event) {
        self.end_batch();
        self.done.push(Arc::clone(&event.batch));
    }

    fn end_batch(&mut self) {
        if self.open.parts.is_empty() {
            return;
        }
        let mut batch = std::mem::replace(&mut self.open, Batch::new());
        batch.text.shrink_to_fit();
        batch.parts.shrink_to_fit();
        self.done.push(Arc::new(batch));
    }

    /// All events in their order.
    pub(crate) fn finish(mut self) -> impl Iterator<Item = Event> {
        self.end_batch();
        self.done.into_iter().flat_map(|batch| {
            let count = batch.parts.len();
            (0..count).map(move |index| Event {
                batch: Arc::clone(&batch),
                index,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use codex_types::rpc::ServerMessage;

    use super::*;

    fn notification(text: &str) -> Notification {
        match ServerMessage::parse(text) {
            Ok(ServerMessage::Notification(notification)) => notification,
            other => panic!("{other:?}"),
        }
    }

    fn delta(text: &str) -> String {
        format!(
            r#"{{"method":"item/agentMessage/delta","params":{{"threadId":"t","turnId":"u","itemId":"i","delta":"{text}"}}}}"#
        )
    }

    #[test]
    fn events_keep_their_order_and_text() {
        let closed = r#"{"method":"thread/closed","params":{"threadId":"t"}}"#;
        let mut lines: Vec<String> = (0..100).map(|number| delta(&number.to_string())).collect();
        lines.insert(50, closed.to_owned());
        lines.insert(20, delta(&"x".repeat(SHORT)));
        let mut batches = Batches::new();
        for line in &lines {
            batches.push(notification(line), line);
        }
        let events: Vec<Event> = batches.finish().collect();
        assert!(events.iter().map(Event::raw).eq(&lines));
        assert_eq!(events[51].batch.parts.len(), 1, "lifecycle");
        assert_eq!(events[20].batch.parts.len(), 1, "large");
        assert!(Arc::ptr_eq(&events[0].batch, &events[1].batch));
        assert!(
            events
                .iter()
                .all(|event| event.batch.text.len() < TEXT + SHORT)
        );
        let method = |event: &Event| event.method() == "thread/closed";
        assert_eq!(events.iter().position(method), Some(51));
    }
}
