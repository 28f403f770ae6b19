//! The protocol core of a connection, as a state machine.
//!
//! Its inputs are received messages and requests of the handles, its outputs are frames to send and
//! waiters to wake. It is deliberately independent of async, threads, clocks, locks, channels and
//! transports: both APIs share it, and tests drive it step by step.
//!
//! `E` is an event, `F` a malformed message, `P` the payload of a server request for its handler,
//! `W` the waiter of an API: a waker, or a number in a test.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use codex_types::RequestId;
use codex_types::rpc::ErrorObject;
use serde_json::value::RawValue;

mod closed;
mod frame;
mod link;
mod naming;
mod numbered;
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
pub(crate) use frame::Body;
pub use frame::Frame;
pub(crate) use link::LinkNumber;
use link::LinkState;
pub(crate) use numbered::Numbered;
pub(crate) use outbox::{Cause, Outgoing, WAITING};
pub(crate) use pending::Poll;
use pending::Sendable;
pub(crate) use queue::{Budget, Item, Pressure};
pub(crate) use routed::{Ends, Routed};
pub(crate) use router::Taken;
pub(crate) use server_requests::{
    Claimed, HandlerLimits, InTurn, NewRequest, Next, Opened, Recorded, Withdrawn,
};
pub(crate) use subscription::{Opening, Scope};
pub(crate) use waiters::{Place, Waiters};

/// Identifies a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubscriptionId(u64);

impl From<SubscriptionId> for i128 {
    fn from(id: SubscriptionId) -> Self {
        id.0.into()
    }
}

/// Maximum number and weight of warnings kept for the first subscriber.
pub(crate) const MOST_EARLY: usize = 64;
pub(crate) const EARLY_WEIGHT: usize = 1 << 20;

/// The response to a request.
pub(crate) type Response = Result<Box<RawValue>, ErrorObject>;

/// Work for the caller after the engine's lock is released.
#[derive(Debug)]
pub(crate) struct Effects<W> {
    /// The waiters to wake.
    pub(crate) wake: Vec<W>,
    /// True if requests of the server were queued for handlers after they had been offered to a
    /// subscriber.
    pub(crate) requests_released: bool,
}

impl<W> Default for Effects<W> {
    fn default() -> Self {
        Self {
            wake: Vec::new(),
            requests_released: false,
        }
    }
}

/// The limits of the engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Maximum number of requests in flight: the runtime drops responses above some number.
    pub(crate) in_flight: usize,
    /// The budget of each subscriber's queue.
    pub(crate) budget: Budget,
    /// The limits of the server's requests.
    pub(crate) requests: HandlerLimits,
    /// True if a lost link is restored; otherwise its loss closes the connection.
    pub(crate) restores: bool,
}

/// The reason why a frame was not accepted.
#[derive(Debug)]
pub(crate) enum NotSent {
    /// The connection is closed.
    Closed(Arc<Closed>),
    /// The link was lost, and is being restored.
    Lost(Arc<Closed>),
    /// Too much is queued for a server that does not read.
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
    /// Warnings before the first subscription; `None` after it.
    early: Option<Vec<E>>,
    closed: Option<Arc<Closed>>,
    /// Waiters for the close, and for the end of a link.
    close_waiters: Waiters<W>,
    link: LinkState,
}

impl<E: Routed, F: Clone, P: Clone, W> Engine<E, F, P, W> {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            pending: pending::PendingRequests::new(limits.in_flight),
            router: router::Router::new(limits.budget),
            server_requests: server_requests::ServerRequests::new(limits.requests),
            outbox: outbox::Outbox::new(),
            reader: None,
            early: Some(Vec::new()),
            closed: None,
            close_waiters: Waiters::new(),
            link: LinkState::new(limits.restores),
        }
    }

    // Requests of the client.

    /// Returns the number of the next request.
    pub(crate) fn next_id(&mut self) -> i64 {
        self.pending.next_id()
    }

    /// Sends a request as soon as there is a free slot. A subscription that the request opens
    /// receives events from that moment on.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is closed.
    pub(crate) fn submit(
        &mut self,
        id: i64,
        frame: Frame,
        opening: Option<SubscriptionId>,
        effects: &mut Effects<W>,
    ) -> Result<(), Arc<Closed>> {
        self.check_open()?;
        self.pending.insert(id, frame, opening);
        self.send_pending(effects);
        Ok(())
    }

    /// Takes the response to a request, or registers a waiter.
    pub(crate) fn poll_response(&mut self, id: i64, waiter: impl FnOnce() -> W) -> Poll<Response> {
        match self.pending.poll(id, waiter) {
            Poll::Unknown if self.closed.is_some() => Poll::Closed,
            poll => poll,
        }
    }

    /// Abandons a request: frees its slot, ignores its response. It is not sent if the writer does
    /// not have it yet.
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
    /// Returns an error if the connection is closed, or the program has sent more than the server
    /// reads.
    pub(crate) fn send(
        &mut self,
        frame: Frame,
        cause: Cause,
        effects: &mut Effects<W>,
    ) -> Result<(), NotSent> {
        self.check_open().map_err(NotSent::Closed)?;
        if let (Cause::Client, Some(lost)) = (cause, self.link.is_restoring()) {
            return Err(NotSent::Lost(lost));
        }
        if cause == Cause::Client && self.outbox.is_full(cause) {
            return Err(NotSent::Full);
        }
        self.outbox.push(frame, cause, &mut effects.wake);
        Ok(())
    }

    fn send_pending(&mut self, effects: &mut Effects<W>) {
        if self.link.is_restoring().is_some() {
            return;
        }
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

    // Messages of the server.

    /// Dispatches a response. Returns `false` if no request ever had this id.
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
            self.release_unread(effects);
        }
        effects.wake.extend(answered.waiter);
        self.send_pending(effects);
        true
    }

    /// The id in a response of the item that its request opens, if any.
    fn named_id(&self, id: i64, response: &Response) -> Option<naming::Named> {
        let opening = self.router.opening(self.pending.opening(id)?)?;
        naming::named_id(opening, response.as_ref().ok()?)
    }

    /// Dispatches an event.
    pub(crate) fn on_event(&mut self, event: &E, effects: &mut Effects<W>) {
        if self.closed.is_some() {
            return;
        }
        if let Some(id) = event.resolves() {
            effects.wake.extend(self.server_requests.resolve(&id));
        }
        if self.server_requests.has_turns() && event.ends() == Some(Ends::Turn) {
            let turn = event.turn_id().unwrap_or_default();
            effects.wake.extend(self.server_requests.end_turn(turn));
        }
        if let Some(early) = &mut self.early {
            if event.is_early_warning() && early.len() < MOST_EARLY {
                let weight = early
                    .iter()
                    .chain([event])
                    .map(Routed::weight)
                    .sum::<usize>();
                early.extend((weight <= EARLY_WEIGHT).then(|| event.clone()));
            }
        }
        self.router.route(event, &mut effects.wake);
        self.release_unread(effects);
    }

    /// Dispatches a malformed message.
    pub(crate) fn on_malformed(&mut self, malformed: &F, effects: &mut Effects<W>) {
        if self.closed.is_none() {
            self.router.report(malformed, &mut effects.wake);
        }
    }

    /// Registers a request of the server: for the subscriber that responds for its turn, otherwise
    /// for a handler. After the close none needs a response.
    pub(crate) fn on_request(
        &mut self,
        mut request: NewRequest<P, Response>,
        effects: &mut Effects<W>,
    ) -> Opened<Response> {
        if self.closed.is_some() {
            return Opened::Duplicate;
        }
        let turn = request.turn.take();
        let opened = self.server_requests.open(request);
        let (Opened::Queued(number), Some(turn)) = (&opened, turn) else {
            return opened;
        };
        let number = *number;
        if !self.router.offer(number, turn, &mut effects.wake) {
            return opened;
        }
        self.server_requests.offer(number);
        self.release_unread(effects);
        Opened::Offered(number)
    }

    /// Lets a subscriber to a turn respond to its requests.
    pub(crate) fn take_requests(&mut self, id: SubscriptionId) {
        self.router.take_requests(id);
    }

    /// Lets a subscriber see the requests of the server on its thread, as events.
    pub(crate) fn observe_requests(&mut self, id: SubscriptionId) {
        self.router.observe_requests(id);
    }

    /// The requests of the server that need a response, oldest first.
    pub(crate) fn open_requests(&self) -> impl Iterator<Item = &P> {
        self.server_requests.payloads()
    }

    /// Returns whether anyone sees requests of the server as events.
    pub(crate) fn has_observers(&self) -> bool {
        self.router.has_observers()
    }

    /// Delivers a request of the server, as an event, to those that see them.
    pub(crate) fn show_request(&mut self, request: &E, effects: &mut Effects<W>) {
        self.router.show_request(request, &mut effects.wake);
    }

    /// Takes a request that was offered to a subscriber, unless it was resolved meanwhile.
    pub(crate) fn take_offered(&mut self, number: u64) -> Option<Next<P>> {
        self.server_requests.take(number)
    }

    /// Leaves an offered request to a handler. See [`ServerRequests::release`].
    pub(crate) fn release(&mut self, number: u64, effects: &mut Effects<W>) {
        effects.requests_released |= self.server_requests.release(number);
    }

    /// Leaves the requests to a handler that left the queue of their subscriber unread.
    fn release_unread(&mut self, effects: &mut Effects<W>) {
        for number in std::mem::take(&mut self.router.released) {
            self.release(number, effects);
        }
    }

    /// Returns whether a request of the server with this id needs a response.
    pub(crate) fn is_request_open(&self, id: &RequestId) -> bool {
        self.server_requests.has(id)
    }

    /// Returns the next request of the server to be handled, if another handler may run.
    pub(crate) fn next_request(&mut self) -> Option<Next<P>> {
        self.server_requests.next()
    }

    /// Records the end of a handler.
    pub(crate) fn handler_ended(&mut self) {
        self.server_requests.finish();
    }

    /// Returns whether a response to a request of the server is still needed; if so, the waiter is
    /// woken when it no longer is.
    pub(crate) fn poll_pending(&mut self, number: u64, waiter: impl FnOnce() -> W) -> bool {
        self.server_requests.poll_pending(number, waiter)
    }

    /// Returns whether a response to a request of the server is still needed.
    pub(crate) fn is_pending(&self, number: u64) -> bool {
        self.server_requests.is_open(number)
    }

    /// The server's id of a request that needs a response.
    pub(crate) fn id_of(&self, number: u64) -> Option<&RequestId> {
        self.server_requests.id_of(number)
    }

    /// Responds to a request of the server; only the first caller succeeds. One step, so that what is
    /// claimed is sent over the link that it came from.
    pub(crate) fn reply(
        &mut self,
        number: u64,
        frame: Option<Frame>,
        effects: &mut Effects<W>,
    ) -> Option<Claimed<P, W>> {
        let mut claimed = self.server_requests.claim(number)?;
        effects.wake.extend(claimed.waiter.take());
        if let Some(frame) = frame {
            self.outbox.push(frame, Cause::Server, &mut effects.wake);
        }
        Some(claimed)
    }

    /// A timed-out request of the server, with its default response.
    pub(crate) fn due(&self, now: Instant) -> Option<(u64, Response)> {
        let (number, default) = self.server_requests.due(now)?;
        Some((number, default.clone()))
    }

    /// Takes the recorded requests of the server that need no response any more.
    pub(crate) fn take_withdrawn(&mut self) -> Vec<Withdrawn<P>> {
        self.server_requests.take_withdrawn()
    }

    /// Deadline of the oldest request of the server.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.server_requests.next_due()
    }

    // Subscriptions.

    /// Starts a subscription to events from now on.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is closed.
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

    /// Prepares a subscription for a request that opens an item.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is closed.
    pub(crate) fn prepare(&mut self, opening: Opening) -> Result<SubscriptionId, Arc<Closed>> {
        self.check_open()?;
        Ok(self.router.prepare(opening))
    }

    /// Ends a subscription and frees its queue.
    pub(crate) fn unsubscribe(&mut self, id: SubscriptionId, effects: &mut Effects<W>) {
        self.router.unsubscribe(id);
        self.release_unread(effects);
        effects.wake.extend(self.reader.take());
    }

    /// Moves the queue of a subscription into `into`, or registers a waiter.
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

    /// The reason for backpressure, if there is one.
    pub(crate) fn pressure(&self) -> Option<Pressure> {
        self.router.pressure().filter(|_| self.closed.is_none())
    }

    /// Returns whether there is backpressure; the waiter is woken when a subscriber took events, or
    /// the connection is closed.
    pub(crate) fn reader_should_wait(&mut self, waiter: impl FnOnce() -> W) -> bool {
        let wait = self.pressure().is_some();
        self.reader = wait.then(waiter);
        wait
    }

    /// Stops the backpressure for the present subscribers; events beyond their budget are dropped
    /// until they read.
    pub(crate) fn stop_backpressure(&mut self) {
        self.reader = None;
        self.router.stop_waiting();
    }

    /// Returns whether the server sends requests without reading the responses: the reader waits
    /// until it reads. The waiter is woken then, or when the connection is closed.
    pub(crate) fn replies_wait(&mut self, waiter: impl FnOnce() -> W) -> bool {
        let wait = self.closed.is_none() && self.outbox.is_full(Cause::Server);
        self.reader = wait.then(waiter);
        wait
    }

    // The writer, and closing.

    /// Moves the frames to send into `into`, unless they have more than `most` bytes with their
    /// separators, or registers a waiter. Frames that were sent before the close are still written.
    /// There are none for a link that was lost.
    pub(crate) fn take_outgoing(
        &mut self,
        link: LinkNumber,
        most: usize,
        into: &mut Vec<Frame>,
        waiter: impl FnOnce() -> W,
        effects: &mut Effects<W>,
    ) -> Outgoing {
        if !self.is_current(link) {
            return Outgoing::Finished;
        }
        effects.wake.extend(self.reader.take());
        self.outbox.take(most, into, waiter)
    }

    /// Discards all queued frames, because the writer of this link has ended.
    pub(crate) fn writer_ended(&mut self, link: LinkNumber) {
        if self.is_current(link) {
            self.outbox.discard();
        }
    }

    /// Closes the connection: every request fails, every subscription ends. The first reason is
    /// kept; idempotent.
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

    /// Returns the reason of the close; otherwise the waiter is woken by the close.
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

    /// The reason of the close, if the connection is closed.
    pub(crate) fn closed(&self) -> Option<&Arc<Closed>> {
        self.closed.as_ref()
    }

    /// Number of entries in all tables.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        let waiters = self.close_waiters.len() + usize::from(self.reader.is_some());
        let tables = self.pending.size() + self.router.size() + self.server_requests.size();
        tables + self.outbox.len() + waiters
    }
}
