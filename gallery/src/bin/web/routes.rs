//! The routes: the page, its conversations, and the buttons.
//!
//! Every request that changes something has a JSON body, which the browser sends to other origins only
//! if those agree. Requests by another name than this machine's are refused: that name may be of a page
//! which tries to reach this service.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header, uri::Authority};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use codex_client::Decision;
use codex_client::types::{RequestId, ThreadId, UnknownValue};
use futures_util::Stream;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::failure::Failure;
use crate::updates;

pub(crate) fn of(agent: Arc<Agent>) -> Router {
    let script = (
        [(header::CONTENT_TYPE, "text/javascript")],
        include_str!("page/page.js"),
    );
    let style = (
        [(header::CONTENT_TYPE, "text/css")],
        include_str!("page/page.css"),
    );
    Router::new()
        .route("/", get(Html(include_str!("page/page.html"))))
        .route("/page.js", get(script))
        .route("/page.css", get(style))
        .route("/threads", post(start))
        .route("/threads/{id}/events", get(events))
        .route("/threads/{id}/prompts", post(prompt))
        .route("/threads/{id}/interrupt", post(interrupt))
        .route("/approvals", post(decide))
        .layer(middleware::from_fn(only_this_machine))
        .with_state(agent)
}

type Service = State<Arc<Agent>>;

async fn start(State(agent): Service, Json(_): Json<Value>) -> Result<Json<Value>, Failure> {
    let thread = agent.start().await?;
    Ok(Json(json!({ "id": thread.id() })))
}

/// The conversation as it is, then its changes. A browser that has lost the connection asks again, and
/// so needs nothing of what it has missed.
async fn events(
    State(agent): Service,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, axum::Error>>>, Failure> {
    let thread = agent.thread(&ThreadId::from(id)).await?;
    let updates = updates::of(thread.view().await?, agent.ending());
    Ok(Sse::new(updates).keep_alive(KeepAlive::default()))
}

#[derive(Deserialize)]
struct Prompt {
    prompt: String,
}

async fn prompt(
    State(agent): Service,
    Path(id): Path<String>,
    Json(body): Json<Prompt>,
) -> Result<StatusCode, Failure> {
    if body.prompt.trim().is_empty() {
        return Err(Failure::new(StatusCode::BAD_REQUEST, "the prompt is empty"));
    }
    agent.prompt(&ThreadId::from(id), body.prompt).await?;
    Ok(StatusCode::ACCEPTED)
}

async fn interrupt(
    State(agent): Service,
    Path(id): Path<String>,
    Json(_): Json<Value>,
) -> Result<StatusCode, Failure> {
    agent.interrupt(&ThreadId::from(id)).await?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize)]
struct Decided {
    id: RequestId,
    /// `accept`, `accept-for-session`, `decline` or `cancel`.
    decision: String,
}

async fn decide(State(agent): Service, Json(body): Json<Decided>) -> Result<StatusCode, Failure> {
    let decision: Decision = body.decision.parse().map_err(|error: UnknownValue| {
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
    })?;
    if !agent.approvals.decide(&body.id, decision) {
        return Err(Failure::new(StatusCode::GONE, "it was decided already"));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn only_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let is_local = |host: Authority| matches!(host.host(), "localhost" | "127.0.0.1" | "[::1]");
    if host.is_some_and(is_local) {
        return next.run(request).await;
    }
    Failure::new(StatusCode::FORBIDDEN, "use http://localhost").into_response()
}
