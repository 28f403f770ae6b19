//! Has the server's requests answered, each on a task of its own, so that neither the reader
//! nor another request waits for a handler.

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use codex_types::ServerRequest;

use super::{AnyHandler, RequestContext};
use crate::connection::replies::safe_answer;
use crate::connection::session::Session;
use crate::connection::{Ask, Asked, Connection};
use crate::engine::Answer;

/// What is needed to have requests answered.
#[derive(Clone)]
pub(super) struct Answering {
    pub(super) handler: Arc<dyn AnyHandler>,
    pub(super) connection: Arc<Connection>,
    pub(super) session: Weak<Session>,
    pub(super) limit: Option<Duration>,
}

impl Answering {
    /// Starts to have a request answered.
    pub(super) fn start(&self, ask: Ask) {
        tracing::debug!(method = ask.request.method(), id = ?ask.id, "server request");
        match ask.request {
            Asked::Unreadable { refusal, .. } => {
                self.connection.reply(ask.number, &Err(refusal));
            }
            Asked::Readable(request) => {
                let fallback = safe_answer(request.method());
                let context = RequestContext::new(self, ask.number, ask.id);
                let answering = self.clone();
                tokio::spawn(answering.answer(*request, context, fallback));
            }
        }
    }

    /// Sends exactly one answer: the handler's, or the safe one when it panics or takes too
    /// long; none when the request is resolved elsewhere.
    async fn answer(self, request: ServerRequest, context: RequestContext, fallback: Answer) {
        let number = context.number();
        let handled = catch_panics(self.handler.answer(request, context));
        let unwanted = poll_fn(|task| self.connection.poll_unwanted(number, task));
        let answer = tokio::select! {
            answer = handled => answer.unwrap_or_else(|| {
                tracing::error!("a handler panicked: the safe answer is sent");
                fallback
            }),
            () = unwanted => return tracing::debug!(number, "resolved elsewhere"),
            () = pass(self.limit) => {
                tracing::warn!(number, "a handler took too long: the safe answer is sent");
                fallback
            }
        };
        self.connection.reply(number, &answer);
    }
}

async fn pass(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// `None` when the future panics.
async fn catch_panics<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = Box::pin(future);
    poll_fn(|context| {
        let poll = || future.as_mut().poll(context);
        // It is not polled again after a panic, so that no broken state is seen.
        match std::panic::catch_unwind(AssertUnwindSafe(poll)) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}
