//! The engine behind a lock, polled by both APIs.
//!
//! The lock is held for a table lookup or for passing on one batch; nothing is decoded, encoded,
//! woken or waited for under it. Waiters register a [`Waker`]: that of a task in the async API, of a
//! thread in the blocking one.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use codex_runtime::VersionMismatch;
use codex_types::rpc;
use codex_types::{ErrorNotification, RequestId, ServerNotification};

use crate::engine::{
    self, Cause, Effects, Engine, Limits, NewRequest, NotSent, Opened, Opening, Outgoing, Place,
    Pressure, Response, Scope, SubscriptionId, Taken, WAITING,
};
use crate::error::{CloseReason, Closed, Error, MalformedMessage};
use crate::shared::event::Event;

mod backpressure;
pub(crate) mod cancellation;
mod deferred_drop;
pub(crate) mod detached;
mod greeting;
mod incoming;
mod noise;
mod open_items;
pub(crate) mod park;
pub(crate) mod replies;
mod request;
pub(crate) mod server_info;
pub(crate) mod session;
pub(crate) mod settings;
mod subscription;
mod support;
pub(crate) mod threads;
pub(crate) mod timer;

pub(crate) use backpressure::Backpressure;
use deferred_drop::DeferredDrop;
pub(crate) use greeting::{Greeting, LIMIT_AFTER_NOISE};
use incoming::{Incoming, Reading, RequestPayload};
pub(crate) use incoming::{ReceivedRequest, mcp_tool_call, turn_id};
pub(crate) use noise::plain_text;
pub(crate) use open_items::OpenItem;
use open_items::OpenItems;
use server_info::ConfigWarnings;
pub(crate) use subscription::{Received, Subscription};

type State = Engine<Event, MalformedMessage, Arc<ReceivedRequest>, Waker>;

/// One connection to a server. Shared by the handles, the reader and the writer.
#[derive(Debug)]
pub(crate) struct Connection {
    state: Mutex<State>,
    handler_limit: Option<Duration>,
    greeting: Greeting,
    /// The server's version, once it is known not to be the one this client was built for.
    mismatch: OnceLock<VersionMismatch>,
    config_warnings: ConfigWarnings,
    start_handlers: StartHandlers,
}

/// A request of the server that is to be handled next.
pub(crate) type IncomingRequest = engine::Next<Arc<ReceivedRequest>>;

/// Starts handlers for queued requests, from any thread; set by the driver.
#[derive(Default)]
struct StartHandlers(OnceLock<Box<dyn Fn() + Send + Sync>>);

impl fmt::Debug for StartHandlers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StartHandlers")
            .finish_non_exhaustive()
    }
}

/// The memory of a connection's reader between two reads.
#[derive(Debug, Default)]
pub(crate) struct ReaderMemory {
    deferred: DeferredDrop,
    open_items: OpenItems,
}

impl Connection {
    pub(crate) fn new(limits: Limits, handler_limit: Option<Duration>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(Engine::new(limits)),
            handler_limit,
            greeting: Greeting::default(),
            mismatch: OnceLock::new(),
            config_warnings: ConfigWarnings::default(),
            start_handlers: StartHandlers::default(),
        })
    }

    /// A panic elsewhere leaves the tables consistent: every step of the engine is atomic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `step` under the lock, then wakes the collected wakers.
    fn step<R>(&self, step: impl FnOnce(&mut State, &mut Effects<Waker>) -> R) -> R {
        let mut effects = Effects::default();
        let result = step(&mut self.lock(), &mut effects);
        effects.wake.into_iter().for_each(Waker::wake);
        if effects.requests_released {
            if let Some(start) = self.start_handlers.0.get() {
                start();
            }
        }
        result
    }

    /// Sets what starts handlers for requests that were offered to a subscriber first.
    pub(crate) fn on_released(&self, start: impl Fn() + Send + Sync + 'static) {
        // There is one driver.
        let _ = self.start_handlers.0.set(Box::new(start));
    }

    /// The server's output before its first message.
    pub(crate) fn greeting(&self) -> &Greeting {
        &self.greeting
    }

    /// Notes the server's version in what cannot be decoded from now on.
    pub(crate) fn note_mismatch(&self, mismatch: VersionMismatch) {
        // There is one handshake.
        let _ = self.mismatch.set(mismatch);
    }

    /// The warnings about the configuration that have come.
    pub(crate) fn config_warnings(&self) -> &ConfigWarnings {
        &self.config_warnings
    }

    // Operations of the reader.

    /// Dispatches frames; returns whether requests of the server were queued.
    pub(crate) fn deliver<'a>(
        &self,
        frames: impl Iterator<Item = &'a [u8]>,
        memory: &mut ReaderMemory,
    ) -> bool {
        let ReaderMemory {
            deferred,
            open_items,
        } = memory;
        deferred.turn_over();
        let due = self
            .handler_limit
            .and_then(|limit| Instant::now().checked_add(limit));
        let mut reading = Reading::new(self.mismatch.get());
        let mut messages: Vec<Incoming> = frames
            .map(|frame| Incoming::read(frame, &mut reading))
            .collect();
        let events: Vec<Event> = reading.events.finish().collect();
        self.greeting.listen(&messages);
        self.note(&events, &mut messages, open_items);
        let mut events = events.into_iter();
        let mut replies = Vec::new();
        let has_requests = self.step(|engine, effects| {
            let mut has_requests = false;
            for message in messages {
                match message {
                    Incoming::Request {
                        id,
                        request,
                        weight,
                    } => {
                        has_requests = true;
                        let request = RequestPayload::into_new(request, id, due, weight);
                        take_request(engine, request, &mut replies, effects);
                    }
                    Incoming::Event => {
                        if let Some(event) = events.next() {
                            dispatch_event(engine, event, deferred, effects);
                        }
                    }
                    other => dispatch(engine, other, effects),
                }
            }
            has_requests
        });
        for (id, response) in replies {
            self.send_reply(&id, &response);
        }
        has_requests
    }

    /// Notes the events of one read, in the order of the messages, and adds the open items to the
    /// requests about them.
    fn note(&self, events: &[Event], messages: &mut [Incoming], open_items: &mut OpenItems) {
        let mut events = events.iter();
        for message in messages {
            match message {
                Incoming::Event => {
                    if let Some(event) = events.next() {
                        open_items.observe(event);
                        self.note_warning(event);
                    }
                }
                Incoming::Request {
                    request, weight, ..
                } => *weight += request.add_item(open_items),
                _ => {}
            }
        }
    }

    /// Logs and keeps warnings at once, because there may be no subscriber yet.
    fn note_warning(&self, event: &Event) {
        match event.notification() {
            ServerNotification::ConfigWarning(warning) => self.config_warnings.add(warning),
            ServerNotification::Error(error) => warn_of_retry(error),
            _ => {}
        }
    }

    /// The reason for backpressure, if there is one.
    pub(crate) fn pressure(&self) -> Option<Pressure> {
        self.lock().pressure()
    }

    /// Ready when the backpressure has ended.
    pub(crate) fn poll_uncongested(&self, context: &Context<'_>) -> Poll<()> {
        let waiter = || context.waker().clone();
        if self.lock().reader_should_wait(waiter) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Stops the backpressure after its time limit.
    pub(crate) fn stop_waiting(&self) {
        self.lock().stop_backpressure();
    }

    /// Ready when the server reads the responses again.
    pub(crate) fn poll_replies_read(&self, context: &Context<'_>) -> Poll<()> {
        if self.lock().replies_wait(|| context.waker().clone()) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    // Operations of the writer.

    /// Moves the frames to send into `frames`; ready with `false` when no more frames follow.
    pub(crate) fn poll_outgoing(
        &self,
        context: &Context<'_>,
        frames: &mut Vec<String>,
    ) -> Poll<bool> {
        let waiter = || context.waker().clone();
        let outgoing = self.step(|engine, effects| engine.take_outgoing(frames, waiter, effects));
        match outgoing {
            Outgoing::Frames => Poll::Ready(true),
            Outgoing::Waiting => Poll::Pending,
            Outgoing::Finished => Poll::Ready(false),
        }
    }

    /// Drops all queued frames, because the writer has ended.
    pub(crate) fn writer_ended(&self) {
        self.lock().writer_ended();
    }

    // Operations of the handles.

    /// Sends a notification.
    pub(crate) fn notify<P>(&self, method: &str, params: &P) -> Result<(), Error>
    where
        P: serde::Serialize + ?Sized,
    {
        let frame = rpc::encode_notification(method, params).map_err(|problem| Error::Encode {
            method: method.to_owned(),
            problem,
        })?;
        tracing::debug!(method, "notification");
        let frame = one_line(frame);
        let sent = self.step(|engine, effects| engine.send(frame, Cause::Client, effects));
        sent.map_err(|problem| match problem {
            NotSent::Closed(closed) => closed.into(),
            NotSent::Full => Error::OutboxFull {
                method: method.to_owned(),
                waiting: WAITING,
            },
        })
    }

    /// Returns whether requests of the server have a timeout.
    pub(crate) fn has_handler_limit(&self) -> bool {
        self.handler_limit.is_some()
    }

    /// Returns the next request of the server to be handled, if another handler may run.
    /// [`Connection::handler_ended`] has to be called after its handler.
    pub(crate) fn next_request(&self) -> Option<IncomingRequest> {
        self.lock().next_request()
    }

    /// Records the end of a handler, so that another one may start.
    pub(crate) fn handler_ended(&self) {
        self.lock().handler_ended();
    }

    /// Responds to a request of the server. Only the first response to each is sent; returns
    /// `false` for the others.
    pub(crate) fn reply(&self, number: u64, response: &Response) -> bool {
        let claimed = self.step(|engine, effects| engine.claim(number, effects));
        let Some(id) = claimed else {
            tracing::debug!(number, "a reply came too late and is not sent");
            return false;
        };
        self.send_reply(&id, response)
    }

    /// Responds to a request of the server that was offered to a subscriber.
    ///
    /// # Errors
    ///
    /// Returns an error if no response is needed any more.
    pub(crate) fn respond(
        &self,
        number: u64,
        method: &str,
        response: &Response,
    ) -> Result<(), Error> {
        if self.reply(number, response) {
            return Ok(());
        }
        match self.closed() {
            Some(closed) => Err(closed.into()),
            None => Err(Error::ApprovalResolved {
                method: method.to_owned(),
            }),
        }
    }

    /// Takes a request that was offered to a subscriber, unless it was resolved meanwhile.
    pub(crate) fn take_offered(&self, number: u64) -> Option<IncomingRequest> {
        self.lock().take_offered(number)
    }

    /// Leaves an offered request to a handler; its payload is given back if it was taken.
    pub(crate) fn release(&self, number: u64, payload: Option<Arc<ReceivedRequest>>) {
        self.step(|engine, effects| engine.release(number, payload, effects));
    }

    /// Sends the default responses to all timed-out requests of the server; returns the next
    /// deadline.
    pub(crate) fn reply_to_due(&self) -> Option<Instant> {
        let now = Instant::now();
        while let Some((id, response)) = self.step(|engine, effects| engine.take_due(now, effects))
        {
            tracing::warn!("a handler took too long: the safe answer is sent");
            self.send_reply(&id, &response);
        }
        self.lock().next_due()
    }

    fn send_reply(&self, id: &RequestId, response: &Response) -> bool {
        let frame = match response {
            Ok(result) => rpc::encode_response(id, result),
            Err(error) => rpc::encode_error(id, error),
        };
        match frame {
            Ok(frame) => {
                let frame = one_line(frame);
                self.step(|engine, effects| engine.send(frame, Cause::Server, effects))
                    .is_ok()
            }
            Err(error) => {
                tracing::error!(%error, "a reply could not be written");
                false
            }
        }
    }

    /// Ready when a request of the server needs no response any more.
    pub(crate) fn poll_resolved(&self, number: u64, context: &Context<'_>) -> Poll<()> {
        if self.lock().poll_pending(number, || context.waker().clone()) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Returns whether a request of the server still needs a response.
    pub(crate) fn is_pending(&self, number: u64) -> bool {
        self.lock().is_pending(number)
    }

    /// Starts a subscription to events from now on.
    pub(crate) fn subscribe(self: &Arc<Self>, scope: Scope) -> Result<Subscription, Error> {
        let id = self.lock().subscribe(scope)?;
        Ok(Subscription::new(Arc::clone(self), id))
    }

    // Closing.

    /// Closes the connection. The first reason is kept.
    pub(crate) fn close(&self, reason: Closed) {
        let reason = Arc::new(reason);
        self.step(|engine, effects| engine.close(reason, effects));
    }

    /// Waits until the connection is closed.
    pub(crate) fn until_closed(self: &Arc<Self>) -> UntilClosed {
        UntilClosed {
            connection: Arc::clone(self),
            place: Place::default(),
        }
    }

    /// The reason of the close, if the connection is closed.
    pub(crate) fn closed(&self) -> Option<Arc<Closed>> {
        self.lock().closed().cloned()
    }
}

/// A future that waits until the connection is closed; dropping it frees its entry.
#[derive(Debug)]
pub(crate) struct UntilClosed {
    connection: Arc<Connection>,
    place: Place,
}

impl UntilClosed {
    /// Ready with the reason when the connection is closed.
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<Arc<Closed>> {
        let mut engine = self.connection.lock();
        match engine.poll_closed(&mut self.place, || context.waker().clone()) {
            Some(closed) => Poll::Ready(Arc::clone(closed)),
            None => Poll::Pending,
        }
    }
}

impl Drop for UntilClosed {
    fn drop(&mut self) {
        self.connection.lock().leave(&mut self.place);
    }
}

/// Closes the connection when the task or thread that serves it ends without doing so: it panicked,
/// or the async runtime has ended.
#[derive(Debug)]
pub(crate) struct CloseGuard {
    connection: Arc<Connection>,
    what: &'static str,
}

impl CloseGuard {
    /// Creates the guard of a task or thread with this description.
    pub(crate) fn new(connection: &Arc<Connection>, what: &'static str) -> Self {
        let connection = Arc::clone(connection);
        Self { connection, what }
    }
}

impl Drop for CloseGuard {
    fn drop(&mut self) {
        let problem = if std::thread::panicking() {
            format!("the part of the client that {} has panicked", self.what)
        } else {
            "the async runtime that drove the connection has ended".to_owned()
        };
        // No effect if it is closed already.
        self.connection
            .close(Closed::new(CloseReason::Transport(problem)));
    }
}

/// Takes in one event.
fn dispatch_event(
    engine: &mut State,
    event: Event,
    deferred: &mut DeferredDrop,
    effects: &mut Effects<Waker>,
) {
    if tracing::enabled!(tracing::Level::TRACE) {
        let (thread, turn) = (event.thread_id(), event.turn_id());
        tracing::trace!(method = event.method(), thread, turn, "event");
    }
    engine.on_event(&event, effects);
    deferred.hold(event);
}

/// Takes in one message that is neither a request nor an event.
fn dispatch(engine: &mut State, message: Incoming, effects: &mut Effects<Waker>) {
    match message {
        Incoming::Response { id, response } => {
            if !engine.on_response(&id, response, effects) {
                let id = shown(&id);
                tracing::warn!(id, "a response to a request that was never sent");
                let problem = format!("a response to a request that was never sent: {id}");
                engine.on_malformed(&MalformedMessage::new(problem, b""), effects);
            }
        }
        Incoming::Malformed(malformed) => {
            tracing::warn!(length = malformed.length(), "unreadable message");
            tracing::trace!(problem = malformed.problem(), "unreadable message");
            engine.on_malformed(&malformed, effects);
        }
        Incoming::Request { .. } | Incoming::Event => {}
    }
}

/// Dispatches one request; an immediate response is added to `replies`.
fn take_request(
    engine: &mut State,
    request: Result<NewRequest<Arc<ReceivedRequest>, Response>, (RequestId, Response)>,
    replies: &mut Vec<(RequestId, Response)>,
    effects: &mut Effects<Waker>,
) {
    let request = match request {
        Ok(request) => request,
        Err(refused) if engine.is_request_open(&refused.0) => return,
        Err(refused) => return replies.push(refused),
    };
    let method = request.payload.request.method().to_owned();
    match engine.on_request(request, effects) {
        Opened::Queued(number) => tracing::debug!(method, number, "server request"),
        Opened::Offered(number) => tracing::debug!(method, number, "server request, for a stream"),
        Opened::Duplicate => tracing::warn!(method, "a server request with an id in use"),
        Opened::TooMany { id, default } => {
            tracing::warn!(method, "too many server requests are open: rejected");
            replies.push((id, default));
        }
    }
}

/// An id of the server for logs, unless it is a text, which may contain anything.
fn shown(id: &RequestId) -> String {
    match id {
        RequestId::Integer(number) => number.to_string(),
        RequestId::String(text) => format!("a text of {} bytes", text.len()),
        _ => "neither a number nor a text".to_owned(),
    }
}

/// Logs a retry of the runtime at once, because the stream of the turn may be read late or never.
/// Without a network, a turn that is being retried looks idle forever.
fn warn_of_retry(error: &ErrorNotification) {
    if error.will_retry {
        let (thread, turn) = (error.thread_id.as_str(), error.turn_id.as_str());
        let message = &error.error.message;
        tracing::warn!(thread, turn, message, "the runtime tries again");
    }
}

/// JSON from the caller may contain line breaks, and the server ignores a message that does.
/// Outside of strings a line break is equivalent to a space, and inside there is none.
fn one_line(frame: String) -> String {
    match memchr::memchr2(b'\n', b'\r', frame.as_bytes()) {
        Some(_) => frame.replace(['\n', '\r'], " "),
        None => frame,
    }
}
