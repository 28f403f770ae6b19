//! The requests of the server, from the queue of the engine to their responses, and the records of
//! those about approvals.
//!
//! Independent of what handlers and subscribers decide.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use codex_types::{RequestId, rpc};
use serde_json::value::RawValue;

use super::long_texts::{SHARED, to_body};
use super::replies::internal;
use super::{Connection, IncomingRequest, ReceivedRequest, one_line};
use crate::engine::{Body, Cause, Claimed, Frame, Response, Withdrawn};
use crate::error::Error;
use crate::shared::approval::{DecidedBy, Origin};

impl Connection {
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

    /// Responds to a request of the server, and records the decision if it is one about an approval.
    /// Only the first response to each is sent; returns `false` for the others.
    pub(crate) fn reply(&self, number: u64, response: &Response, origin: Origin) -> bool {
        let Some(claimed) = self.claim(number, |id| encode_reply(id, response)) else {
            return false;
        };
        if let Some(recorded) = claimed.recorded {
            self.audit.record(recorded, Some(response), origin);
        }
        true
    }

    /// Responds as [`Connection::reply`] does. A long response becomes a part of the message instead of
    /// being copied into it.
    pub(crate) fn reply_with(&self, number: u64, response: Response, origin: Origin) -> bool {
        let raw = match response {
            Ok(raw) if raw.get().len() >= SHARED => raw,
            short => return self.reply(number, &short, origin),
        };
        let body = Arc::new(to_body(Box::<str>::from(raw).into_string()));
        let Some(claimed) = self.claim(number, |id| encode_long_reply(id, &body)) else {
            return false;
        };
        // An approval; its response is hardly ever long.
        if let Some(recorded) = claimed.recorded {
            let response = RawValue::from_string(body.outline().to_owned());
            let response = response.map_err(internal);
            self.audit.record(recorded, Some(&response), origin);
        }
        true
    }

    /// Sends a response, if it is the first one to its request.
    fn claim(
        &self,
        number: u64,
        encode: impl FnOnce(&RequestId) -> Option<Frame>,
    ) -> Option<Claimed<Arc<ReceivedRequest>, Waker>> {
        let id = self.lock().id_of(number).cloned();
        let claimed = id.and_then(|id| {
            let frame = encode(&id);
            self.step(|engine, effects| engine.reply(number, frame, effects))
        });
        if claimed.is_none() {
            tracing::debug!(number, "a reply came too late and is not sent");
        }
        claimed
    }

    /// Records the approvals that need no response any more.
    pub(super) fn record_withdrawn(&self, withdrawn: Vec<Withdrawn<Arc<ReceivedRequest>>>) {
        let engine = self.lock();
        let ended = engine.closed().or(engine.last_loss()).cloned();
        drop(engine);
        let ended = ended.map(|closed| closed.explanation().to_string());
        for Withdrawn {
            request,
            is_resolved,
        } in withdrawn
        {
            let origin = if is_resolved {
                Origin::new(
                    DecidedBy::Elsewhere,
                    "resolved elsewhere, or the turn ended",
                )
            } else {
                Origin::new(DecidedBy::Shutdown, ended.as_deref().unwrap_or_default())
            };
            self.audit.record(request, None, origin);
        }
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
        origin: Origin,
    ) -> Result<(), Error> {
        if self.reply(number, response, origin) {
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

    /// Leaves an offered request to a handler.
    pub(crate) fn release(&self, number: u64) {
        self.step(|engine, effects| engine.release(number, effects));
    }

    /// Sends the default responses to all timed-out requests of the server; returns the next
    /// deadline.
    pub(crate) fn reply_to_due(&self) -> Option<Instant> {
        let now = Instant::now();
        loop {
            let due = self.lock().due(now);
            let Some((number, response)) = due else {
                return self.lock().next_due();
            };
            tracing::warn!("a handler took too long: the safe answer is sent");
            let origin = Origin::new(DecidedBy::Limit, "the time limit of handlers has passed");
            self.reply(number, &response, origin);
        }
    }

    /// Sends a response to a request that is in no table; returns whether it was sent.
    pub(super) fn send_reply(&self, id: &RequestId, response: &Response) -> bool {
        let Some(frame) = encode_reply(id, response) else {
            return false;
        };
        let sent = self.step(|engine, effects| engine.send(frame, Cause::Server, effects));
        sent.is_ok()
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
}

/// The frame of a response that shares its text.
fn encode_long_reply(id: &RequestId, body: &Arc<Body>) -> Option<Frame> {
    const NOTHING: &str = "null}";
    let frame = rpc::encode_response(id, &());
    let frame = frame.inspect_err(|error| tracing::error!(%error, "a reply cannot be written"));
    let mut text = frame.ok()?;
    text.truncate(text.len().saturating_sub(NOTHING.len()));
    let at = text.len();
    text.push('}');
    Some(Frame::around(text, at, Arc::clone(body)))
}

/// The frame of a response.
fn encode_reply(id: &RequestId, response: &Response) -> Option<Frame> {
    let frame = match response {
        Ok(result) => rpc::encode_response(id, result),
        Err(error) => rpc::encode_error(id, error),
    };
    let frame = frame.inspect_err(|error| tracing::error!(%error, "a reply cannot be written"));
    frame.ok().map(one_line).map(Frame::from)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use codex_types::RequestId;
    use serde_json::value::to_raw_value;

    use super::{Body, encode_long_reply, encode_reply};

    #[test]
    fn long_response_is_a_part_of_the_message() {
        for id in [RequestId::Integer(7), RequestId::String("null}".to_owned())] {
            let raw = to_raw_value(&[1, 2]).unwrap();
            let body = Arc::new(Body::new(raw.get().to_owned()));
            let frame = encode_long_reply(&id, &body).unwrap();
            assert_eq!(frame.text(), encode_reply(&id, &Ok(raw)).unwrap().text());
            let shared = body.outline().as_ptr();
            assert!(frame.parts().any(|part| part.as_ptr() == shared));
        }
    }
}
