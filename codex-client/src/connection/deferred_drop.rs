//! Delivered events, which the reader holds a little longer.
//!
//! The reading thread allocates the memory of an event. If the thread that uses the event freed it,
//! the two would contend in the allocator for each of them: glibc locks an arena when another
//! thread frees memory in it, and with both threads busy that cost more than reading the event. So
//! the reader mostly drops an event last, and puts the next events into the memory of its batch.

use std::mem;

use crate::shared::event::Run;

/// Maximum text held of one batch, in bytes; longer events are rare.
const MOST: usize = 128 * 1024;

/// The events of the last two batches. A subscriber that keeps up has dropped those of the first
/// when the third comes.
#[derive(Debug, Default)]
pub(crate) struct DeferredDrop {
    last: Vec<Run>,
    before: Vec<Run>,
    /// The bytes of text in `last`.
    held: usize,
}

impl DeferredDrop {
    /// Starts a new batch, and returns the events of the last but one.
    pub(super) fn turn_over(&mut self) -> impl Iterator<Item = Run> + '_ {
        mem::swap(&mut self.before, &mut self.last);
        self.held = 0;
        self.last.drain(..)
    }

    /// Holds events of the batch; what shares its memory with those before is held already.
    pub(super) fn hold(&mut self, events: Run) {
        let (last, first) = (self.last.last(), events.first());
        if last.is_some_and(|last| last.first().shares_memory_with(first)) {
            return;
        }
        let held = self.held + first.shared_text();
        if held <= MOST {
            self.held = held;
            self.last.push(events);
        }
    }
}

#[cfg(test)]
mod tests {
    use codex_types::rpc::Notification;
    use codex_types::{ServerNotification, UnrecognizedMessage};

    use super::{DeferredDrop, MOST, Run};
    use crate::shared::event::Event;

    fn event(length: usize) -> Run {
        let payload = ServerNotification::Unrecognized(UnrecognizedMessage::new("x", None));
        Run::alone(Event::new(Notification::new(payload), &"x".repeat(length)))
    }

    #[test]
    fn the_events_of_two_batches_are_held() {
        let mut deferred = DeferredDrop::default();
        for _ in 0..2 {
            drop(deferred.turn_over());
            deferred.hold(event(1));
            deferred.hold(event(1));
        }
        assert_eq!((deferred.before.len(), deferred.last.len()), (2, 2));
        drop(deferred.turn_over());
        assert_eq!((deferred.before.len(), deferred.last.len()), (2, 0));
        drop(deferred.turn_over());
        assert_eq!((deferred.before.len(), deferred.last.len()), (0, 0));
    }

    #[test]
    fn little_text_is_held() {
        let mut deferred = DeferredDrop::default();
        for length in [MOST / 2, MOST, MOST / 2, 1] {
            deferred.hold(event(length));
        }
        assert_eq!(deferred.last.len(), 2, "the first and the third");
        drop(deferred.turn_over());
        deferred.hold(event(MOST));
        assert_eq!(deferred.last.len(), 1);
    }
}
