//! Which subscribers an event goes to.
//!
//! Does not know what an event says beyond the ids it carries.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::subscription::{State, Subscription};
use super::{Budget, Item, Opens, Routed, Scope, SubscriptionId};

/// What came of asking for the events of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// There were some.
    Some,
    /// There are none yet: the waiter is kept and woken when there are.
    Waiting,
    /// There are none, and there will be none.
    Ended,
    /// There are none, because the connection was closed.
    Closed,
}

/// The subscribers, and an index of the ids they asked for.
#[derive(Debug)]
pub(crate) struct Router<E, F, W> {
    subscriptions: BTreeMap<SubscriptionId, Subscription<E, F, W>>,
    everything: Vec<SubscriptionId>,
    opening: Vec<SubscriptionId>,
    threads: HashMap<String, Vec<SubscriptionId>>,
    turns: HashMap<String, Vec<SubscriptionId>>,
    logins: HashMap<String, Vec<SubscriptionId>>,
    budget: Budget,
    last: u64,
    /// The recipients of the event being routed; kept to reuse its memory.
    recipients: Vec<SubscriptionId>,
    /// Whether the reader should wait; see [`Router::congested`].
    congested: bool,
}

impl<E: Routed, F: Clone, W> Router<E, F, W> {
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            subscriptions: BTreeMap::new(),
            everything: Vec::new(),
            opening: Vec::new(),
            threads: HashMap::new(),
            turns: HashMap::new(),
            logins: HashMap::new(),
            budget,
            last: 0,
            recipients: Vec::new(),
            congested: false,
        }
    }

    /// Starts a subscription that sees events from now on.
    pub(crate) fn subscribe(&mut self, scope: Scope) -> SubscriptionId {
        let id = self.insert(State::Ended);
        self.bind(id, scope);
        id
    }

    /// Starts a subscription that sees events from the moment its request is sent.
    pub(crate) fn prepare(&mut self, opens: Opens) -> SubscriptionId {
        self.insert(State::Unsent(opens))
    }

    fn insert(&mut self, state: State) -> SubscriptionId {
        self.last += 1;
        let id = SubscriptionId(self.last);
        self.subscriptions.insert(id, Subscription::new(state));
        id
    }

    /// The request of this subscription is being sent: from now on it sees events.
    pub(crate) fn request_sent(&mut self, id: SubscriptionId) {
        let Some(subscription) = self.subscriptions.get_mut(&id) else {
            return;
        };
        if let State::Unsent(opens) = &subscription.state {
            subscription.state = State::Opening(opens.clone());
            self.opening.push(id);
        }
    }

    /// What the answer to this subscription's request has to name.
    pub(crate) fn opens(&self, id: SubscriptionId) -> Option<&Opens> {
        match &self.subscriptions.get(&id)?.state {
            State::Opening(opens) => Some(opens),
            _ => None,
        }
    }

    /// The answer named the id, or failed to: then there is nothing to see.
    pub(crate) fn request_answered(&mut self, id: SubscriptionId, named: Option<String>) {
        self.opening.retain(|known| *known != id);
        let scope = named.and_then(|named| Some(self.opens(id)?.scope(named)));
        match scope {
            Some(scope) => self.bind(id, scope),
            None => {
                if let Some(subscription) = self.subscriptions.get_mut(&id) {
                    subscription.end();
                }
            }
        }
    }

    fn bind(&mut self, id: SubscriptionId, scope: Scope) {
        let Some(subscription) = self.subscriptions.get_mut(&id) else {
            return;
        };
        if !subscription.bind(scope.clone()) {
            return;
        }
        match scope {
            Scope::Everything => self.everything.push(id),
            Scope::Thread(thread) => self.threads.entry(thread).or_default().push(id),
            Scope::Turn(turn) => self.turns.entry(turn).or_default().push(id),
            Scope::Login(login) => self.logins.entry(login).or_default().push(id),
        }
    }

    /// Ends a subscription and releases what waits for it.
    pub(crate) fn unsubscribe(&mut self, id: SubscriptionId) {
        let Some(subscription) = self.subscriptions.remove(&id) else {
            return;
        };
        match subscription.state {
            State::Bound(Scope::Everything) => self.everything.retain(|known| *known != id),
            State::Bound(Scope::Thread(thread)) => unindex(&mut self.threads, &thread, id),
            State::Bound(Scope::Turn(turn)) => unindex(&mut self.turns, &turn, id),
            State::Bound(Scope::Login(login)) => unindex(&mut self.logins, &login, id),
            State::Opening(_) => self.opening.retain(|known| *known != id),
            State::Unsent(_) | State::Ended => {}
        }
    }

    /// Hands an event to everyone it concerns.
    pub(crate) fn route(&mut self, event: &E, wake: &mut Vec<W>) {
        let mut recipients = std::mem::take(&mut self.recipients);
        self.find_recipients(event, &mut recipients);
        for id in recipients.drain(..) {
            let Some(subscription) = self.subscriptions.get_mut(&id) else {
                continue;
            };
            wake.extend(subscription.push(event.clone(), self.budget));
            self.congested |= subscription.is_congested(self.budget);
            if matches!(&subscription.state, State::Bound(scope) if scope.is_ended_by(event)) {
                subscription.end();
            }
        }
        self.recipients = recipients;
        if let Some(turn) = event.turn_id().filter(|_| event.ends_turn()) {
            self.turns.remove(turn);
        }
    }

    fn find_recipients(&self, event: &E, recipients: &mut Vec<SubscriptionId>) {
        recipients.extend_from_slice(&self.everything);
        let indexed = [
            (&self.threads, event.thread_id()),
            (&self.turns, event.turn_id()),
            (&self.logins, event.login_id()),
        ];
        for (index, key) in indexed {
            if let Some(key) = key.filter(|_| !index.is_empty()) {
                recipients.extend(index.get(key).into_iter().flatten());
            }
        }
        let concerned = |id: &&SubscriptionId| {
            let opens = self.opens(**id);
            opens.is_some_and(|opens| opens.may_cover(event))
        };
        recipients.extend(self.opening.iter().filter(concerned));
    }

    /// Tells those who see everything about a message that could not be read.
    pub(crate) fn report(&mut self, fault: &F, wake: &mut Vec<W>) {
        for id in &self.everything {
            if let Some(subscription) = self.subscriptions.get_mut(id) {
                wake.extend(subscription.push_fault(fault.clone(), self.budget));
            }
        }
    }

    /// Takes everything that waits for a subscription, or leaves a waiter to be woken.
    pub(crate) fn take(
        &mut self,
        id: SubscriptionId,
        into: &mut VecDeque<Item<E, F>>,
        waiter: impl FnOnce() -> W,
    ) -> Taken {
        let Some(subscription) = self.subscriptions.get_mut(&id) else {
            return Taken::Ended;
        };
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

    /// Ends every subscription; what waits can still be taken.
    pub(crate) fn close(&mut self, wake: &mut Vec<W>) {
        for subscription in self.subscriptions.values_mut() {
            wake.extend(subscription.cut_off());
        }
        self.everything.clear();
        self.opening.clear();
        self.threads.clear();
        self.turns.clear();
        self.logins.clear();
    }

    /// Whether a subscriber that is reading has so much waiting that the reader should wait
    /// for it rather than drop its events.
    pub(crate) fn congested(&mut self) -> bool {
        if self.congested {
            let budget = self.budget;
            let mut subscriptions = self.subscriptions.values();
            self.congested = subscriptions.any(|subscription| subscription.is_congested(budget));
        }
        self.congested
    }

    /// The reader has waited long enough for those it waits for.
    pub(crate) fn stop_waiting(&mut self) {
        let budget = self.budget;
        let congested =
            |subscription: &&mut Subscription<E, F, W>| subscription.is_congested(budget);
        for subscription in self.subscriptions.values_mut().filter(congested) {
            subscription.stop_waiting();
        }
        self.congested = false;
    }
}

fn unindex(index: &mut HashMap<String, Vec<SubscriptionId>>, key: &str, id: SubscriptionId) {
    if let Some(ids) = index.get_mut(key) {
        ids.retain(|known| *known != id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
