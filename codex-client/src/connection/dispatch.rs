//! From messages of the server to the engine, under its lock.
//!
//! Decodes nothing: see `incoming`.

use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use codex_types::RequestId;

use super::incoming::{Incoming, ReceivedRequest, RequestPayload};
use super::{Connection, DeferredDrop, Report, State};
use crate::engine::{Effects, NewRequest, Opened, Recorded, Response};
use crate::error::MalformedMessage;
use crate::shared::approval::{DecidedBy, Origin};
use crate::shared::event::{Event, Run};

/// Responses that are sent at once, without a handler.
type Replies = Vec<Box<Rejection>>;

/// The response to a request that is not handled.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(super) id: RequestId,
    pub(super) response: Response,
    pub(super) recorded: Rejected,
}

/// A request that is not handled, as far as its rejection is recorded.
#[derive(Debug)]
pub(super) enum Rejected {
    /// It is no approval.
    Other,
    /// An approval, beyond the limit of open requests.
    TooMany(Recorded<Arc<ReceivedRequest>>),
    /// A malformed approval, with its method.
    Malformed(String),
}

impl Rejection {
    pub(super) fn send(self, connection: &Connection) {
        let Self {
            id,
            response,
            recorded,
        } = self;
        let is_sent = connection.send_reply(&id, &response);
        let origin = |by, reason| {
            if is_sent {
                Origin::new(by, reason)
            } else {
                Origin::new(DecidedBy::Shutdown, "the connection was closed")
            }
        };
        match recorded {
            Rejected::Other => {}
            Rejected::TooMany(request) => {
                let origin = origin(DecidedBy::Limit, "too many requests are open");
                let response = Some(&response).filter(|_| is_sent);
                connection.audit.record(request, response, origin);
            }
            Rejected::Malformed(method) => {
                let origin = origin(DecidedBy::Default, "the request was malformed");
                connection.audit.record_malformed(id, &method, origin);
            }
        }
    }
}

/// Dispatches messages in order; returns whether requests of the server were queued.
pub(super) fn all(
    engine: &mut State,
    messages: impl Iterator<Item = Incoming>,
    handler_limit: Option<Duration>,
    deferred: &mut DeferredDrop,
    replies: &mut Replies,
    effects: &mut Effects<Waker>,
) -> bool {
    let mut has_requests = false;
    for message in messages {
        match message {
            Incoming::Request {
                id,
                request,
                weight,
            } => {
                has_requests = true;
                let due = handler_limit.and_then(|limit| Instant::now().checked_add(limit));
                let request = RequestPayload::into_new(request, id, due, weight);
                take_request(engine, request, replies, effects);
            }
            Incoming::Events(events) => dispatch_events(engine, events, deferred, effects),
            other => dispatch(engine, other, effects),
        }
    }
    has_requests
}

/// Takes in events that go the same way.
fn dispatch_events(
    engine: &mut State,
    events: Run,
    deferred: &mut DeferredDrop,
    effects: &mut Effects<Waker>,
) {
    if tracing::enabled!(tracing::Level::TRACE) {
        events.events().for_each(|event| trace(&event));
    }
    engine.on_event(&events, effects);
    deferred.hold(events);
}

fn trace(event: &Event) {
    let (thread, turn) = (event.thread_id(), event.turn_id());
    tracing::trace!(method = event.method(), thread, turn, "event");
}

/// Takes in one message that is neither a request nor an event.
fn dispatch(engine: &mut State, message: Incoming, effects: &mut Effects<Waker>) {
    match message {
        Incoming::Response { id, response } => {
            if !engine.on_response(&id, response, effects) {
                let id = shown(&id);
                tracing::warn!(id, "a response to a request that was never sent");
                let problem = format!("a response to a request that was never sent: {id}");
                let malformed = MalformedMessage::new(problem, b"");
                engine.on_malformed(&Report::Malformed(malformed), effects);
            }
        }
        Incoming::Malformed(malformed) => {
            tracing::warn!(length = malformed.length(), "unreadable message");
            tracing::trace!(problem = malformed.problem(), "unreadable message");
            engine.on_malformed(&Report::Malformed(malformed), effects);
        }
        Incoming::Request { .. } | Incoming::Events(_) => {}
    }
}

/// Dispatches one request; an immediate response is added to `replies`.
fn take_request(
    engine: &mut State,
    request: Result<NewRequest<Arc<ReceivedRequest>, Response>, Box<Rejection>>,
    replies: &mut Replies,
    effects: &mut Effects<Waker>,
) {
    let request = match request {
        Ok(request) => request,
        Err(refused) if engine.is_request_open(&refused.id) => return,
        Err(refused) => return replies.push(refused),
    };
    let method = request.payload.request.method().to_owned();
    if engine.has_observers() && !engine.is_request_open(&request.id) {
        engine.show_request(&Run::alone(request.payload.to_event()), effects);
    }
    let recorded = request.is_recorded.then(|| Arc::clone(&request.payload));
    let weight = request.weight;
    match engine.on_request(request, effects) {
        Opened::Queued(number) => tracing::debug!(method, number, "server request"),
        Opened::Offered(number) => tracing::debug!(method, number, "server request, for a stream"),
        Opened::Duplicate => tracing::warn!(method, "a server request with an id in use"),
        Opened::TooMany { id, default } => {
            tracing::warn!(method, "too many server requests are open: rejected");
            replies.push(Box::new(Rejection {
                recorded: match recorded {
                    Some(payload) => Rejected::TooMany(Recorded {
                        id: id.clone(),
                        payload,
                        weight,
                    }),
                    None => Rejected::Other,
                },
                id,
                response: default,
            }));
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
