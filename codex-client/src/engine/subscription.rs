//! One subscriber: what it wants to see, what waits for it, and what it had to miss.
//!
//! Knows nothing of the other subscribers, nor how its owner is woken.

use std::collections::VecDeque;

use super::Routed;

/// What a subscriber sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every event, and every line that could not be read.
    Everything,
    /// The events of a thread, whoever started its turns.
    Thread(String),
    /// The events of a turn, up to the one that ends it.
    Turn(String),
    /// The events of a login attempt.
    Login(String),
}

/// What a request opens. Until its answer names the id, everything that may belong to it is
/// kept, so that nothing is lost that comes before the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opens {
    /// A turn, on this thread if it is known.
    Turn {
        /// The thread the turn is on.
        thread: Option<String>,
    },
    /// A thread.
    Thread,
    /// A login attempt.
    Login,
}

/// How much may wait for a subscriber, in bytes of approximate weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// For events that may be dropped. A quarter of it makes the reader wait for a
    /// subscriber that is reading.
    pub(crate) droppable: usize,
    /// For lifecycle events, which are never dropped: beyond it the subscription ends.
    pub(crate) lifecycle: usize,
}

/// What waits for a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item<E, F> {
    /// Something happened.
    Event(E),
    /// A message that could not be read at all.
    Fault(F),
    /// So many events were dropped here, because the budget was used up.
    Missed(u64),
    /// Lifecycle events alone used up their budget: the subscription has ended, and what
    /// waited is gone.
    Overrun,
}

#[derive(Debug)]
pub(super) enum State {
    /// Its request waits to be sent.
    Unsent(Opens),
    /// Its request waits for the answer.
    Opening(Opens),
    Bound(Scope),
    Ended,
}

#[derive(Debug)]
pub(super) struct Subscription<E, F, W> {
    pub(super) state: State,
    queue: VecDeque<Item<E, F>>,
    droppable: usize,
    lifecycle: usize,
    /// The weight of what its owner took last and may still hold.
    lent: usize,
    waiter: Option<W>,
    /// Whether its owner comes for events; set by coming, cleared by letting the reader wait.
    reading: bool,
    /// Whether lifecycle events used up their budget: nothing is added any more.
    overrun: bool,
    /// Whether the connection was closed before the subscription had ended by itself.
    pub(super) cut_off: bool,
}

/// The weight of a message that could not be read: an excerpt and an explanation.
const FAULT_WEIGHT: usize = 1024;

impl<E: Routed, F, W> Subscription<E, F, W> {
    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            queue: VecDeque::new(),
            droppable: 0,
            lifecycle: 0,
            lent: 0,
            waiter: None,
            reading: false,
            overrun: false,
            cut_off: false,
        }
    }

    /// Adds an event, or counts it as missed. Returns who is to be woken.
    pub(super) fn push(&mut self, event: E, budget: Budget) -> Option<W> {
        let weight = event.weight();
        if !event.is_lifecycle() {
            return self.push_droppable(Item::Event(event), weight, budget);
        }
        self.lifecycle += weight;
        if self.lifecycle > budget.lifecycle {
            return self.overrun();
        }
        self.queue.push_back(Item::Event(event));
        self.waiter.take()
    }

    /// Adds a message that could not be read, or counts it as missed.
    pub(super) fn push_fault(&mut self, fault: F, budget: Budget) -> Option<W> {
        self.push_droppable(Item::Fault(fault), FAULT_WEIGHT, budget)
    }

    fn push_droppable(&mut self, item: Item<E, F>, weight: usize, budget: Budget) -> Option<W> {
        if self.overrun {
            return None;
        }
        if self.droppable + self.lent + weight <= budget.droppable {
            self.droppable += weight;
            self.queue.push_back(item);
        } else if let Some(Item::Missed(count)) = self.queue.back_mut() {
            *count += 1;
        } else {
            self.queue.push_back(Item::Missed(1));
        }
        self.waiter.take()
    }

    fn overrun(&mut self) -> Option<W> {
        if !self.overrun {
            self.overrun = true;
            self.queue = VecDeque::from([Item::Overrun]);
            self.droppable = 0;
        }
        self.waiter.take()
    }

    /// Whether nothing will be added any more.
    pub(super) fn has_ended(&self) -> bool {
        self.overrun || matches!(self.state, State::Ended)
    }

    /// Moves everything that waits into `into`, which must be empty; whether there was any.
    pub(super) fn take(&mut self, into: &mut VecDeque<Item<E, F>>) -> bool {
        self.reading = true;
        self.lent = std::mem::take(&mut self.droppable);
        if !self.overrun {
            self.lifecycle = 0;
        }
        std::mem::swap(&mut self.queue, into);
        !into.is_empty()
    }

    pub(super) fn wait(&mut self, waiter: W) {
        self.waiter = Some(waiter);
    }

    /// Ends the subscription before its time.
    pub(super) fn cut_off(&mut self) -> Option<W> {
        self.cut_off = !self.has_ended();
        self.end()
    }

    /// Ends the subscription; what waits can still be taken. Returns who is to be woken.
    pub(super) fn end(&mut self) -> Option<W> {
        self.state = State::Ended;
        self.waiter.take()
    }

    /// Fixes what is seen, and drops what was kept in vain. Whether the subscription goes on.
    pub(super) fn bind(&mut self, scope: Scope) -> bool {
        self.queue.retain(|item| match item {
            Item::Event(event) => scope.covers(event),
            _ => true,
        });
        let events = self.queue.iter().filter_map(Item::event);
        let (lifecycle, droppable): (Vec<&E>, Vec<&E>) = events.partition(|e| e.is_lifecycle());
        self.lifecycle = lifecycle.iter().map(|event| event.weight()).sum();
        self.droppable = droppable.iter().map(|event| event.weight()).sum();
        let ending = self.queue.iter().position(|item| {
            let event = item.event();
            event.is_some_and(|event| scope.is_ended_by(event))
        });
        if let Some(position) = ending {
            self.queue.truncate(position + 1);
            self.state = State::Ended;
            return false;
        }
        self.state = State::Bound(scope);
        true
    }

    /// Whether the reader should wait for the owner to come.
    pub(super) fn is_congested(&self, budget: Budget) -> bool {
        self.reading && self.droppable > budget.droppable / 4
    }

    /// The owner did not come in time: the reader does not wait for it again until it has.
    pub(super) fn stop_waiting(&mut self) {
        self.reading = false;
    }
}

impl<E, F> Item<E, F> {
    fn event(&self) -> Option<&E> {
        match self {
            Self::Event(event) => Some(event),
            Self::Fault(_) | Self::Missed(_) | Self::Overrun => None,
        }
    }
}

impl Scope {
    fn covers<E: Routed>(&self, event: &E) -> bool {
        match self {
            Self::Everything => true,
            Self::Thread(id) => event.thread_id() == Some(id),
            Self::Turn(id) => event.turn_id() == Some(id),
            Self::Login(id) => event.login_id() == Some(id),
        }
    }

    pub(super) fn is_ended_by<E: Routed>(&self, event: &E) -> bool {
        matches!(self, Self::Turn(id) if event.ends_turn() && event.turn_id() == Some(id))
    }
}

impl Opens {
    /// Whether an event may belong to what is being opened.
    pub(super) fn may_cover<E: Routed>(&self, event: &E) -> bool {
        match self {
            Self::Turn { thread } => {
                let other_thread = match (thread, event.thread_id()) {
                    (Some(expected), Some(found)) => expected != found,
                    _ => false,
                };
                event.turn_id().is_some() && !other_thread
            }
            Self::Thread => event.thread_id().is_some(),
            Self::Login => event.login_id().is_some(),
        }
    }

    /// The scope once the id is known.
    pub(super) fn scope(&self, id: String) -> Scope {
        match self {
            Self::Turn { .. } => Scope::Turn(id),
            Self::Thread => Scope::Thread(id),
            Self::Login => Scope::Login(id),
        }
    }
}
