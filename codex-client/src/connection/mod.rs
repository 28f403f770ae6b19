//! The engine behind a lock, polled by both faces.
//!
//! The lock is held for the time of a table lookup or of handing over one batch; nothing is
//! decoded, encoded, woken or waited for under it. Whoever waits leaves a [`Waker`]: a task's
//! on the async face, a thread's on the blocking one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use codex_types::RequestId;
use codex_types::rpc::{self, ErrorObject};
use serde_json::value::RawValue;

use crate::engine::{self, Effects, Engine, Limits, Opens, Outgoing, Scope, SubscriptionId, Taken};
use crate::error::{Closed, Error, Fault};
use crate::shared::event::Event;
use crate::transport::FrameBatch;

pub(crate) mod cancellation;
mod deferred_drop;
pub(crate) mod detached;
mod incoming;
pub(crate) mod park;
pub(crate) mod replies;
mod request;
pub(crate) mod server_info;
pub(crate) mod session;
pub(crate) mod settings;
mod subscription;
pub(crate) mod timer;

pub(crate) use deferred_drop::HandedOut;
pub(crate) use incoming::{Asked, Incoming};
pub(crate) use subscription::Subscription;

type State = Engine<Event, Fault, Waker>;

/// One connection to a server. Shared by the handles, the reader and the writer.
#[derive(Debug)]
pub(crate) struct Connection {
    state: Mutex<State>,
}

impl engine::Waiter for Waker {
    fn is_same(&self, other: &Self) -> bool {
        self.will_wake(other)
    }
}

/// A request of the server that wants an answer.
#[derive(Debug)]
pub(crate) struct Ask {
    /// Its number on this connection; see [`Connection::reply`].
    pub(crate) number: u64,
    pub(crate) id: RequestId,
    pub(crate) request: Asked,
}

impl Connection {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(Engine::new(limits)),
        })
    }

    /// A panic elsewhere leaves the tables whole: every step of the engine is all or nothing.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the engine, then wakes whom it concerns.
    fn step<R>(&self, step: impl FnOnce(&mut State, &mut Effects<Waker>) -> R) -> R {
        let mut effects = Effects::default();
        let result = step(&mut self.lock(), &mut effects);
        effects.wake.into_iter().for_each(Waker::wake);
        result
    }

    // For the reader.

    /// Takes in a batch of frames; returns the requests in it, to be handed to the handler.
    pub(crate) fn deliver(&self, batch: &FrameBatch, handed_out: &mut HandedOut) -> Vec<Ask> {
        handed_out.turn_over();
        let messages: Vec<Incoming> = batch.frames().map(Incoming::read).collect();
        self.step(|engine, effects| {
            let messages = messages.into_iter();
            messages
                .filter_map(|message| take_in(engine, message, handed_out, effects))
                .collect()
        })
    }

    /// Ready as soon as the reader may read on.
    pub(crate) fn poll_uncongested(&self, context: &Context<'_>) -> Poll<()> {
        let waiter = || context.waker().clone();
        if self.lock().reader_should_wait(waiter) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// The reader has waited long enough.
    pub(crate) fn stop_waiting(&self) {
        self.lock().reader_gives_up();
    }

    // For the writer.

    /// Moves the frames to send into `frames`; ready with `false` when there will be no more.
    pub(crate) fn poll_outgoing(
        &self,
        context: &Context<'_>,
        frames: &mut Vec<String>,
    ) -> Poll<bool> {
        let waiter = || context.waker().clone();
        match self.lock().take_outgoing(frames, waiter) {
            Outgoing::Frames => Poll::Ready(true),
            Outgoing::Waiting => Poll::Pending,
            Outgoing::Finished => Poll::Ready(false),
        }
    }

    // For the handles.

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
        self.step(|engine, effects| engine.send(frame, effects))?;
        Ok(())
    }

    /// Answers a request of the server. Only the first answer to each is sent; `false` for
    /// the others.
    pub(crate) fn reply(&self, number: u64, answer: &Result<Box<RawValue>, ErrorObject>) -> bool {
        let Some(id) = self.lock().claim(number) else {
            tracing::debug!(number, "a reply came too late and is not sent");
            return false;
        };
        let frame = match answer {
            Ok(result) => rpc::encode_response(&id, result),
            Err(error) => rpc::encode_error(&id, error),
        };
        match frame {
            Ok(frame) => {
                let frame = one_line(frame);
                self.step(|engine, effects| engine.send(frame, effects))
                    .is_ok()
            }
            Err(error) => {
                tracing::error!(%error, "a reply could not be written");
                false
            }
        }
    }

    /// Ready when a request of the server wants no answer any more.
    pub(crate) fn poll_unwanted(&self, number: u64, context: &Context<'_>) -> Poll<()> {
        if self.lock().poll_wanted(number, || context.waker().clone()) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Whether a request of the server still wants an answer.
    #[cfg(feature = "blocking")]
    pub(crate) fn is_wanted(&self, number: u64) -> bool {
        self.lock().is_wanted(number)
    }

    /// Starts a subscription that sees events from now on.
    pub(crate) fn subscribe(self: &Arc<Self>, scope: Scope) -> Result<Subscription, Error> {
        let id = self.lock().subscribe(scope)?;
        Ok(Subscription::new(Arc::clone(self), id))
    }

    // The end.

    /// Closes the connection. The first reason stays.
    pub(crate) fn close(&self, reason: Closed) {
        let reason = Arc::new(reason);
        self.step(|engine, effects| engine.close(reason, effects));
    }

    /// Why the connection is closed, as soon as it is.
    pub(crate) fn poll_closed(&self, context: &Context<'_>) -> Poll<Arc<Closed>> {
        let mut engine = self.lock();
        match engine.poll_closed(|| context.waker().clone()) {
            Some(closed) => Poll::Ready(Arc::clone(closed)),
            None => Poll::Pending,
        }
    }

    /// Why the connection is closed, if it is.
    pub(crate) fn closed(&self) -> Option<Arc<Closed>> {
        self.lock().closed().cloned()
    }
}

/// Takes in one message; a request that wants an answer is handed back.
fn take_in(
    engine: &mut State,
    message: Incoming,
    handed_out: &mut HandedOut,
    effects: &mut Effects<Waker>,
) -> Option<Ask> {
    match message {
        Incoming::Event(event) => {
            let (thread, turn) = (event.thread_id(), event.turn_id());
            tracing::trace!(method = event.method(), thread, turn, "event");
            engine.on_event(&event, effects);
            handed_out.hold(event);
        }
        Incoming::Answer { id, answer } => {
            if !engine.on_answer(&id, answer, effects) {
                tracing::warn!(?id, "an answer to a request that was never sent");
                let problem = format!("an answer to a request that was never sent: {id:?}");
                engine.on_fault(&Fault::new(problem, b""), effects);
            }
        }
        Incoming::Fault(fault) => {
            tracing::warn!(length = fault.length(), "unreadable message");
            tracing::trace!(problem = fault.problem(), "unreadable message");
            engine.on_fault(&fault, effects);
        }
        Incoming::Request { id, request } => {
            let Some(number) = engine.on_request(id.clone()) else {
                tracing::warn!(
                    ?id,
                    method = request.method(),
                    "a server request with an id in use"
                );
                return None;
            };
            return Some(Ask {
                number,
                id,
                request,
            });
        }
    }
    None
}

/// JSON that was written by somebody else may be spread over lines, and the server ignores a
/// message that is. Outside of strings a line end is as good as a space, and inside there is none.
fn one_line(frame: String) -> String {
    match memchr::memchr2(b'\n', b'\r', frame.as_bytes()) {
        Some(_) => frame.replace(['\n', '\r'], " "),
        None => frame,
    }
}
