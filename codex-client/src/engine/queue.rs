//! The queue of one subscriber, within its budget.
//!
//! Counts queued events, not delivered ones. A class of events is full when it exceeds its budget:
//! the event that exceeds it is still queued, of any size, so that one event that is larger than
//! the whole budget reaches a reading subscriber.

use std::collections::{HashMap, VecDeque};

use super::{Ends, InTurn, Routed};

/// The budget of a subscriber's queue, in bytes of approximate weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// For events that may be dropped; the same again for those that contain a whole state.
    pub(crate) droppable: usize,
    /// For lifecycle events, which are never dropped: beyond it the subscription ends.
    pub(crate) lifecycle: usize,
    /// True if no event is dropped for a reading subscriber: the reader waits for it.
    pub(crate) lossless: bool,
}

/// An entry in the queue of a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item<E, F> {
    /// An event.
    Event(E),
    /// A malformed message.
    Malformed(F),
    /// A request of the server that this subscriber is to respond to.
    Request(Offered),
    /// Number of events dropped at this point because the budget was exhausted.
    Missed(u64),
    /// Placeholder of an event that a later one has superseded.
    Superseded,
    /// The link was lost and restored at this point, with the report of it; `None` until it is.
    Restarted(Option<F>),
    /// Lifecycle events alone exhausted their budget: the subscription has ended, and its queue was
    /// dropped.
    Overrun,
}

/// A request of the server in the queue of a subscriber; the request itself is in the table of open
/// requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    /// Its number in that table.
    pub(crate) number: u64,
    /// The turn that waits for the response.
    pub(crate) turn: InTurn,
}

impl Offered {
    fn weight(&self) -> usize {
        OFFERED_WEIGHT + self.turn.len()
    }
}

/// The budget that a subscriber is about to exhaust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pressure {
    /// Events would be dropped and counted.
    Droppable,
    /// The subscription would end.
    Lifecycle,
}

/// The outcome of adding an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It was queued, or counted as dropped.
    Yes,
    /// Lifecycle events have exhausted their budget.
    Overrun,
}

#[derive(Debug)]
pub(super) struct Queue<E, F> {
    items: VecDeque<Item<E, F>>,
    droppable: usize,
    snapshots: usize,
    lifecycle: usize,
    /// The position of the newest event of each state. Entries before it in `items` never move: all
    /// are taken at once.
    newest: HashMap<String, usize>,
    /// Number of superseded items.
    holes: usize,
    /// The batch of the last droppable event: all of it was counted with the first.
    batch: Option<usize>,
}

/// The weight of a message that could not be read: an excerpt and an explanation.
const MALFORMED_WEIGHT: usize = 1024;
/// The weight of an offered request besides the id of its turn.
const OFFERED_WEIGHT: usize = 128;
/// The weight from which on further events are packed: more than comes with one read.
const LONG: usize = 1 << 20;
/// Minimum number of superseded items that are worth compacting.
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
            batch: None,
        }
    }

    /// Adds an event, or counts it as dropped, unless `unlimited`. If there is a place for a packed
    /// one, that is added when the queue is long.
    pub(super) fn push(
        &mut self,
        event: &E,
        packed: Option<&mut Option<E>>,
        budget: Budget,
        unlimited: bool,
    ) -> Added {
        if event.is_lifecycle() {
            if self.lifecycle > budget.lifecycle && !unlimited {
                return Added::Overrun;
            }
            self.lifecycle += event.weight();
            self.items.push_back(Item::Event(event.clone()));
            return Added::Yes;
        }
        match event.snapshot_of() {
            Some(state) => self.push_snapshot(event, state, budget, unlimited),
            None => self.push_droppable(event, packed, budget, unlimited),
        }
        Added::Yes
    }

    /// An event whose batch is here already takes no more room. One that is dropped is not packed.
    fn push_droppable(
        &mut self,
        event: &E,
        packed: Option<&mut Option<E>>,
        budget: Budget,
        unlimited: bool,
    ) {
        let packed = packed.filter(|_| self.droppable > LONG);
        let is_full = self.droppable > budget.droppable && !unlimited;
        if is_full && (packed.is_some() || self.weight_of_new(event) > 0) {
            return self.miss(event.count() as u64);
        }
        let event = match packed {
            Some(packed) => packed.get_or_insert_with(|| event.packed()).clone(),
            None => event.clone(),
        };
        self.count_droppable(&event);
        self.items.push_back(Item::Event(event));
    }

    fn count_droppable(&mut self, event: &E) {
        self.droppable += self.weight_of_new(event);
        self.batch = event.batch().map(|(id, _)| id);
    }

    /// What an event adds: all of its batch, unless the one before it is of the same.
    fn weight_of_new(&self, event: &E) -> usize {
        match event.batch() {
            Some((id, _)) if self.batch == Some(id) => 0,
            Some((_, weight)) => weight,
            None => event.weight(),
        }
    }

    /// Adds an event with a whole state, which replaces an older one if the queue is full.
    fn push_snapshot(&mut self, event: &E, state: String, budget: Budget, unlimited: bool) {
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
        self.snapshots += event.weight();
        self.newest.insert(state, self.items.len());
        self.items.push_back(Item::Event(event.clone()));
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

    /// Adds a malformed message, or counts it as dropped.
    pub(super) fn push_malformed(&mut self, malformed: F, budget: Budget, unlimited: bool) {
        if self.droppable > budget.droppable && !unlimited {
            return self.miss(1);
        }
        self.droppable += MALFORMED_WEIGHT;
        self.items.push_back(Item::Malformed(malformed));
    }

    /// Adds a request of the server; it counts as a lifecycle event.
    pub(super) fn push_request(&mut self, request: Offered, budget: Budget) -> Added {
        if self.lifecycle > budget.lifecycle {
            return Added::Overrun;
        }
        self.lifecycle += request.weight();
        self.items.push_back(Item::Request(request));
        Added::Yes
    }

    /// Removes the requests that do not belong to this subscriber, and returns their numbers.
    pub(super) fn remove_requests(
        &mut self,
        belongs: impl Fn(&Offered) -> bool,
        released: &mut Vec<u64>,
    ) {
        let foreign = |item: &Item<E, F>| match item {
            Item::Request(request) if !belongs(request) => Some(request.number),
            _ => None,
        };
        let before = released.len();
        released.extend(self.items.iter().filter_map(foreign));
        if released.len() > before {
            self.items.retain(|item| foreign(item).is_none());
            self.retain(|_| true);
        }
    }

    fn miss(&mut self, more: u64) {
        if let Some(Item::Missed(count)) = self.items.back_mut() {
            *count += more;
        } else {
            self.items.push_back(Item::Missed(more));
        }
    }

    /// Replaces all entries by [`Item::Overrun`]; the requests among them are released.
    pub(super) fn overrun(&mut self, released: &mut Vec<u64>) {
        self.remove_requests(|_| false, released);
        *self = Self::new();
        self.items.push_back(Item::Overrun);
    }

    /// Keeps matching events, and entries that are no events.
    pub(super) fn retain(&mut self, wanted: impl Fn(&E) -> bool) {
        for item in std::mem::replace(self, Self::new()).items {
            match item {
                Item::Event(event) if !wanted(&event) => {}
                item => self.push_back(item),
            }
        }
    }

    /// Adds an entry behind all others, and counts it.
    fn push_back(&mut self, item: Item<E, F>) {
        match &item {
            Item::Superseded => return,
            Item::Event(event) => self.count(event),
            Item::Malformed(_) => self.droppable += MALFORMED_WEIGHT,
            Item::Request(request) => self.lifecycle += request.weight(),
            Item::Missed(count) => return self.miss(*count),
            // An owner that never reads must not collect them without bound.
            Item::Restarted(_) => self.lifecycle += MALFORMED_WEIGHT,
            Item::Overrun => {}
        }
        self.items.push_back(item);
    }

    /// Marks the place where the link was lost.
    pub(super) fn mark_restart(&mut self) {
        self.push_back(Item::Restarted(None));
    }

    /// Puts the report of the restart at the marked place, and behind it the events that were
    /// missed. The end of a turn or an item that came by itself meanwhile is not repeated.
    pub(super) fn fill_restart(&mut self, report: F, missed: Vec<E>) {
        let items = std::mem::replace(self, Self::new()).items;
        let is_same = |one: &E, other: &E| {
            let both_end = [one, other].iter().all(|it| it.ends() == Some(Ends::Turn));
            let item = one.completes_item();
            let both_complete = item.is_some() && item == other.completes_item();
            (both_end || both_complete) && one.turn_id() == other.turn_id()
        };
        let came = |missed: &E| {
            let mut events = items.iter().filter_map(Item::event);
            events.any(|event| is_same(event, missed))
        };
        let missed: Vec<E> = missed.into_iter().filter(|event| !came(event)).collect();
        let mut filling = Some((report, missed));
        for item in items {
            match (item, filling.take()) {
                (Item::Restarted(None), Some((report, missed))) => {
                    self.push_back(Item::Restarted(Some(report)));
                    for event in missed {
                        self.push_back(Item::Event(event));
                    }
                }
                (item, rest) => {
                    filling = rest;
                    self.push_back(item);
                }
            }
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
            self.count_droppable(event);
        }
    }

    /// Removes entries after the first event of this kind; returns whether there is one. The
    /// requests among them are released.
    pub(super) fn end_with(&mut self, last: impl Fn(&E) -> bool, released: &mut Vec<u64>) -> bool {
        let is_last = |item: &Item<E, F>| item.event().is_some_and(&last);
        let Some(position) = self.items.iter().position(is_last) else {
            return false;
        };
        for item in self.items.drain(position + 1..) {
            if let Item::Request(request) = item {
                released.push(request.number);
            }
        }
        self.retain(|_| true);
        true
    }

    /// Moves all entries into `into`, which must be empty; returns whether there were any.
    pub(super) fn take(&mut self, into: &mut VecDeque<Item<E, F>>) -> bool {
        (self.droppable, self.snapshots, self.lifecycle) = (0, 0, 0);
        self.newest.clear();
        (self.holes, self.batch) = (0, None);
        std::mem::swap(&mut self.items, into);
        !into.is_empty()
    }

    /// The budget that the subscriber is about to exhaust.
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
            Self::Malformed(_)
            | Self::Request(_)
            | Self::Missed(_)
            | Self::Superseded
            | Self::Restarted(_)
            | Self::Overrun => None,
        }
    }
}
