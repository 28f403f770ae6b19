//! The protocol core of a connection, as a state machine.
//!
//! It is told what was read and what is wanted, and answers with what to send and whom to
//! wake. It deliberately knows no async, threads, clocks, locks, channels or transports: both
//! faces of the client share it, and tests drive it step by step.
//!
//! `E` is an event, `F` a message that could not be read, `W` whatever a face uses to wake
//! somebody: a waker, or a number in a test.

use std::collections::VecDeque;
use std::sync::Arc;

use codex_types::RequestId;
use codex_types::rpc::ErrorObject;
use serde_json::value::RawValue;

mod closed;
mod naming;
mod outbox;
mod pending;
mod routed;
mod router;
mod server_requests;
mod subscription;
#[cfg(test)]
mod tests;

pub use closed::{CloseReason, Closed};
pub(crate) use outbox::Outgoing;
pub(crate) use pending::Poll;
pub(crate) use routed::{Routed, Waiter};
pub(crate) use router::Taken;
pub(crate) use subscription::{Budget, Item, Opens, Scope};

/// Names a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubscriptionId(u64);

/// The answer to a request.
pub(crate) type Answer = Result<Box<RawValue>, ErrorObject>;

/// What the caller has to do once it has let go of the engine.
#[derive(Debug)]
pub(crate) struct Effects<W> {
    /// Whom to wake.
    pub(crate) wake: Vec<W>,
}

impl<W> Default for Effects<W> {
    fn default() -> Self {
        let wake = Vec::new();
        Self { wake }
    }
}

/// What the engine needs to know in advance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many requests may be in flight: the runtime drops answers above some number.
    pub(crate) in_flight: usize,
    /// How much may wait for each subscriber.
    pub(crate) budget: Budget,
}

/// The state of one connection.
#[derive(Debug)]
pub(crate) struct Engine<E, F, W> {
    pending: pending::PendingRequests<Answer, W>,
    router: router::Router<E, F, W>,
    server_requests: server_requests::ServerRequests<W>,
    outbox: outbox::Outbox<W>,
    reader: Option<W>,
    closed: Option<Arc<Closed>>,
    close_waiters: Vec<W>,
}

impl<E: Routed, F: Clone, W: Waiter> Engine<E, F, W> {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            pending: pending::PendingRequests::new(limits.in_flight),
            router: router::Router::new(limits.budget),
            server_requests: server_requests::ServerRequests::new(),
            outbox: outbox::Outbox::new(),
            reader: None,
            closed: None,
            close_waiters: Vec::new(),
        }
    }

    // Requests of the client.

    /// A number for the next request.
    pub(crate) fn next_id(&mut self) -> i64 {
        self.pending.next_id()
    }

    /// Sends a request as soon as there is a free slot. A subscription that the request
    /// opens sees events from that moment on.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub(crate) fn submit(
        &mut self,
        id: i64,
        frame: String,
        opens: Option<SubscriptionId>,
        effects: &mut Effects<W>,
    ) -> Result<(), Arc<Closed>> {
        self.check_open()?;
        self.pending.insert(id, frame, opens);
        self.send_pending(effects);
        Ok(())
    }

    /// Takes the answer to a request, or leaves a waiter to be woken.
    pub(crate) fn poll_answer(&mut self, id: i64, waiter: impl FnOnce() -> W) -> Poll<Answer> {
        match self.pending.poll(id, waiter) {
            Poll::Unknown if self.closed.is_some() => Poll::Closed,
            poll => poll,
        }
    }

    /// Gives up on a request: frees its slot, ignores its answer.
    pub(crate) fn abandon(&mut self, id: i64, effects: &mut Effects<W>) {
        self.pending.abandon(id);
        self.send_pending(effects);
    }

    /// Sends a frame that nobody waits for the answer of.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub(crate) fn send(
        &mut self,
        frame: String,
        effects: &mut Effects<W>,
    ) -> Result<(), Arc<Closed>> {
        self.check_open()?;
        self.outbox.push(frame, &mut effects.wake);
        Ok(())
    }

    fn send_pending(&mut self, effects: &mut Effects<W>) {
        while let Some(sendable) = self.pending.next_sendable() {
            if let Some(subscription) = sendable.opens {
                self.router.request_sent(subscription);
            }
            self.outbox.push(sendable.frame, &mut effects.wake);
        }
    }

    fn check_open(&self) -> Result<(), Arc<Closed>> {
        match &self.closed {
            Some(closed) => Err(Arc::clone(closed)),
            None => Ok(()),
        }
    }

    // What the server sends.

    /// Takes in an answer. `false` when nothing was asked under this id, ever.
    pub(crate) fn on_answer(
        &mut self,
        id: &RequestId,
        answer: Answer,
        effects: &mut Effects<W>,
    ) -> bool {
        let RequestId::Integer(id) = *id else {
            return false;
        };
        let named = self.named_id(id, &answer);
        let Some(answered) = self.pending.answer(id, answer) else {
            return self.pending.was_issued(id);
        };
        if let Some(subscription) = answered.opens {
            self.router.request_answered(subscription, named);
        }
        effects.wake.extend(answered.waiter);
        self.send_pending(effects);
        true
    }

    /// The id an answer names for what its request opens, if it opens anything.
    fn named_id(&self, id: i64, answer: &Answer) -> Option<String> {
        let opens = self.router.opens(self.pending.opens(id)?)?;
        naming::named_id(opens, answer.as_ref().ok()?)
    }

    /// Takes in an event.
    pub(crate) fn on_event(&mut self, event: &E, effects: &mut Effects<W>) {
        if self.closed.is_some() {
            return;
        }
        if let Some(id) = event.resolves() {
            effects.wake.extend(self.server_requests.resolve(&id));
        }
        self.router.route(event, &mut effects.wake);
    }

    /// Takes in a message that could not be read.
    pub(crate) fn on_fault(&mut self, fault: &F, effects: &mut Effects<W>) {
        if self.closed.is_none() {
            self.router.report(fault, &mut effects.wake);
        }
    }

    /// Takes in a request of the server. `None` when it must not be answered: another one
    /// with its id is still open, or the connection is closed.
    pub(crate) fn on_request(&mut self, id: RequestId) -> Option<u64> {
        match self.closed {
            Some(_) => None,
            None => self.server_requests.open(id),
        }
    }

    /// Whether an answer to a request of the server is still wanted; if so, the waiter is
    /// woken when it is not any more.
    pub(crate) fn poll_wanted(&mut self, number: u64, waiter: impl FnOnce() -> W) -> bool {
        self.server_requests.poll_wanted(number, waiter)
    }

    /// Whether an answer to a request of the server is still wanted.
    #[cfg(feature = "blocking")]
    pub(crate) fn is_wanted(&self, number: u64) -> bool {
        self.server_requests.is_open(number)
    }

    /// Takes the right to answer a request of the server, which only the first caller gets.
    pub(crate) fn claim(&mut self, number: u64) -> Option<RequestId> {
        self.server_requests.claim(number)
    }

    // Subscriptions.

    /// Starts a subscription that sees events from now on.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub(crate) fn subscribe(&mut self, scope: Scope) -> Result<SubscriptionId, Arc<Closed>> {
        self.check_open()?;
        Ok(self.router.subscribe(scope))
    }

    /// Prepares a subscription for a request that opens something.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub(crate) fn prepare(&mut self, opens: Opens) -> Result<SubscriptionId, Arc<Closed>> {
        self.check_open()?;
        Ok(self.router.prepare(opens))
    }

    /// Ends a subscription and releases what waits for it.
    pub(crate) fn unsubscribe(&mut self, id: SubscriptionId, effects: &mut Effects<W>) {
        self.router.unsubscribe(id);
        effects.wake.extend(self.reader.take());
    }

    /// Moves what waits for a subscription into `into`, or leaves a waiter to be woken.
    pub(crate) fn take(
        &mut self,
        id: SubscriptionId,
        into: &mut VecDeque<Item<E, F>>,
        waiter: impl FnOnce() -> W,
        effects: &mut Effects<W>,
    ) -> Taken {
        effects.wake.extend(self.reader.take());
        self.router.take(id, into, waiter)
    }

    /// Whether the reader should wait before it reads on; the waiter is woken when somebody
    /// took events, or the connection is closed.
    pub(crate) fn reader_should_wait(&mut self, waiter: impl FnOnce() -> W) -> bool {
        let wait = self.closed.is_none() && self.router.congested();
        self.reader = wait.then(waiter);
        wait
    }

    /// The reader has waited long enough for those it waits for; what they cannot take is
    /// dropped from now on, until they come.
    pub(crate) fn reader_gives_up(&mut self) {
        self.reader = None;
        self.router.stop_waiting();
    }

    // The writer, and the end.

    /// Moves the frames to send into `into`, or leaves a waiter to be woken. After the close
    /// what was sent before it still goes out.
    pub(crate) fn take_outgoing(
        &mut self,
        into: &mut Vec<String>,
        waiter: impl FnOnce() -> W,
    ) -> Outgoing {
        self.outbox.take(into, waiter)
    }

    /// Closes the connection: every request fails, every subscription ends. The first reason
    /// stays; closing again changes nothing.
    pub(crate) fn close(&mut self, reason: Arc<Closed>, effects: &mut Effects<W>) {
        if self.closed.is_some() {
            return;
        }
        self.closed = Some(reason);
        effects.wake.extend(self.server_requests.close());
        effects.wake.extend(self.pending.fail_all());
        self.outbox.close(&mut effects.wake);
        effects.wake.extend(self.reader.take());
        effects.wake.append(&mut self.close_waiters);
        self.router.close(&mut effects.wake);
    }

    /// Why the connection is closed; otherwise the waiter is woken when it is.
    pub(crate) fn poll_closed(&mut self, waiter: impl FnOnce() -> W) -> Option<&Arc<Closed>> {
        if self.closed.is_none() {
            let waiter = waiter();
            // Somebody who asks again and again, as in a loop, is woken once all the same.
            if !self
                .close_waiters
                .iter()
                .any(|known| known.is_same(&waiter))
            {
                self.close_waiters.push(waiter);
            }
        }
        self.closed.as_ref()
    }

    /// Why the connection is closed, if it is.
    pub(crate) fn closed(&self) -> Option<&Arc<Closed>> {
        self.closed.as_ref()
    }
}
