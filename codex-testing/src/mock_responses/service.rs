//! One HTTP exchange: takes the request in, chooses the answer, starts sending it.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;

use super::Fault;
use super::body::{self, StreamedBody};
use super::state::State;
use crate::reply::Lowered;
use crate::{CapturedRequest, Reply, RequestKind};

pub(super) async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<StreamedBody>, hyper::Error> {
    let (head, incoming) = request.into_parts();
    if head.method == Method::POST && head.uri.path().contains("/analytics") {
        return Ok(respond(not_found().lower(0), |_| {}));
    }
    let request = CapturedRequest::new(&head, incoming.collect().await?.to_bytes());
    state.capture(&request);
    let (reply, number) = choose(&state, &request);
    let mut reply = reply.lower(number);
    body::hold(std::mem::take(&mut reply.holds)).await;
    Ok(respond(reply, |reason| {
        state.record_fault(Fault::InvalidReply {
            request: request.clone(),
            reason,
        });
    }))
}

/// The reply and its number; only model requests count.
fn choose(state: &State, request: &CapturedRequest) -> (Reply, usize) {
    match request.kind() {
        RequestKind::Models => (Reply::json(state.models()), 0),
        RequestKind::Other => (state.other(request.path()).unwrap_or_else(not_found), 0),
        RequestKind::Responses | RequestKind::Compact => {
            state.choose_reply(request).unwrap_or_else(|fault| {
                // The runtime reports the body of a 400; it reports a 500 as high demand, and may repeat it.
                let reply = Reply::http_error(400, fault.to_string());
                state.record_fault(fault);
                (reply, 0)
            })
        }
    }
}

fn respond(reply: Lowered, mut invalid: impl FnMut(String)) -> Response<StreamedBody> {
    let status = StatusCode::from_u16(reply.status).unwrap_or_else(|_| {
        invalid(format!("the status {}", reply.status));
        StatusCode::INTERNAL_SERVER_ERROR
    });
    let mut response = Response::new(body::stream(reply.actions));
    *response.status_mut() = status;
    for (name, value) in &reply.headers {
        match parse_header(name, value) {
            Some((name, value)) => drop(response.headers_mut().append(name, value)),
            None => invalid(format!("the header `{name}`")),
        }
    }
    response
}

fn parse_header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((name.parse().ok()?, value.parse().ok()?))
}

fn not_found() -> Reply {
    error_reply(404, "the mock model endpoint does not know this path")
}

fn error_reply(status: u16, message: &str) -> Reply {
    Reply::http_error(status, json!({ "error": { "message": message } }))
}
