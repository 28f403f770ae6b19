//! Delivered events, which the reader holds a little longer.
//!
//! The reading thread allocates the memory of an event. If the thread that uses the event freed it,
//! the two would contend in the allocator for each of them: glibc locks an arena when another
//! thread frees memory in it, and with both threads busy that cost more than reading the event. So
//! the reader mostly drops an event last, and reuses the memory for the next events.

use std::mem;

use crate::shared::event::Event;

/// Maximum text held of one batch, in bytes; longer events are rare.
const MOST: usize = 128 * 1024;

/// The events of the last two batches. A subscriber that keeps up has dropped those of the first
/// when the third comes.
#[derive(Debug, Default)]
pub(crate) struct DeferredDrop {
    last: Vec<Event>,
    before: Vec<Event>,
    /// The bytes of text in `last`.
    held: usize,
}

impl DeferredDrop {
    /// Starts a new batch.
    pub(super) fn turn_over(&mut self) {
        self.before.clear();
        mem::swap(&mut self.before, &mut self.last);
        self.held = 0;
    }

    /// Holds an event of the batch; one that shares its memory with the one before is held already.
    pub(super) fn hold(&mut self, event: Event) {
        if self
            .last
            .last()
            .is_some_and(|last| last.shares_memory_with(&event))
        {
            return;
        }
        let held = self.held + event.shared_text();
        if held <= MOST {
            self.held = held;
            self.last.push(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use codex_types::rpc::Notification;
    use codex_types::{ServerNotification, UnrecognizedMessage};

    use super::{DeferredDrop, Event, MOST};

    fn event(length: usize) -> Event {
        let payload = ServerNotification::Unrecognized(UnrecognizedMessage::new("x", None));
        Event::new(Notification::new(payload), &"x".repeat(length))
    }

    #[test]
    fn the_events_of_two_batches_are_held() {
        let mut deferred = DeferredDrop::default();
        for _ in 0..2 {
            deferred.turn_over();
            deferred.hold(event(1));
            deferred.hold(event(1));
        }
        assert_eq!((deferred.before.len(), deferred.last.len()), (2, 2));
        deferred.turn_over();
        assert_eq!((deferred.before.len(), deferred.last.len()), (2, 0));
        deferred.turn_over();
        assert_eq!((deferred.before.len(), deferred.last.len()), (0, 0));
    }

    #[test]
    fn little_text_is_held() {
        let mut deferred = DeferredDrop::default();
        for length in [MOST / 2, MOST, MOST / 2, 1] {
            deferred.hold(event(length));
        }
        assert_eq!(deferred.last.len(), 2, "the first and the third");
        deferred.turn_over();
        deferred.hold(event(MOST));
        assert_eq!(deferred.last.len(), 1);
    }
}
