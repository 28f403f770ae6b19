//! What waits for one subscriber, within its budget.
//!
//! Counts what waits, and not what was handed out. A class of events is full when more than its
//! budget waits: the event that fills it is still taken, however large it is, so that one event
//! that is larger than the whole budget reaches a subscriber who reads.

use std::collections::{HashMap, VecDeque};

use super::Routed;

/// How much may wait for a subscriber, in bytes of approximate weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// For events that may be dropped; as much again for those that show a whole state.
    pub(crate) droppable: usize,
    /// For lifecycle events, which are never dropped: beyond it the subscription ends.
    pub(crate) lifecycle: usize,
    /// Whether nothing is dropped for a subscriber who reads: the reader waits for it.
    pub(crate) lossless: bool,
}

/// What waits for a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item<E, F> {
    /// Something happened.
    Event(E),
    /// A message that could not be read at all.
    Malformed(F),
    /// So many events were dropped here, because the budget was used up.
    Missed(u64),
    /// An event was here that a later one, further back, has made worthless.
    Superseded,
    /// Lifecycle events alone used up their budget: the subscription has ended, and what
    /// waited is gone.
    Overrun,
}

/// Which of its budgets a subscriber is about to use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pressure {
    /// Events would be dropped, and counted.
    Droppable,
    /// The subscription would end.
    Lifecycle,
}

/// What came of adding something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It waits, or was counted.
    Yes,
    /// Lifecycle events have used up their budget.
    Overrun,
}

#[derive(Debug)]
pub(super) struct Queue<E, F> {
    items: VecDeque<Item<E, F>>,
    droppable: usize,
    snapshots: usize,
    lifecycle: usize,
    /// Where the newest event of each state is. What is before it in `items` never moves:
    /// everything is taken at once.
    newest: HashMap<String, usize>,
    /// How many items are superseded.
    holes: usize,
}

/// The weight of a message that could not be read: an excerpt and an explanation.
const MALFORMED_WEIGHT: usize = 1024;
/// So few superseded items are not worth moving the others for.
const FEW_HOLES: usize = 64;

impl<E: Routed, F> Queue<E, F> {
    pub(super) fn new() -> Self {
        Self {
            items: VecDeque::new(),
            droppable: 0,
            snapshots: 0,
            lifecycle: 0,
            newest: HashMap::new(),
            holes: 0,
        }
    }

    /// Adds an event, or counts it as missed. Where `unlimited`, nothing is.
    pub(super) fn push(&mut self, event: E, budget: Budget, unlimited: bool) -> Added {
        let weight = event.weight();
        if event.is_lifecycle() {
            if self.lifecycle > budget.lifecycle && !unlimited {
                return Added::Overrun;
            }
            self.lifecycle += weight;
            self.items.push_back(Item::Event(event));
            return Added::Yes;
        }
        match event.snapshot_of() {
            Some(state) => self.push_snapshot(event, state, weight, budget, unlimited),
            None if self.droppable > budget.droppable && !unlimited => self.miss(1),
            None => {
                self.droppable += weight;
                self.items.push_back(Item::Event(event));
            }
        }
        Added::Yes
    }

    /// Where there is no room, an event that shows a whole state takes that of an older one.
    fn push_snapshot(
        &mut self,
        event: E,
        state: String,
        weight: usize,
        budget: Budget,
        unlimited: bool,
    ) {
        if self.snapshots > budget.droppable && !unlimited {
            let older = self.newest.get(&state).copied();
            let freed = older.map_or(0, |index| self.weight_at(index));
            if self.snapshots - freed > budget.droppable {
                return self.miss(1);
            }
            if let Some(index) = older {
                self.supersede(index);
            }
        }
        self.snapshots += weight;
        self.newest.insert(state, self.items.len());
        self.items.push_back(Item::Event(event));
    }

    fn weight_at(&self, index: usize) -> usize {
        let event = self.items.get(index).and_then(Item::event);
        event.map_or(0, Routed::weight)
    }

    fn supersede(&mut self, index: usize) {
        self.snapshots -= self.weight_at(index);
        if let Some(item) = self.items.get_mut(index) {
            *item = Item::Superseded;
            self.holes += 1;
        }
        if self.holes > FEW_HOLES && self.holes > self.items.len() / 4 {
            self.retain(|_| true);
        }
    }

    /// Adds a message that could not be read, or counts it as missed.
    pub(super) fn push_malformed(&mut self, malformed: F, budget: Budget, unlimited: bool) {
        if self.droppable > budget.droppable && !unlimited {
            return self.miss(1);
        }
        self.droppable += MALFORMED_WEIGHT;
        self.items.push_back(Item::Malformed(malformed));
    }

    fn miss(&mut self, more: u64) {
        if let Some(Item::Missed(count)) = self.items.back_mut() {
            *count += more;
        } else {
            self.items.push_back(Item::Missed(more));
        }
    }

    /// Replaces everything by the news that it is gone.
    pub(super) fn overrun(&mut self) {
        *self = Self::new();
        self.items.push_back(Item::Overrun);
    }

    /// Keeps the events that are wanted, and what is no event.
    pub(super) fn retain(&mut self, wanted: impl Fn(&E) -> bool) {
        let items = std::mem::take(&mut self.items);
        *self = Self::new();
        for item in items {
            match &item {
                Item::Superseded => continue,
                Item::Event(event) if !wanted(event) => continue,
                Item::Event(event) => self.count(event),
                Item::Malformed(_) => self.droppable += MALFORMED_WEIGHT,
                Item::Missed(count) => {
                    self.miss(*count);
                    continue;
                }
                Item::Overrun => {}
            }
            self.items.push_back(item);
        }
    }

    fn count(&mut self, event: &E) {
        let weight = event.weight();
        if event.is_lifecycle() {
            self.lifecycle += weight;
        } else if let Some(state) = event.snapshot_of() {
            self.snapshots += weight;
            self.newest.insert(state, self.items.len());
        } else {
            self.droppable += weight;
        }
    }

    /// Forgets what is behind the first event of this kind; whether there is one.
    pub(super) fn end_with(&mut self, last: impl Fn(&E) -> bool) -> bool {
        let is_last = |item: &Item<E, F>| item.event().is_some_and(&last);
        let Some(position) = self.items.iter().position(is_last) else {
            return false;
        };
        self.items.truncate(position + 1);
        self.retain(|_| true);
        true
    }

    /// Moves everything into `into`, which must be empty; whether there was any.
    pub(super) fn take(&mut self, into: &mut VecDeque<Item<E, F>>) -> bool {
        (self.droppable, self.snapshots, self.lifecycle) = (0, 0, 0);
        self.newest.clear();
        self.holes = 0;
        std::mem::swap(&mut self.items, into);
        !into.is_empty()
    }

    /// What is about to happen to a subscriber who does not come.
    pub(super) fn pressure(&self, budget: Budget) -> Option<Pressure> {
        if self.lifecycle > budget.lifecycle / 2 {
            return Some(Pressure::Lifecycle);
        }
        let droppable = self.droppable.max(self.snapshots);
        (droppable > budget.droppable / 2).then_some(Pressure::Droppable)
    }
}

impl<E, F> Item<E, F> {
    fn event(&self) -> Option<&E> {
        match self {
            Self::Event(event) => Some(event),
            Self::Malformed(_) | Self::Missed(_) | Self::Superseded | Self::Overrun => None,
        }
    }
}
