//! One request, from its submission to its response.

use std::borrow::Cow;
use std::sync::Arc;
use std::task::{Context, Poll};

use codex_types::{DecodeError, RequestId, rpc};

use super::params::Params;
use super::{Connection, Link, Opening, Subscription, engine};
use crate::engine::{Frame, Response};
use crate::error::Error;
use crate::shared::trace::TraceContext;

/// A pending response. Dropping it frees the request's slot, and a later response is ignored. An
/// unsent request is not sent.
#[derive(Debug)]
pub(crate) struct PendingResponse {
    connection: Arc<Connection>,
    id: i64,
}

impl Connection {
    /// Sends a request as soon as there is a free slot.
    pub(crate) fn submit(
        self: &Arc<Self>,
        method: &str,
        params: &Params,
        opening: Option<&Subscription>,
        trace: Option<&TraceContext>,
    ) -> Result<PendingResponse, Error> {
        let (id, frame) = self.request_frame(method, params, trace)?;
        let opening = opening.map(Subscription::id);
        self.step(|engine, effects| engine.submit(id, frame, opening, effects))?;
        let connection = Arc::clone(self);
        Ok(PendingResponse { connection, id })
    }

    /// Assigns the next number to a request, and encodes it.
    fn request_frame(
        &self,
        method: &str,
        params: &Params,
        trace: Option<&TraceContext>,
    ) -> Result<(i64, Frame), Error> {
        let id = self.lock().next_id();
        let frame = encode(id, method, params, trace).map_err(|problem| Error::Encode {
            method: method.to_owned(),
            problem,
        })?;
        tracing::debug!(method, id, bytes = frame.len(), "request");
        Ok((id, frame))
    }

    /// Sends a request at once over a link that is being restored.
    pub(super) fn submit_urgent(
        self: &Arc<Self>,
        link: &Link,
        method: &str,
        params: &Params,
    ) -> Result<PendingResponse, Error> {
        let (id, frame) = self.request_frame(method, params, None)?;
        self.step(|engine, effects| engine.submit_urgent(link.number, id, frame, effects))?;
        let connection = Arc::clone(self);
        Ok(PendingResponse { connection, id })
    }

    /// Prepares a subscription for a request that opens an item.
    pub(crate) fn prepare(self: &Arc<Self>, opening: Opening) -> Result<Subscription, Error> {
        let id = self.lock().prepare(opening)?;
        Ok(Subscription::new(Arc::clone(self), id))
    }
}

/// Encodes a request. Its trace is a member of the envelope.
fn encode(
    id: i64,
    method: &str,
    params: &Params,
    trace: Option<&TraceContext>,
) -> Result<Frame, DecodeError> {
    let mut head = rpc::encode_request(&RequestId::Integer(id), method, &())?;
    // The brace at the end, which further members precede.
    head.pop();
    let tail = match trace {
        None => Cow::Borrowed("}"),
        Some(trace) => format!(r#","trace":{}}}"#, serde_json::to_string(trace)?).into(),
    };
    if params.are_null() {
        return Ok(Frame::from(head + &tail));
    }
    head.push_str(r#","params":"#);
    Ok(params.insert_into(head, &tail))
}

impl PendingResponse {
    /// Polls for the response, which is returned once.
    pub(crate) fn poll(
        &self,
        method: &str,
        context: &Context<'_>,
    ) -> Poll<Result<Response, Error>> {
        let mut engine = self.connection.lock();
        match engine.poll_response(self.id, || context.waker().clone()) {
            engine::Poll::Ready(response) => Poll::Ready(Ok(response)),
            engine::Poll::Waiting => {
                drop(engine);
                self.connection.offer_work();
                Poll::Pending
            }
            engine::Poll::Lost => Poll::Ready(Err(match engine.last_loss() {
                Some(closed) => Error::ConnectionLost {
                    method: method.to_owned(),
                    closed: Arc::clone(closed),
                },
                None => gone(),
            })),
            engine::Poll::Closed | engine::Poll::Unknown => {
                Poll::Ready(Err(engine.closed().cloned().map_or_else(gone, Error::from)))
            }
        }
    }
}

/// A response can be taken once; polling again is a defect of this crate.
fn gone() -> Error {
    Error::Cancelled {
        method: "a request that was answered before".to_owned(),
    }
}

impl Drop for PendingResponse {
    fn drop(&mut self) {
        self.connection
            .step(|engine, effects| engine.abandon(self.id, effects));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::{Params, encode};
    use crate::shared::trace::TraceContext;

    fn params<P: serde_core::Serialize + ?Sized>(params: &P) -> Params {
        Params::encode("m", params).unwrap()
    }

    fn trace() -> TraceContext {
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            .parse()
            .unwrap()
    }

    #[test]
    fn requests_are_one_line_of_json() {
        let multiline = RawValue::from_string("{\"a\":\n[1,\r\n2]}".to_owned()).unwrap();
        let long = json!([["x".repeat(100_000)]]);
        for (params, expected) in [
            (params(&()), None),
            (params(&json!({"a": "\n"})), Some(json!({"a": "\n"}))),
            (params(&multiline), Some(json!({"a": [1, 2]}))),
            (params(&long), Some(long)),
        ] {
            for trace in [None, Some(trace())] {
                let frame = encode(7, "m", &params, trace.as_ref()).unwrap();
                let text = frame.text();
                assert!(!text.contains(['\n', '\r']), "{text}");
                let message: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(message["id"], 7);
                assert_eq!(message["method"], "m");
                assert_eq!(message.get("params"), expected.as_ref());
                assert_eq!(message.get("trace").is_some(), trace.is_some());
            }
        }
    }

    #[test]
    fn long_parameters_are_in_every_attempt_and_exist_once() {
        let params = params(&"x".repeat(100_000));
        let attempts = [1, 2].map(|id| encode(id, "m", &params, Some(&trace())).unwrap());
        let texts = attempts.each_ref().map(|attempt| {
            let parts = attempt.parts().map(str::as_ptr);
            assert_eq!(
                parts
                    .filter(|part| *part == params.outline().as_ptr())
                    .count(),
                1
            );
            attempt.text().replace(r#""id":2"#, r#""id":1"#)
        });
        assert_eq!(texts[0], texts[1]);
    }
}
