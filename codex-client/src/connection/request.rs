//! One request, from its submission to its response.

use std::sync::Arc;
use std::task::{Context, Poll};

use codex_types::{RequestId, rpc};
use serde_json::value::RawValue;

use super::{Connection, Link, Opening, Subscription, engine, one_line};
use crate::engine::Response;
use crate::error::Error;

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
    ) -> Result<PendingResponse, Error> {
        let (id, frame) = self.request_frame(method, params)?;
        let opening = opening.map(Subscription::id);
        self.step(|engine, effects| engine.submit(id, frame, opening, effects))?;
        let connection = Arc::clone(self);
        Ok(PendingResponse { connection, id })
    }

    /// Assigns the next number to a request, and encodes it.
    fn request_frame(&self, method: &str, params: &RawValue) -> Result<(i64, String), Error> {
        let id = self.lock().next_id();
        let request_id = RequestId::Integer(id);
        // `null` is not sent; inside of raw JSON the encoder cannot see it.
        let params = Some(params).filter(|params| params.get() != "null");
        let frame = rpc::encode_request(&request_id, method, &params);
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
        let (id, frame) = self.request_frame(method, params)?;
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
