//! A subscriber's scope, queue and lag counter.
//!
//! Independent of other subscribers, and of the way its owner is woken.

use std::collections::VecDeque;

use super::queue::{Added, Offered, Queue};
use super::{Budget, Ends, InTurn, Item, Pressure, Routed};

/// The scope of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every event, and every malformed message.
    Everything,
    /// The events of a thread, including turns that others started.
    Thread(String),
    /// The events of a turn, up to its last one.
    Turn(String),
    /// The events of a login attempt.
    Login(String),
}

/// The item that a request opens. Until the response contains its id, all events that may belong to
/// it are kept, so that none before the response is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// A turn, on this thread if it is known.
    Turn {
        /// The thread the turn is on.
        thread: Option<String>,
        /// True if the subscriber responds to the requests that the turn waits for.
        takes_requests: bool,
    },
    /// A thread.
    Thread,
    /// A login attempt.
    Login,
}

#[derive(Debug)]
pub(super) enum State {
    /// Its request is queued.
    Unsent(Opening),
    /// Its request waits for the response.
    Opening(Opening),
    Bound(Scope),
    Ended,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent")]
pub(super) struct Subscription<E, F, W> {
    pub(super) state: State,
    /// The thread that its turn is on, if it sees a turn whose thread is known.
    thread: Option<String>,
    queue: Queue<E, F>,
    waiter: Option<W>,
    /// True if it responds to the requests that its turn waits for.
    takes_requests: bool,
    /// True if its owner reads; set by reading, cleared when the backpressure times out.
    reading: bool,
    /// True if lifecycle events exhausted their budget: no further events are added.
    overrun: bool,
    /// Its scope when the link was lost, until the link is restored.
    restarting: Option<Scope>,
    /// True if the connection was closed before the subscription had ended regularly.
    pub(super) cut_off: bool,
}

impl<E: Routed, F, W> Subscription<E, F, W> {
    pub(super) fn new(state: State) -> Self {
        let (thread, takes_requests) = match &state {
            State::Unsent(Opening::Turn {
                thread,
                takes_requests,
            }) => (thread.clone(), *takes_requests),
            _ => (None, false),
        };
        Self {
            state,
            thread,
            takes_requests,
            queue: Queue::new(),
            waiter: None,
            reading: false,
            overrun: false,
            restarting: None,
            cut_off: false,
        }
    }

    /// Adds an event, or counts it as dropped. Returns the waiter to wake. `packed` is the event for
    /// those that are far behind, once there is one.
    pub(super) fn push(
        &mut self,
        event: &E,
        packed: &mut Option<E>,
        budget: Budget,
        released: &mut Vec<u64>,
    ) -> Option<W> {
        if self.overrun {
            return None;
        }
        // The reader waits after each batch for reading subscribers: no event is lost before this
        // backpressure times out.
        let unlimited = self.reading && (budget.lossless || event.is_lifecycle());
        // What may have to be sorted out is not packed.
        let packed = matches!(self.state, State::Bound(_)).then_some(packed);
        match self.queue.push(event, packed, budget, unlimited) {
            Added::Yes => {}
            Added::Overrun => self.overrun(released),
        }
        self.waiter.take()
    }

    fn overrun(&mut self, released: &mut Vec<u64>) {
        self.overrun = true;
        self.queue.overrun(released);
    }

    /// Lets it respond to the requests of its turn.
    pub(super) fn take_requests(&mut self) {
        self.takes_requests = true;
    }

    /// Returns whether it is to respond to the requests of this turn.
    pub(super) fn takes_requests_of(&self, turn: &InTurn) -> bool {
        let both = self.thread.as_deref().zip(turn.thread.as_deref());
        // A part of a turn may be on another thread.
        let is_elsewhere = turn.root.is_none() && both.is_some_and(|(own, thread)| own != thread);
        self.takes_requests && !is_elsewhere && !self.has_ended()
    }

    /// Adds a request of the server. Returns the waiter to wake.
    pub(super) fn push_request(
        &mut self,
        request: Offered,
        budget: Budget,
        released: &mut Vec<u64>,
    ) -> Option<W> {
        let number = request.number;
        if self.queue.push_request(request, budget) == Added::Overrun {
            self.overrun(released);
            released.push(number);
        }
        self.waiter.take()
    }

    /// Removes all requests of the server.
    pub(super) fn release_requests(&mut self, released: &mut Vec<u64>) {
        self.queue.remove_requests(|_| false, released);
    }

    /// Adds a malformed message, or counts it as dropped.
    pub(super) fn push_malformed(&mut self, malformed: F, budget: Budget) -> Option<W> {
        if self.overrun {
            return None;
        }
        let unlimited = self.reading && budget.lossless;
        self.queue.push_malformed(malformed, budget, unlimited);
        self.waiter.take()
    }

    /// Returns whether no further events will be added.
    pub(super) fn has_ended(&self) -> bool {
        self.overrun || matches!(self.state, State::Ended)
    }

    /// Moves the queue into `into`, which must be empty; returns whether there were any entries.
    pub(super) fn take(&mut self, into: &mut VecDeque<Item<E, F>>) -> bool {
        self.reading = true;
        self.queue.take(into)
    }

    pub(super) fn wait(&mut self, waiter: W) {
        self.waiter = Some(waiter);
    }

    /// Ends the subscription early.
    pub(super) fn cut_off(&mut self) -> Option<W> {
        self.cut_off = !self.has_ended();
        self.end()
    }

    /// Ends the subscription; queued events can still be taken. Returns the waiter to wake.
    pub(super) fn end(&mut self) -> Option<W> {
        self.state = State::Ended;
        self.waiter.take()
    }

    /// Marks the place in the queue where the link was lost.
    pub(super) fn mark_restart(&mut self) {
        let is_marked = self.overrun || self.restarting.is_some();
        if let (State::Bound(scope), false) = (&self.state, is_marked) {
            self.restarting = Some(scope.clone());
            self.queue.mark_restart();
        }
    }

    /// Adds the report of the restart, and the events that were missed. Returns whether the
    /// subscription ends by them, or because its item is over (`is_over`).
    pub(super) fn fill_restart(
        &mut self,
        report: F,
        missed: &[E],
        released: &mut Vec<u64>,
        is_over: impl FnOnce(&Scope) -> bool,
    ) -> bool {
        let Some(scope) = self.restarting.take().filter(|_| !self.overrun) else {
            return false;
        };
        let thread = self.thread.as_deref();
        let covered = missed.iter().filter(|event| scope.covers(*event, thread));
        self.queue.fill_restart(report, covered.cloned().collect());
        let is_last = |event: &E| scope.is_ended_by(event, thread);
        self.queue.end_with(is_last, released) || is_over(&scope)
    }

    /// The thread that its events are of, if there is one and it is known.
    pub(super) fn thread(&self) -> Option<&str> {
        match &self.state {
            State::Bound(Scope::Thread(thread)) => Some(thread),
            _ => self.thread.as_deref(),
        }
    }

    /// The turn that it sees and the thread, if known.
    pub(super) fn turn(&self) -> Option<(&str, Option<&str>)> {
        match &self.state {
            State::Bound(Scope::Turn(turn)) => Some((turn, self.thread.as_deref())),
            _ => None,
        }
    }

    pub(super) fn take_waiter(&mut self) -> Option<W> {
        self.waiter.take()
    }

    /// Its turn is on this thread, which may differ from the requested one.
    pub(super) fn is_on(&mut self, thread: Option<String>) {
        self.thread = thread.or(self.thread.take());
    }

    /// The turn that is seen, if this event ends it.
    pub(super) fn turn_ended_by(&self, event: &E) -> Option<String> {
        match &self.state {
            State::Bound(scope @ Scope::Turn(turn)) => {
                let ends = scope.is_ended_by(event, self.thread.as_deref());
                ends.then(|| turn.clone())
            }
            _ => None,
        }
    }

    /// Binds the scope, and drops kept events outside of it. Returns whether the subscription
    /// continues.
    pub(super) fn bind(&mut self, scope: Scope, released: &mut Vec<u64>) -> bool {
        let thread = self.thread.as_deref();
        self.queue.retain(|event| scope.covers(event, thread));
        let belongs =
            |request: &Offered| matches!(&scope, Scope::Turn(id) if request.turn.is_in(id));
        self.queue.remove_requests(belongs, released);
        let is_last = |event: &E| scope.is_ended_by(event, thread);
        if self.queue.end_with(is_last, released) {
            self.state = State::Ended;
            return false;
        }
        self.state = State::Bound(scope);
        true
    }

    /// The reason for backpressure.
    pub(super) fn pressure(&self, budget: Budget) -> Option<Pressure> {
        let pressure = self.queue.pressure(budget);
        pressure.filter(|_| self.reading && !self.has_ended())
    }

    /// Stops the backpressure of an owner that did not read in time, until it reads again.
    pub(super) fn stop_waiting(&mut self) {
        self.reading = false;
    }
}

impl Scope {
    fn covers<E: Routed>(&self, event: &E, thread: Option<&str>) -> bool {
        match self {
            Self::Everything => true,
            Self::Thread(id) => event.thread_id() == Some(id) || event.is_of_any_thread(),
            Self::Turn(id) => event.turn_id() == Some(id) || self.is_ended_by(event, thread),
            Self::Login(id) => event.login_id() == Some(id) || event.ends() == Some(Ends::AnyLogin),
        }
    }

    /// Returns whether an event ends the turn of this subscription, which is on this thread if
    /// known.
    fn is_ended_by<E: Routed>(&self, event: &E, thread: Option<&str>) -> bool {
        let Self::Turn(id) = self else {
            return false;
        };
        match (event.ends(), event.turn_id()) {
            (Some(Ends::Turn), Some(turn)) => turn == id,
            (Some(Ends::Turn), None) => !is_elsewhere(event, thread),
            (Some(Ends::Thread), _) => thread.is_some() && !is_elsewhere(event, thread),
            _ => false,
        }
    }
}

/// Returns whether an event is known to belong to another thread.
fn is_elsewhere<E: Routed>(event: &E, thread: Option<&str>) -> bool {
    let both = event.thread_id().zip(thread);
    both.is_some_and(|(found, expected)| found != expected)
}

impl Opening {
    /// Returns whether an event may belong to the item that is being opened.
    pub(super) fn may_cover<E: Routed>(&self, event: &E) -> bool {
        match self {
            Self::Turn { thread, .. } => {
                let ends = matches!(event.ends(), Some(Ends::Turn | Ends::Thread));
                (ends || event.turn_id().is_some()) && !is_elsewhere(event, thread.as_deref())
            }
            Self::Thread => event.thread_id().is_some() || event.is_of_any_thread(),
            Self::Login => event.login_id().is_some() || event.ends() == Some(Ends::AnyLogin),
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
