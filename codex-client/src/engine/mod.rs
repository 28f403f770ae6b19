//! The protocol core of a connection, as a state machine.
//!
//! It is told what was read and what is wanted, and answers with what to send and whom to
//! wake. It deliberately knows no async, threads, clocks, locks, channels or transports: both
//! APIs of the client share it, and tests drive it step by step.
//!
//! `E` is an event, `F` a message that could not be read, `P` what the handler of a request of the
//! server gets, `W` whatever an API uses to wake a task or a thread: a waker, or a number in a test.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use codex_types::RequestId;
use codex_types::rpc::ErrorObject;
use serde_json::value::RawValue;

mod closed;
mod naming;
mod outbox;
mod pending;
mod queue;
mod routed;
mod router;
mod server_requests;
mod subscription;
#[cfg(test)]
mod tests;
mod waiters;

pub(crate) use closed::one_line;
pub use closed::{CloseReason, Closed};
pub(crate) use outbox::{Cause, Outgoing, WAITING};
pub(crate) use pending::Poll;
use pending::Sendable;
pub(crate) use queue::{Budget, Item, Pressure};
pub(crate) use routed::{Ends, Routed};
pub(crate) use router::Taken;
pub(crate) use server_requests::{HandlerLimits, NewRequest, Next, Opened};
pub(crate) use subscription::{Opening, Scope};
pub(crate) use waiters::Place;

/// Names a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubscriptionId(u64);

/// How many warnings are kept for the first subscriber.
const MOST_EARLY: usize = 64;

/// The answer to a request.
pub(crate) type Response = Result<Box<RawValue>, ErrorObject>;

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
    /// How much the server may ask.
    pub(crate) requests: HandlerLimits,
}

/// Why a frame was not accepted.
#[derive(Debug)]
pub(crate) enum NotSent {
    /// The connection is closed.
    Closed(Arc<Closed>),
    /// Too much waits already for a server that does not read.
    Full,
}

/// The state of one connection.
#[derive(Debug)]
pub(crate) struct Engine<E, F, P, W> {
    pending: pending::PendingRequests<Response, W>,
    router: router::Router<E, F, W>,
    server_requests: server_requests::ServerRequests<P, Response, W>,
    outbox: outbox::Outbox<W>,
    reader: Option<W>,
    /// Warnings that came before anybody could listen; `None` once somebody did.
    early: Option<Vec<E>>,
    closed: Option<Arc<Closed>>,
    close_waiters: waiters::Waiters<W>,
}

impl<E: Routed, F: Clone, P, W> Engine<E, F, P, W> {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            pending: pending::PendingRequests::new(limits.in_flight),
            router: router::Router::new(limits.budget),
            server_requests: server_requests::ServerRequests::new(limits.requests),
            outbox: outbox::Outbox::new(),
            reader: None,
            early: Some(Vec::new()),
            closed: None,
            close_waiters: waiters::Waiters::new(),
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
        opening: Option<SubscriptionId>,
        effects: &mut Effects<W>,
    ) -> Result<(), Arc<Closed>> {
        self.check_open()?;
        self.pending.insert(id, frame, opening);
        self.send_pending(effects);
        Ok(())
    }

    /// Takes the answer to a request, or leaves a waiter to be woken.
    pub(crate) fn poll_response(&mut self, id: i64, waiter: impl FnOnce() -> W) -> Poll<Response> {
        match self.pending.poll(id, waiter) {
            Poll::Unknown if self.closed.is_some() => Poll::Closed,
            poll => poll,
        }
    }

    /// Gives up on a request: frees its slot, ignores its answer. It is not sent if the writer
    /// does not have it yet.
    pub(crate) fn abandon(&mut self, id: i64, effects: &mut Effects<W>) {
        if let Some(position) = self.pending.abandon(id) {
            self.outbox.withdraw(position);
        }
        self.send_pending(effects);
    }

    /// Sends a frame that has no response.
    ///
    /// # Errors
    ///
    /// When the connection is closed, or the program has sent more than the server reads.
    pub(crate) fn send(
        &mut self,
        frame: String,
        cause: Cause,
        effects: &mut Effects<W>,
    ) -> Result<(), NotSent> {
        self.check_open().map_err(NotSent::Closed)?;
        if cause == Cause::Client && self.outbox.is_full(cause) {
            return Err(NotSent::Full);
        }
        self.outbox.push(frame, cause, &mut effects.wake);
        Ok(())
    }

    fn send_pending(&mut self, effects: &mut Effects<W>) {
        while let Some(sendable) = self.pending.next_sendable() {
            if let Some(subscription) = sendable.opening {
                self.router.request_sent(subscription);
            }
            let Sendable { id, frame, .. } = sendable;
            let position = self.outbox.push(frame, Cause::Client, &mut effects.wake);
            self.pending.is_in_outbox(id, position);
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
    pub(crate) fn on_response(
        &mut self,
        id: &RequestId,
        response: Response,
        effects: &mut Effects<W>,
    ) -> bool {
        let RequestId::Integer(id) = *id else {
            return false;
        };
        let named = self.named_id(id, &response);
        let Some(answered) = self.pending.complete(id, response) else {
            return self.pending.was_issued(id);
        };
        if let Some(subscription) = answered.opening {
            self.router.request_completed(subscription, named);
        }
        effects.wake.extend(answered.waiter);
        self.send_pending(effects);
        true
    }

    /// The id an answer names for what its request opens, if it opens anything.
    fn named_id(&self, id: i64, response: &Response) -> Option<naming::Named> {
        let opening = self.router.opening(self.pending.opening(id)?)?;
        naming::named_id(opening, response.as_ref().ok()?)
    }

    /// Takes in an event.
    pub(crate) fn on_event(&mut self, event: &E, effects: &mut Effects<W>) {
        if self.closed.is_some() {
            return;
        }
        if let Some(id) = event.resolves() {
            effects.wake.extend(self.server_requests.resolve(&id));
        }
        if let Some(early) = &mut self.early {
            if event.is_early_warning() && early.len() < MOST_EARLY {
                early.push(event.clone());
            }
        }
        self.router.route(event, &mut effects.wake);
    }

    /// Takes in a message that could not be read.
    pub(crate) fn on_malformed(&mut self, malformed: &F, effects: &mut Effects<W>) {
        if self.closed.is_none() {
            self.router.report(malformed, &mut effects.wake);
        }
    }

    /// Takes in a request of the server. After the close none needs a response.
    pub(crate) fn on_request(&mut self, request: NewRequest<P, Response>) -> Opened<Response> {
        match self.closed {
            Some(_) => Opened::Duplicate,
            None => self.server_requests.open(request),
        }
    }

    /// Whether a request of the server with this id needs a response.
    pub(crate) fn is_request_open(&self, id: &RequestId) -> bool {
        self.server_requests.has(id)
    }

    /// The next request of the server to be handled, if one more handler may work.
    pub(crate) fn next_request(&mut self) -> Option<Next<P>> {
        self.server_requests.next()
    }

    /// A handler has ended.
    pub(crate) fn handler_ended(&mut self) {
        self.server_requests.finish();
    }

    /// Whether a response to a request of the server is still needed; if so, the waiter is
    /// woken when it is not any more.
    pub(crate) fn poll_pending(&mut self, number: u64, waiter: impl FnOnce() -> W) -> bool {
        self.server_requests.poll_pending(number, waiter)
    }

    /// Whether a response to a request of the server is still needed.
    pub(crate) fn is_pending(&self, number: u64) -> bool {
        self.server_requests.is_open(number)
    }

    /// Takes the right to answer a request of the server, which only the first caller gets.
    pub(crate) fn claim(&mut self, number: u64, effects: &mut Effects<W>) -> Option<RequestId> {
        let claimed = self.server_requests.claim(number)?;
        effects.wake.extend(claimed.waiter);
        Some(claimed.id)
    }

    /// Takes a request of the server that was not answered in time, with its default response.
    pub(crate) fn take_due(
        &mut self,
        now: Instant,
        effects: &mut Effects<W>,
    ) -> Option<(RequestId, Response)> {
        let (claimed, default) = self.server_requests.take_due(now)?;
        effects.wake.extend(claimed.waiter);
        Some((claimed.id, default))
    }

    /// When the oldest request of the server is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.server_requests.next_due()
    }

    // Subscriptions.

    /// Starts a subscription that sees events from now on.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub(crate) fn subscribe(&mut self, scope: Scope) -> Result<SubscriptionId, Arc<Closed>> {
        self.check_open()?;
        let early = match scope {
            Scope::Everything => self.early.take(),
            _ => None,
        };
        let id = self.router.subscribe(scope);
        self.router.begin_with(id, early.unwrap_or_default());
        Ok(id)
    }

    /// Prepares a subscription for a request that opens something.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub(crate) fn prepare(&mut self, opening: Opening) -> Result<SubscriptionId, Arc<Closed>> {
        self.check_open()?;
        Ok(self.router.prepare(opening))
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

    /// Why the reader should wait before it reads on, if it should.
    pub(crate) fn pressure(&self) -> Option<Pressure> {
        self.router.pressure().filter(|_| self.closed.is_none())
    }

    /// Whether the reader should wait before it reads on; the waiter is woken when a subscriber
    /// took events, or the connection is closed.
    pub(crate) fn reader_should_wait(&mut self, waiter: impl FnOnce() -> W) -> bool {
        let wait = self.pressure().is_some();
        self.reader = wait.then(waiter);
        wait
    }

    /// The reader has waited long enough for those it waits for; what they cannot take is
    /// dropped from now on, until they come.
    pub(crate) fn stop_backpressure(&mut self) {
        self.reader = None;
        self.router.stop_waiting();
    }

    /// Whether the server asks without reading the answers: the reader waits until it does. The
    /// waiter is woken then, or when the connection is closed.
    pub(crate) fn replies_wait(&mut self, waiter: impl FnOnce() -> W) -> bool {
        let wait = self.closed.is_none() && self.outbox.is_full(Cause::Server);
        self.reader = wait.then(waiter);
        wait
    }

    // The writer, and the end.

    /// Moves the frames to send into `into`, or leaves a waiter to be woken. After the close
    /// what was sent before it still goes out.
    pub(crate) fn take_outgoing(
        &mut self,
        into: &mut Vec<String>,
        waiter: impl FnOnce() -> W,
        effects: &mut Effects<W>,
    ) -> Outgoing {
        effects.wake.extend(self.reader.take());
        self.outbox.take(into, waiter)
    }

    /// The writer has ended: what was to be sent will not be.
    pub(crate) fn writer_ended(&mut self) {
        self.outbox.discard();
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
        effects.wake.extend(self.close_waiters.drain());
        self.router.close(&mut effects.wake);
    }

    /// Why the connection is closed; otherwise the waiter is woken when it is.
    pub(crate) fn poll_closed(
        &mut self,
        place: &mut Place,
        waiter: impl FnOnce() -> W,
    ) -> Option<&Arc<Closed>> {
        if self.closed.is_none() {
            self.close_waiters.wait(place, waiter());
        }
        self.closed.as_ref()
    }

    /// Stops waiting for the connection to be closed.
    pub(crate) fn leave(&mut self, place: &mut Place) {
        self.close_waiters.leave(place);
    }

    /// Why the connection is closed, if it is.
    pub(crate) fn closed(&self) -> Option<&Arc<Closed>> {
        self.closed.as_ref()
    }

    /// How many entries all tables have together.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        let waiters = self.close_waiters.len() + usize::from(self.reader.is_some());
        let tables = self.pending.size() + self.router.size() + self.server_requests.size();
        tables + self.outbox.len() + waiters
    }
}
