//! Has the server's requests answered, on threads of their own, so that the reader does not wait
//! for a handler. A bounded number of handlers is at work; the other requests wait for their turn.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use super::{AnyHandler, RequestContext, drive};
use crate::connection::park;
use crate::connection::replies::safe_answer;
use crate::connection::session::Session;
use crate::connection::{Ask, Connection};

/// What is needed to have requests answered.
#[derive(Clone)]
pub(super) struct Answering {
    pub(super) handler: Arc<dyn AnyHandler>,
    pub(super) connection: Arc<Connection>,
    pub(super) session: Weak<Session>,
    /// Whether a thread looks after the requests that are not answered in time.
    pub(super) is_timed: Arc<AtomicBool>,
}

impl Answering {
    /// Starts to have the requests answered that wait, as far as there are free handlers.
    pub(super) fn start(&self) {
        while let Some(ask) = self.connection.next_request() {
            let (number, method) = (ask.number, ask.payload.method().to_owned());
            let answering = self.clone();
            if drive::spawn("codex-handler", move || answering.work(ask)).is_err() {
                tracing::error!("no thread for a handler: the safe answer is sent");
                self.connection.reply(number, &safe_answer(&method));
                self.connection.handler_ended();
            }
        }
        if self.connection.has_handler_limit() && !self.is_timed.swap(true, Ordering::AcqRel) {
            let answering = self.clone();
            if drive::spawn("codex-handler-limit", move || answering.watch_time()).is_err() {
                tracing::error!("no thread to limit the time of handlers");
                self.is_timed.store(false, Ordering::Release);
            }
        }
    }

    /// Has one request answered, and then those that wait.
    fn work(&self, first: Ask) {
        let mut next = Some(first);
        while let Some(ask) = next {
            self.answer(ask);
            self.connection.handler_ended();
            next = self.connection.next_request();
        }
    }

    /// Sends one answer at most: the handler's, or the safe one when it panics; none when the
    /// request was resolved elsewhere or took too long. A handler on a thread cannot be stopped.
    fn answer(&self, ask: Ask) {
        let number = ask.number;
        let method = ask.payload.method().to_owned();
        let context = RequestContext::new(self, number, ask.id);
        let handle = AssertUnwindSafe(|| self.handler.answer(*ask.payload, &context));
        let answer = catch_unwind(handle).unwrap_or_else(|_| {
            tracing::error!("a handler panicked: the safe answer is sent");
            safe_answer(&method)
        });
        self.connection.reply(number, &answer);
    }

    /// Answers what is not answered in time, until the connection is closed. Requests that wait
    /// for a handler are among them.
    fn watch_time(&self) {
        let mut closed = self.connection.until_closed();
        while let Some(due) = self.connection.reply_to_due() {
            if park::until(Some(due), |context| closed.poll(context)).is_some() {
                return;
            }
        }
        self.is_timed.store(false, Ordering::Release);
        // A request may have come meanwhile that found this thread at work.
        if self.connection.reply_to_due().is_some() {
            self.start();
        }
    }
}
