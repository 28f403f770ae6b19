//! Requests of the server: the pending ones, and the queue for handlers.
//!
//! Independent of the handlers.

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use codex_types::RequestId;

use super::numbered::Numbered;

/// The pending requests of the server. Each leaves the table exactly once: by its response, by
/// being resolved elsewhere, or with the connection. One that is recorded leaves its record behind.
///
/// Every request has a number of its own, because the server may reuse an id: a late response to
/// the old request must not answer the new one.
///
/// Invariant: `queue` has the numbers of the entries with a payload that is not offered to a
/// subscriber, and `ids` those of all; at most `limit` handlers are running.
#[derive(Debug)]
pub(crate) struct ServerRequests<P, D, W> {
    open: Numbered<u64, Open<P, D, W>>,
    ids: HashMap<RequestId, u64>,
    queue: BTreeSet<u64>,
    /// The numbers of the requests that end with a turn, by turn.
    of_turns: HashMap<String, BTreeSet<u64>>,
    /// Total weight of the open requests.
    weight: usize,
    limits: HandlerLimits,
    working: usize,
    last: u64,
    /// Recorded requests that left without a response.
    withdrawn: Vec<Withdrawn<P>>,
}

/// Limits of the server's requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HandlerLimits {
    /// Maximum number of concurrent handlers; the other requests are queued.
    pub(crate) handlers: usize,
    /// Maximum size of open requests, in bytes.
    pub(crate) weight: usize,
}

#[derive(Debug)]
struct Open<P, D, W> {
    id: RequestId,
    weight: usize,
    /// The turn with whose end no response is needed any more.
    ends_with: Option<String>,
    /// Deadline, after which the default response is sent.
    due: Option<Instant>,
    default: D,
    payload: P,
    /// A handler or a subscriber has it.
    is_taken: bool,
    /// The response is recorded.
    is_recorded: bool,
    /// The waiter for the time when no response is needed any more.
    waiter: Option<W>,
}

/// A new request of the server. `P` is the payload for its handler, which is cheap to clone, `D` its
/// default response.
#[derive(Debug)]
pub(crate) struct NewRequest<P, D> {
    pub(crate) id: RequestId,
    pub(crate) payload: P,
    /// The response is recorded.
    pub(crate) is_recorded: bool,
    pub(crate) default: D,
    pub(crate) due: Option<Instant>,
    pub(crate) weight: usize,
    /// The turn with whose end no response is needed any more, if the server does not say so itself.
    pub(crate) ends_with: Option<String>,
    /// The turn that waits for it, if a subscriber of the turn may respond.
    pub(crate) turn: Option<InTurn>,
}

/// The turn that waits for the response to a request of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InTurn {
    /// Its thread, if the request names it.
    pub(crate) thread: Option<String>,
    /// The turn.
    pub(crate) turn: String,
    /// The turn that it is a part of, if it is another one: that of a sub-agent has the turn that
    /// called the agent.
    pub(crate) root: Option<String>,
}

impl InTurn {
    /// The length of the ids, in bytes.
    pub(super) fn len(&self) -> usize {
        let length = |id: &Option<String>| id.as_ref().map_or(0, String::len);
        self.turn.len() + length(&self.thread) + length(&self.root)
    }

    /// Returns whether it is this turn, or a part of it.
    pub(super) fn is_in(&self, turn: &str) -> bool {
        self.turn == turn || self.root.as_deref() == Some(turn)
    }
}

/// A request for the next handler.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Next<P> {
    pub(crate) number: u64,
    pub(crate) id: RequestId,
    pub(crate) payload: P,
}

/// A request that leaves the table, for the record of its response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recorded<P> {
    pub(crate) id: RequestId,
    pub(crate) payload: P,
    pub(crate) weight: usize,
}

/// A recorded request that left without a response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Withdrawn<P> {
    pub(crate) request: Recorded<P>,
    /// True if it was resolved elsewhere; false if the link was lost or the connection closed.
    pub(crate) is_resolved: bool,
}

/// The right to respond, and the waiter to wake.
#[derive(Debug)]
pub(crate) struct Claimed<P, W> {
    pub(crate) recorded: Option<Recorded<P>>,
    pub(crate) waiter: Option<W>,
}

/// The outcome of registering a request of the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened<D> {
    /// It was queued for a handler.
    Queued(u64),
    /// It was offered to the subscriber that responds for its turn.
    Offered(u64),
    /// Another request with its id is open: it must not be answered.
    Duplicate,
    /// The limit is exceeded: its default response is sent at once.
    TooMany { id: RequestId, default: D },
}

impl<P: Clone, D, W> ServerRequests<P, D, W> {
    pub(crate) fn new(limits: HandlerLimits) -> Self {
        Self {
            open: Numbered::default(),
            ids: HashMap::new(),
            queue: BTreeSet::new(),
            of_turns: HashMap::new(),
            weight: 0,
            limits,
            working: 0,
            last: 0,
            withdrawn: Vec::new(),
        }
    }

    /// Registers and queues a request.
    pub(crate) fn open(&mut self, request: NewRequest<P, D>) -> Opened<D> {
        let (id, default) = (request.id, request.default);
        if self.ids.contains_key(&id) {
            return Opened::Duplicate;
        }
        if self.weight > self.limits.weight {
            return Opened::TooMany { id, default };
        }
        self.last += 1;
        self.weight += request.weight;
        self.ids.insert(id.clone(), self.last);
        self.queue.insert(self.last);
        if let Some(turn) = &request.ends_with {
            let numbers = self.of_turns.entry(turn.clone()).or_default();
            numbers.insert(self.last);
        }
        let open = Open {
            id,
            weight: request.weight,
            ends_with: request.ends_with,
            due: request.due,
            default,
            payload: request.payload,
            is_taken: false,
            is_recorded: request.is_recorded,
            waiter: None,
        };
        self.open.insert(self.last, open);
        Opened::Queued(self.last)
    }

    /// Takes a request out of the queue for handlers, because it is offered to a subscriber.
    pub(crate) fn offer(&mut self, number: u64) {
        self.queue.remove(&number);
    }

    /// Takes an offered request, unless it was resolved meanwhile.
    pub(crate) fn take(&mut self, number: u64) -> Option<Next<P>> {
        self.open.get_mut(number)?.take(number)
    }

    /// Queues an offered request for handlers, unless it was resolved meanwhile. Only for those who
    /// have taken it, or in whose queue it was not taken.
    pub(crate) fn release(&mut self, number: u64) -> bool {
        let Some(open) = self.open.get_mut(number) else {
            return false;
        };
        open.is_taken = false;
        self.queue.insert(number);
        true
    }

    /// The oldest queued request, if another handler may run.
    pub(crate) fn next(&mut self) -> Option<Next<P>> {
        if self.working >= self.limits.handlers.max(1) {
            return None;
        }
        let number = self.queue.pop_first()?;
        let next = self.open.get_mut(number)?.take(number)?;
        self.working += 1;
        Some(next)
    }

    /// Records the end of a handler, with any outcome.
    pub(crate) fn finish(&mut self) {
        self.working = self.working.saturating_sub(1);
    }

    /// Returns whether a request with this id is open.
    pub(crate) fn has(&self, id: &RequestId) -> bool {
        self.ids.contains_key(id)
    }

    /// Returns whether a response is still needed.
    pub(crate) fn is_open(&self, number: u64) -> bool {
        self.open.contains(number)
    }

    /// Returns whether a response is still needed; if so, the waiter is woken when it no longer is.
    pub(crate) fn poll_pending(&mut self, number: u64, waiter: impl FnOnce() -> W) -> bool {
        match self.open.get_mut(number) {
            Some(open) => {
                open.waiter = Some(waiter());
                true
            }
            None => false,
        }
    }

    /// The payloads of the open requests, oldest first.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &P> {
        self.open.values().map(|open| &open.payload)
    }

    /// Claims the right to respond; only the first caller succeeds.
    pub(crate) fn claim(&mut self, number: u64) -> Option<Claimed<P, W>> {
        let open = self.remove(number)?;
        Some(Claimed {
            recorded: open.recorded(),
            waiter: open.waiter,
        })
    }

    /// The server's id of an open request.
    pub(crate) fn id_of(&self, number: u64) -> Option<&RequestId> {
        Some(&self.open.get(number)?.id)
    }

    /// Removes a request that was resolved elsewhere, and returns its waiter.
    pub(crate) fn resolve(&mut self, id: &RequestId) -> Option<W> {
        let number = *self.ids.get(id)?;
        let open = self.remove(number)?;
        self.withdraw(&open, true);
        open.waiter
    }

    /// Removes the requests that end with a turn, and returns their waiters.
    pub(crate) fn end_turn(&mut self, turn: &str) -> Vec<W> {
        let mut waiters = Vec::new();
        for number in self.of_turns.remove(turn).unwrap_or_default() {
            if let Some(open) = self.remove(number) {
                self.withdraw(&open, true);
                waiters.extend(open.waiter);
            }
        }
        waiters
    }

    /// Returns whether there are requests that end with a turn.
    pub(crate) fn has_turns(&self) -> bool {
        !self.of_turns.is_empty()
    }

    /// The oldest request whose deadline has passed, with its default response.
    pub(crate) fn due(&self, now: Instant) -> Option<(u64, &D)> {
        self.next_due().filter(|due| *due <= now)?;
        let (number, open) = self.open.first()?;
        Some((number, &open.default))
    }

    /// Deadline of the oldest request; all have the same timeout, so that no other one is earlier.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.open.first()?.1.due
    }

    /// Removes every request, and returns the waiters.
    pub(crate) fn close(&mut self) -> impl Iterator<Item = W> + use<P, D, W> {
        self.ids = HashMap::new();
        self.queue.clear();
        self.of_turns = HashMap::new();
        self.weight = 0;
        let mut open = std::mem::take(&mut self.open);
        for open in open.values() {
            self.withdraw(open, false);
        }
        open.take_all().filter_map(|open| open.waiter)
    }

    /// Takes the recorded requests that left without a response.
    pub(crate) fn take_withdrawn(&mut self) -> Vec<Withdrawn<P>> {
        std::mem::take(&mut self.withdrawn)
    }

    fn withdraw(&mut self, open: &Open<P, D, W>, is_resolved: bool) {
        let request = open.recorded();
        self.withdrawn.extend(request.map(|request| Withdrawn {
            request,
            is_resolved,
        }));
    }

    fn remove(&mut self, number: u64) -> Option<Open<P, D, W>> {
        const LARGE: usize = 1024;
        let open = self.open.remove(number)?;
        self.queue.remove(&number);
        self.ids.remove(&open.id);
        if let Some(turn) = &open.ends_with {
            if let Some(numbers) = self.of_turns.get_mut(turn) {
                numbers.remove(&number);
                if numbers.is_empty() {
                    self.of_turns.remove(turn);
                }
            }
        }
        if self.ids.capacity() > LARGE && self.ids.is_empty() {
            self.ids = HashMap::new();
        }
        self.weight -= open.weight;
        Some(open)
    }

    /// Number of entries in all tables.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        let tables = self.open.len() + self.ids.len() + self.queue.len() + self.withdrawn.len();
        tables + self.of_turns.len() + self.weight + self.working
    }
}

impl<P: Clone, D, W> Open<P, D, W> {
    /// Takes it, unless it was taken.
    fn take(&mut self, number: u64) -> Option<Next<P>> {
        let was_taken = std::mem::replace(&mut self.is_taken, true);
        (!was_taken).then(|| Next {
            number,
            id: self.id.clone(),
            payload: self.payload.clone(),
        })
    }

    fn recorded(&self) -> Option<Recorded<P>> {
        self.is_recorded.then(|| Recorded {
            payload: self.payload.clone(),
            id: self.id.clone(),
            weight: self.weight,
        })
    }
}

#[cfg(test)]
mod tests;
