//! One request, from its submission to its response.

use std::sync::Arc;
use std::task::{Context, Poll};

use codex_types::{DecodeError, RequestId, rpc};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Connection, Link, Opening, Subscription, engine, one_line};
use crate::engine::Response;
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
        params: &RawValue,
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
        params: &RawValue,
        trace: Option<&TraceContext>,
    ) -> Result<(i64, String), Error> {
        let id = self.lock().next_id();
        // `null` is not sent; inside of raw JSON the encoder cannot see it.
        let params = Some(params).filter(|params| params.get() != "null");
        let frame = match trace {
            None => rpc::encode_request(&RequestId::Integer(id), method, &params),
            Some(trace) => encode_traced(id, method, params, trace),
        };
        let frame = frame.map_err(|problem| Error::Encode {
            method: method.to_owned(),
            problem,
        })?;
        tracing::debug!(method, id, bytes = frame.len(), "request");
        Ok((id, one_line(frame)))
    }

    /// Sends a request at once over a link that is being restored.
    pub(super) fn submit_urgent(
        self: &Arc<Self>,
        link: &Link,
        method: &str,
        params: &RawValue,
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

/// Encodes a request with its trace, which is a member of the envelope.
fn encode_traced(
    id: i64,
    method: &str,
    params: Option<&RawValue>,
    trace: &TraceContext,
) -> Result<String, DecodeError> {
    #[derive(Serialize)]
    struct Traced<'a> {
        id: i64,
        method: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        params: Option<&'a RawValue>,
        trace: &'a TraceContext,
    }
    let request = Traced {
        id,
        method,
        params,
        trace,
    };
    serde_json::to_string(&request).map_err(DecodeError::from)
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
            engine::Poll::Waiting => Poll::Pending,
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
