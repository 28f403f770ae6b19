//! Consecutive events that go the same way.
//!
//! What routes events, and what observes them on their way, does so once for a run: its events have
//! the same ids, and if there are several, each of them may be dropped and none has an effect. What
//! receives a run takes it apart.

use codex_types::RequestId;

use super::Event;
use crate::engine::{Ends, Routed};

/// One event, or several events that differ in nothing that matters before they are received.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    first: Event,
    /// The number of events, at least one.
    count: usize,
    /// True if each of them may be dropped and none has an effect: a piece of a text, or progress.
    is_plain: bool,
}

impl Run {
    /// One event of any kind.
    pub(crate) fn alone(event: Event) -> Self {
        Self {
            first: event,
            count: 1,
            is_plain: false,
        }
    }

    /// Events that may be dropped and have no effect: those of a batch from `first` on.
    pub(super) fn plain(first: Event, count: usize) -> Self {
        Self {
            first,
            count,
            is_plain: true,
        }
    }

    /// Returns `true` if its events may be dropped and have no effect.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// The first event, which stands for all.
    pub(crate) fn first(&self) -> &Event {
        &self.first
    }

    /// All of its events, in their order.
    pub(crate) fn events(&self) -> impl Iterator<Item = Event> + '_ {
        (0..self.count).map(|number| {
            let mut event = self.first.clone();
            event.index += number;
            event
        })
    }

    /// Takes the first event, unless it is the last one as well.
    #[inline]
    pub(crate) fn split_first(&mut self) -> Option<Event> {
        if self.count < 2 {
            return None;
        }
        self.count -= 1;
        let first = self.first.clone();
        self.first.index += 1;
        Some(first)
    }

    /// The first event alone.
    #[inline]
    pub(crate) fn into_first(self) -> Event {
        self.first
    }

    fn unless_plain<'a, T>(&'a self, property: impl FnOnce(&'a Event) -> Option<T>) -> Option<T> {
        (!self.is_plain).then(|| property(&self.first)).flatten()
    }
}

/// As its first event; a packed one is not decoded for it, as far as all plain events are alike.
impl Routed for Run {
    fn count(&self) -> usize {
        self.count
    }

    fn packed(&self) -> Self {
        if !self.is_plain || self.first.batch.is_packed() {
            return self.clone();
        }
        let batch = self.first.batch.packed(self.first.index, self.count);
        Self::plain(Event { batch, index: 0 }, self.count)
    }

    fn thread_id(&self) -> Option<&str> {
        self.first.thread_id()
    }

    fn turn_id(&self) -> Option<&str> {
        self.first.turn_id()
    }

    fn login_id(&self) -> Option<&str> {
        self.first.login_id()
    }

    fn weight(&self) -> usize {
        self.first.weight()
    }

    fn batch(&self) -> Option<(usize, usize)> {
        self.first.batch()
    }

    fn is_lifecycle(&self) -> bool {
        !self.is_plain && self.first.is_lifecycle()
    }

    fn snapshot_of(&self) -> Option<String> {
        self.unless_plain(Event::snapshot_of)
    }

    fn ends(&self) -> Option<Ends> {
        self.unless_plain(Event::ends)
    }

    fn completes_item(&self) -> Option<&str> {
        self.unless_plain(Event::completes_item)
    }

    fn is_of_any_thread(&self) -> bool {
        !self.is_plain && self.first.is_of_any_thread()
    }

    fn is_early_warning(&self) -> bool {
        !self.is_plain && self.first.is_early_warning()
    }

    fn resolves(&self) -> Option<RequestId> {
        self.unless_plain(Event::resolves)
    }
}
