//! Routing of events to subscribers.
//!
//! Independent of the contents of events beyond their ids.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::naming::Named;
use super::numbered::Numbered;
use super::queue::Offered;
use super::server_requests::InTurn;
use super::subscription::{State, Subscription};
use super::{Budget, Ends, Item, Opening, Pressure, Routed, Scope, SubscriptionId};

/// The result of polling the events of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Some events were taken.
    Some,
    /// There are none yet: the waiter is kept and woken when there are.
    Waiting,
    /// There are none, and there will be none.
    Ended,
    /// There are none, because the connection was closed.
    Closed,
}

/// The subscribers, with an index of their ids.
#[derive(Debug)]
pub(crate) struct Router<E, F, W> {
    subscriptions: Numbered<SubscriptionId, Subscription<E, F, W>>,
    everything: Subscribers,
    /// Those that see the requests of the server on their thread, without responding.
    observers: Subscribers,
    opening: Subscribers,
    threads: Index,
    turns: Index,
    logins: Index,
    /// Subscribers with backpressure.
    congested: HashMap<SubscriptionId, Pressure>,
    budget: Budget,
    last: u64,
    /// The recipients of an event, empty between events.
    recipients: Vec<SubscriptionId>,
    /// Requests of the server that left the queue of a subscriber unread.
    pub(super) released: Vec<u64>,
    /// True while the link is being restored: the report of it precedes the events of the new one.
    restoring: bool,
}

/// By number, so that any one of many can leave at once.
type Subscribers = Numbered<SubscriptionId, ()>;
/// Every event is routed by its ids. The server chooses them, and must not make them collide.
type Index = HashMap<String, Subscribers, RandomState>;

impl<E: Routed, F: Clone, W> Router<E, F, W> {
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            subscriptions: Numbered::default(),
            everything: Subscribers::default(),
            observers: Subscribers::default(),
            opening: Subscribers::default(),
            threads: Index::default(),
            turns: Index::default(),
            logins: Index::default(),
            congested: HashMap::new(),
            budget,
            last: 0,
            recipients: Vec::new(),
            released: Vec::new(),
            restoring: false,
        }
    }

    /// Starts a subscription to events from now on.
    pub(crate) fn subscribe(&mut self, scope: Scope) -> SubscriptionId {
        let id = self.insert(State::Ended);
        self.bind(id, scope);
        id
    }

    /// Adds earlier events to a new subscription.
    pub(crate) fn begin_with(&mut self, id: SubscriptionId, events: Vec<E>) {
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            for event in events {
                // A new subscription has no waiter.
                subscription.push(&event, &mut None, self.budget, &mut self.released);
            }
        }
    }

    /// Starts a subscription to events from the moment its request is sent.
    pub(crate) fn prepare(&mut self, opening: Opening) -> SubscriptionId {
        self.insert(State::Unsent(opening))
    }

    fn insert(&mut self, state: State) -> SubscriptionId {
        self.last += 1;
        let id = SubscriptionId(self.last);
        self.subscriptions.insert(id, Subscription::new(state));
        id
    }

    /// Activates a subscription, because its request is being sent.
    pub(crate) fn request_sent(&mut self, id: SubscriptionId) {
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return;
        };
        if let State::Unsent(opening) = &subscription.state {
            subscription.state = State::Opening(opening.clone());
            self.opening.insert(id, ());
        }
    }

    /// The item that the response to this subscription's request identifies.
    pub(crate) fn opening(&self, id: SubscriptionId) -> Option<&Opening> {
        match &self.subscriptions.get(id)?.state {
            State::Opening(opening) => Some(opening),
            _ => None,
        }
    }

    /// Binds a subscription to the id in the response, or ends it without one.
    pub(crate) fn request_completed(&mut self, id: SubscriptionId, named: Option<Named>) {
        self.opening.remove(id);
        let scope = named.and_then(|named| Some((self.opening(id)?.scope(named.id), named.thread)));
        match scope {
            Some((scope, thread)) => {
                if let Some(subscription) = self.subscriptions.get_mut(id) {
                    subscription.is_on(thread);
                }
                self.bind(id, scope);
            }
            None => {
                if let Some(subscription) = self.subscriptions.get_mut(id) {
                    subscription.end();
                    subscription.release_requests(&mut self.released);
                }
            }
        }
        self.congested.remove(&id);
    }

    fn bind(&mut self, id: SubscriptionId, scope: Scope) {
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return;
        };
        if !subscription.bind(scope.clone(), &mut self.released) {
            return;
        }
        match scope {
            Scope::Everything => self.everything.insert(id, ()),
            Scope::Thread(thread) => self.threads.entry(thread).or_default().insert(id, ()),
            Scope::Turn(turn) => self.turns.entry(turn).or_default().insert(id, ()),
            Scope::Login(login) => self.logins.entry(login).or_default().insert(id, ()),
        }
    }

    /// Ends a subscription and frees its queue.
    pub(crate) fn unsubscribe(&mut self, id: SubscriptionId) {
        let Some(mut subscription) = self.subscriptions.remove(id) else {
            return;
        };
        subscription.release_requests(&mut self.released);
        self.congested.remove(&id);
        self.observers.remove(id);
        match subscription.state {
            State::Bound(Scope::Everything) => drop(self.everything.remove(id)),
            State::Bound(Scope::Thread(thread)) => unindex(&mut self.threads, &thread, id),
            State::Bound(Scope::Turn(turn)) => unindex(&mut self.turns, &turn, id),
            State::Bound(Scope::Login(login)) => unindex(&mut self.logins, &login, id),
            State::Opening(_) => drop(self.opening.remove(id)),
            State::Unsent(_) | State::Ended => {}
        }
    }

    /// Deactivates a subscription whose request was withdrawn, until it is sent again.
    pub(crate) fn request_withdrawn(&mut self, id: SubscriptionId) {
        self.opening.remove(id);
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            if let State::Opening(opening) = &subscription.state {
                subscription.state = State::Unsent(opening.clone());
            }
        }
    }

    /// Holds everything back until the link is restored, and marks the place of it.
    pub(crate) fn begin_restart(&mut self) {
        self.restoring = true;
        for subscription in self.subscriptions.values_mut() {
            subscription.mark_restart();
        }
    }

    /// Reports the restart to everyone who was subscribed when the link was lost, and delivers the
    /// events that were missed. Ends the subscriptions to turns that are over, and to logins.
    pub(crate) fn end_restart(
        &mut self,
        report: &F,
        missed: &[E],
        is_over: impl Fn(&str) -> bool,
        wake: &mut Vec<W>,
    ) {
        self.restoring = false;
        let scope_is_over = |scope: &Scope| match scope {
            Scope::Turn(turn) => is_over(turn),
            Scope::Login(_) => true,
            Scope::Everything | Scope::Thread(_) => false,
        };
        for (id, subscription) in self.subscriptions.iter_mut() {
            if subscription.fill_restart(report.clone(), missed, &mut self.released, scope_is_over)
            {
                match &subscription.state {
                    State::Bound(Scope::Turn(turn)) => unindex(&mut self.turns, turn, id),
                    State::Bound(Scope::Login(login)) => unindex(&mut self.logins, login, id),
                    _ => {}
                }
                wake.extend(subscription.end());
            }
            wake.extend(subscription.take_waiter());
        }
    }

    /// The thread of a subscription's scope, if there is one and it is known.
    pub(crate) fn thread_of(&self, id: SubscriptionId) -> Option<String> {
        self.subscriptions.get(id)?.thread().map(str::to_owned)
    }

    /// The turns that are seen, with their threads if known.
    pub(crate) fn turns(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.subscriptions.values().filter_map(Subscription::turn)
    }

    /// Delivers an event to all matching subscribers.
    pub(crate) fn route(&mut self, event: &E, wake: &mut Vec<W>) {
        let is_end = event.ends().is_some();
        let mut recipients = std::mem::take(&mut self.recipients);
        self.find_recipients(event, is_end, &mut recipients);
        let mut packed = None;
        for id in recipients.drain(..) {
            let Some(subscription) = self.subscriptions.get_mut(id) else {
                continue;
            };
            let waiter = subscription.push(event, &mut packed, self.budget, &mut self.released);
            wake.extend(waiter);
            if let Some(pressure) = subscription.pressure(self.budget) {
                self.congested.insert(id, pressure);
            }
            if !is_end {
                continue;
            }
            if let Some(turn) = subscription.turn_ended_by(event) {
                unindex(&mut self.turns, &turn, id);
                subscription.end();
            }
        }
        self.recipients = recipients;
    }

    /// Lets a subscriber to a turn respond to its requests.
    pub(super) fn take_requests(&mut self, id: SubscriptionId) {
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            subscription.take_requests();
        }
    }

    /// Lets a subscriber see the requests of the server on its thread, as events.
    pub(super) fn observe_requests(&mut self, id: SubscriptionId) {
        self.observers.insert(id, ());
    }

    /// Returns whether anyone sees requests of the server as events.
    pub(super) fn has_observers(&self) -> bool {
        !self.observers.is_empty()
    }

    /// Delivers a request of the server, as an event, to those that see them.
    pub(super) fn show_request(&mut self, request: &E, wake: &mut Vec<W>) {
        for id in self.observers.keys() {
            let Some(subscription) = self.subscriptions.get_mut(id) else {
                continue;
            };
            if subscription.thread() == request.thread_id() {
                wake.extend(subscription.push(request, &mut None, self.budget, &mut self.released));
            }
        }
    }

    /// Offers a request of the server to the subscriber that responds for its turn: the oldest, if
    /// there are several. Returns `false` if there is none.
    pub(super) fn offer(&mut self, number: u64, turn: InTurn, wake: &mut Vec<W>) -> bool {
        let Some(id) = self.responder(&turn) else {
            return false;
        };
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return false;
        };
        let request = Offered { number, turn };
        wake.extend(subscription.push_request(request, self.budget, &mut self.released));
        if let Some(pressure) = subscription.pressure(self.budget) {
            self.congested.insert(id, pressure);
        }
        true
    }

    fn responder(&self, turn: &InTurn) -> Option<SubscriptionId> {
        let turns = [Some(&turn.turn), turn.root.as_ref()].into_iter().flatten();
        let of_turns = turns.filter_map(|id| self.turns.get(id));
        let mut candidates = of_turns.chain([&self.opening]).flat_map(Numbered::keys);
        let takes = |id: &SubscriptionId| {
            let subscription = self.subscriptions.get(*id);
            subscription.is_some_and(|it| it.takes_requests_of(turn))
        };
        candidates.find(takes)
    }

    fn find_recipients(&self, event: &E, is_end: bool, recipients: &mut Vec<SubscriptionId>) {
        recipients.extend(self.everything.keys());
        let indexed = [
            (&self.threads, event.thread_id()),
            (&self.turns, event.turn_id()),
            (&self.logins, event.login_id()),
        ];
        for (index, key) in indexed {
            if let Some(key) = key.filter(|_| !index.is_empty()) {
                recipients.extend(index.get(key).into_iter().flat_map(Numbered::keys));
            }
        }
        let concerned = |id: &SubscriptionId| {
            let opening = self.opening(*id);
            opening.is_some_and(|opening| opening.may_cover(event))
        };
        recipients.extend(self.opening.keys().filter(concerned));
        if is_end || event.is_of_any_thread() {
            self.find_more_recipients(event, recipients);
        }
    }

    /// Those that an event concerns although it does not name them: turns whose thread is closed, and
    /// whoever a damaged event may be for.
    #[cold]
    fn find_more_recipients(&self, event: &E, recipients: &mut Vec<SubscriptionId>) {
        if event.is_of_any_thread() {
            recipients.extend(self.threads.values().flat_map(Numbered::keys));
        }
        let is_unnamed = match event.ends() {
            Some(Ends::AnyLogin) => {
                recipients.extend(self.logins.values().flat_map(Numbered::keys));
                false
            }
            Some(Ends::Turn) => event.turn_id().is_none(),
            Some(Ends::Thread) => true,
            None => false,
        };
        if is_unnamed {
            let turns = self.turns.values().flat_map(Numbered::keys);
            recipients.extend(turns.filter(|id| {
                let subscription = self.subscriptions.get(*id);
                subscription.is_some_and(|it| it.turn_ended_by(event).is_some())
            }));
        }
    }

    /// Reports a malformed message to subscribers of everything.
    pub(crate) fn report(&mut self, malformed: &F, wake: &mut Vec<W>) {
        for id in self.everything.keys() {
            if let Some(subscription) = self.subscriptions.get_mut(id) {
                wake.extend(subscription.push_malformed(malformed.clone(), self.budget));
                if let Some(pressure) = subscription.pressure(self.budget) {
                    self.congested.insert(id, pressure);
                }
            }
        }
    }

    /// Takes the queue of a subscription, or registers a waiter.
    pub(crate) fn take(
        &mut self,
        id: SubscriptionId,
        into: &mut VecDeque<Item<E, F>>,
        waiter: impl FnOnce() -> W,
    ) -> Taken {
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return Taken::Ended;
        };
        if !self.congested.is_empty() {
            self.congested.remove(&id);
        }
        if self.restoring {
            subscription.wait(waiter());
            return Taken::Waiting;
        }
        if subscription.take(into) {
            return Taken::Some;
        }
        if subscription.cut_off {
            return Taken::Closed;
        }
        if subscription.has_ended() {
            return Taken::Ended;
        }
        subscription.wait(waiter());
        Taken::Waiting
    }

    /// Ends every subscription; queued events can still be taken.
    pub(crate) fn close(&mut self, wake: &mut Vec<W>) {
        self.restoring = false;
        for subscription in self.subscriptions.values_mut() {
            wake.extend(subscription.cut_off());
        }
        self.everything = Subscribers::default();
        self.opening = Subscribers::default();
        self.threads.clear();
        self.turns.clear();
        self.logins.clear();
        self.congested.clear();
    }

    /// The reason for backpressure, if a reading subscriber is about to lose events.
    pub(crate) fn pressure(&self) -> Option<Pressure> {
        // While the link is being restored, nothing can be read.
        let congested = self.congested.values().max().copied();
        congested.filter(|_| !self.restoring)
    }

    /// Stops the backpressure for the present subscribers.
    pub(crate) fn stop_waiting(&mut self) {
        for id in std::mem::take(&mut self.congested).into_keys() {
            if let Some(subscription) = self.subscriptions.get_mut(id) {
                subscription.stop_waiting();
            }
        }
    }

    /// Number of entries in all tables.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        let sets = [&self.everything, &self.opening];
        let sets: usize = sets.map(Numbered::len).iter().sum();
        let indexes = [&self.threads, &self.turns, &self.logins];
        let indexes: usize = indexes.map(HashMap::len).iter().sum();
        self.subscriptions.len() + self.congested.len() + sets + indexes
    }
}

/// The size from which a nearly empty table is shrunk.
const LARGE: usize = 1024;

fn unindex(index: &mut Index, key: &str, id: SubscriptionId) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
    if index.capacity() > LARGE && index.len() < index.capacity() / 8 {
        index.shrink_to(index.len() * 2);
    }
}
