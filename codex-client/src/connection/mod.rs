//! The engine behind a lock, polled by both APIs.
//!
//! The lock is held for a table lookup or for passing on one batch; nothing is decoded, encoded,
//! woken or waited for under it. Waiters register a [`Waker`]: that of a task in the async API, of a
//! thread in the blocking one.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::Waker;
use std::time::Duration;

use codex_runtime::VersionMismatch;
use codex_types::rpc;
use codex_types::{ErrorNotification, ServerNotification};

use crate::engine::{
    self, Cause, Effects, Ends, Engine, Frame, Limits, NotSent, Opening, Routed as _, Scope,
    SubscriptionId, Taken, WAITING,
};
use crate::error::{Closed, Error, MalformedMessage, Restarted};
use crate::shared::event::{Event, Run};

mod audit;
mod backpressure;
pub(crate) mod cancellation;
mod deferred_drop;
pub(crate) mod detached;
mod dispatch;
mod greeting;
mod incoming;
mod link;
pub(crate) mod long_texts;
mod noise;
mod open_items;
pub(crate) mod params;
pub(crate) mod park;
pub(crate) mod race;
pub(crate) mod replies;
mod request;
mod responses;
mod restore;
mod running;
pub(crate) mod server_info;
pub(crate) mod session;
pub(crate) mod settings;
mod sub_agents;
mod subscription;
pub(crate) mod supervisor;
pub(crate) mod support;
mod thread_tools;
pub(crate) mod threads;
pub(crate) mod timer;
mod turn_policies;

use audit::Audit;
pub(crate) use backpressure::Backpressure;
use deferred_drop::DeferredDrop;
pub(crate) use greeting::{Greeting, LIMIT_AFTER_NOISE};
use incoming::{Incoming, ReadingMemory};
pub(crate) use incoming::{ReceivedRequest, mcp_tool_call, turn_id};
pub(crate) use link::{Link, LinkGuard, UntilClosed};
pub(crate) use noise::plain_text;
pub(crate) use open_items::OpenItem;
use open_items::OpenItems;
use park::Work;
use running::RunningTurns;
use server_info::ConfigWarnings;
pub(crate) use sub_agents::SubAgents;
pub(crate) use subscription::{Received, Subscription};
use thread_tools::ThreadTools;
pub(crate) use turn_policies::StartingTurn;
use turn_policies::TurnPolicies;

type State = Engine<Run, Report, Arc<ReceivedRequest>, Waker>;

/// An entry of a subscriber's queue that is no event.
#[derive(Clone, Debug)]
pub(crate) enum Report {
    Malformed(MalformedMessage),
    Restarted(Arc<Restarted>),
}

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
    /// The records of decisions about approvals.
    pub(crate) audit: Audit,
    pub(crate) turn_policies: TurnPolicies,
    pub(crate) thread_tools: ThreadTools,
    pub(crate) sub_agents: Arc<SubAgents>,
    /// The running turns, if lost links are restored.
    running: Option<RunningTurns>,
    /// What a thread that waits for the connection does meanwhile.
    work: OfferedWork,
}

#[derive(Default)]
struct OfferedWork(Mutex<Option<Weak<dyn Work>>>);

impl fmt::Debug for OfferedWork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OfferedWork")
            .finish_non_exhaustive()
    }
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
    reading: ReadingMemory,
}

impl Connection {
    pub(crate) fn new(limits: Limits, handler_limit: Option<Duration>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(Engine::new(limits)),
            running: limits.restores.then(RunningTurns::default),
            handler_limit,
            greeting: Greeting::default(),
            mismatch: OnceLock::new(),
            config_warnings: ConfigWarnings::default(),
            start_handlers: StartHandlers::default(),
            audit: Audit::default(),
            turn_policies: TurnPolicies::default(),
            thread_tools: ThreadTools::default(),
            sub_agents: Arc::default(),
            work: OfferedWork::default(),
        })
    }

    /// A panic elsewhere leaves the tables consistent: every step of the engine is atomic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `step` under the lock, then wakes the collected wakers, and records the approvals that it
    /// has withdrawn.
    fn step<R>(&self, step: impl FnOnce(&mut State, &mut Effects<Waker>) -> R) -> R {
        let mut effects = Effects::default();
        let mut engine = self.lock();
        let was_open = engine.closed().is_none();
        let result = step(&mut engine, &mut effects);
        let closes = was_open && engine.closed().is_some();
        let withdrawn = engine.take_withdrawn();
        drop(engine);
        effects.wake.into_iter().for_each(Waker::wake);
        if !withdrawn.is_empty() {
            self.record_withdrawn(withdrawn);
        }
        if closes {
            self.audit.end();
        }
        if effects.requests_released {
            if let Some(start) = self.start_handlers.0.get() {
                start();
            }
        }
        result
    }

    fn work(&self) -> MutexGuard<'_, Option<Weak<dyn Work>>> {
        self.work.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Offers the connection's work to the current thread, which is going to wait for a message.
    fn offer_work(&self) {
        park::offer(|| self.work().as_ref()?.upgrade());
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

    /// Notes the events of one read, in the order of the messages, and adds the open items to the
    /// requests about them.
    fn note(&self, messages: &mut [Incoming], open_items: &mut OpenItems) {
        for message in messages {
            match message {
                Incoming::Events(events) => {
                    let event = events.first();
                    self.sub_agents.observe(event);
                    if !events.is_plain() {
                        open_items.observe(event);
                        self.note_event(event);
                    }
                }
                Incoming::Request {
                    request, weight, ..
                } => *weight += request.add_item(open_items, &self.sub_agents),
                _ => {}
            }
        }
    }

    /// Logs and keeps warnings at once, because there may be no subscriber yet, and notes the ends of
    /// turns and threads, even damaged ones.
    fn note_event(&self, event: &Event) {
        match event.notification() {
            ServerNotification::TurnCompleted(_)
            | ServerNotification::ThreadClosed(_)
            | ServerNotification::Unrecognized(_) => match event.ends() {
                Some(Ends::Turn) => self.turn_policies.end(event.turn_id().unwrap_or_default()),
                Some(Ends::Thread) => {
                    self.thread_tools
                        .close(event.thread_id().unwrap_or_default());
                }
                _ => {}
            },
            ServerNotification::ConfigWarning(warning) => {
                self.config_warnings.add(warning, event.weight());
            }
            ServerNotification::Error(error) => warn_of_retry(error),
            _ => {}
        }
    }

    // Operations of the handles.

    /// Sends a notification.
    pub(crate) fn notify<P>(&self, method: &str, params: &P) -> Result<(), Error>
    where
        P: serde_core::Serialize + ?Sized,
    {
        let frame = rpc::encode_notification(method, params).map_err(|problem| Error::Encode {
            method: method.to_owned(),
            problem,
        })?;
        tracing::debug!(method, "notification");
        let frame = Frame::from(one_line(frame));
        let sent = self.step(|engine, effects| engine.send(frame, Cause::Client, effects));
        sent.map_err(|problem| match problem {
            NotSent::Closed(closed) => closed.into(),
            NotSent::Lost(closed) => Error::ConnectionLost {
                method: method.to_owned(),
                closed,
            },
            NotSent::Full => Error::OutboxFull {
                method: method.to_owned(),
                waiting: WAITING,
            },
        })
    }

    /// Starts a subscription to events from now on.
    pub(crate) fn subscribe(self: &Arc<Self>, scope: Scope) -> Result<Subscription, Error> {
        let id = self.lock().subscribe(scope)?;
        Ok(Subscription::new(Arc::clone(self), id))
    }

    /// Starts a subscription to a turn that also responds to its requests.
    pub(crate) fn attach(self: &Arc<Self>, turn: &str) -> Result<Subscription, Error> {
        let mut engine = self.lock();
        let id = engine.subscribe(Scope::Turn(turn.to_owned()))?;
        engine.take_requests(id);
        drop(engine);
        Ok(Subscription::new(Arc::clone(self), id))
    }

    /// Starts a subscription that also sees the requests of the server on its thread, as events.
    /// Returns those that are open by now, of all threads.
    pub(crate) fn observe(
        self: &Arc<Self>,
        scope: Scope,
    ) -> Result<(Subscription, Vec<Arc<ReceivedRequest>>), Error> {
        let mut engine = self.lock();
        let id = engine.subscribe(scope)?;
        engine.observe_requests(id);
        let open = engine.open_requests().cloned().collect();
        drop(engine);
        Ok((Subscription::new(Arc::clone(self), id), open))
    }

    // Closing.

    /// Closes the connection. The first reason is kept.
    pub(crate) fn close(&self, reason: Closed) {
        let reason = Arc::new(reason);
        self.step(|engine, effects| engine.close(reason, effects));
    }

    /// Number of entries in all tables.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.lock().size()
    }

    /// The reason of the close, if the connection is closed.
    pub(crate) fn closed(&self) -> Option<Arc<Closed>> {
        self.lock().closed().cloned()
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
