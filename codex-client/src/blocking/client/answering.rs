//! Has the server's requests answered, each on a thread of its own, so that neither the
//! reader nor another request waits for a handler.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use codex_types::ServerRequest;

use super::{AnyHandler, RequestContext, drive};
use crate::connection::park;
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
        let number = ask.number;
        match ask.request {
            Asked::Unreadable { refusal, .. } => {
                self.connection.reply(number, &Err(refusal));
            }
            Asked::Readable(request) => {
                let fallback = safe_answer(request.method());
                let context = RequestContext::new(self, number, ask.id);
                let started = self.start_handler(*request, context, fallback.clone());
                if started.is_err() {
                    tracing::error!("no thread for a handler: the safe answer is sent");
                    self.connection.reply(number, &fallback);
                }
            }
        }
    }

    fn start_handler(
        &self,
        request: ServerRequest,
        context: RequestContext,
        fallback: Answer,
    ) -> std::io::Result<()> {
        let number = context.number();
        if let Some(limit) = self.limit {
            self.start_timer(number, limit, fallback.clone())?;
        }
        let (handler, connection) = (Arc::clone(&self.handler), Arc::clone(&self.connection));
        drive::spawn("codex-handler", move || {
            let handle = AssertUnwindSafe(|| handler.answer(request, &context));
            let answer = catch_unwind(handle).unwrap_or_else(|_| {
                tracing::error!("a handler panicked: the safe answer is sent");
                fallback
            });
            connection.reply(number, &answer);
        })
    }

    /// A handler on a thread cannot be stopped; its answer can come too late.
    fn start_timer(&self, number: u64, limit: Duration, fallback: Answer) -> std::io::Result<()> {
        let connection = Arc::clone(&self.connection);
        drive::spawn("codex-handler-limit", move || {
            let deadline = Instant::now().checked_add(limit);
            let answered = park::until(deadline, |context| {
                connection.poll_unwanted(number, context)
            });
            if answered.is_none() && connection.reply(number, &fallback) {
                tracing::warn!(number, "a handler took too long: the safe answer was sent");
            }
        })
    }
}
