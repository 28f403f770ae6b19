//! Dispatches the server's requests to handlers, on threads of their own, so that the reader does
//! not wait for a handler. The number of running handlers is bounded; the other requests are
//! queued.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use super::{Handler, spawn};
use crate::connection::park;
use crate::connection::replies::default_reply;
use crate::connection::session::Session;
use crate::connection::{Connection, IncomingRequest};
use crate::driver::Context;
use crate::shared::approval::{DecidedBy, Origin};

/// Dispatches requests to handlers.
#[derive(Clone)]
pub(super) struct RequestDispatcher {
    pub(super) handler: Arc<Handler>,
    pub(super) connection: Arc<Connection>,
    pub(super) session: Weak<Session>,
    /// True while a thread enforces the handler timeout.
    pub(super) is_timed: Arc<AtomicBool>,
}

impl RequestDispatcher {
    /// Starts handlers for requests that are queued later, by the thread that queues them.
    pub(super) fn start_for_released(&self) {
        let (handler, session) = (Arc::clone(&self.handler), Weak::clone(&self.session));
        let (connection, is_timed) = (Arc::downgrade(&self.connection), Arc::clone(&self.is_timed));
        self.connection.on_released(move || {
            let Some(connection) = connection.upgrade() else {
                return;
            };
            Self {
                handler: Arc::clone(&handler),
                connection,
                session: Weak::clone(&session),
                is_timed: Arc::clone(&is_timed),
            }
            .start();
        });
    }

    /// Starts handlers for queued requests, up to the limit.
    pub(super) fn start(&self) {
        while let Some(request) = self.connection.next_request() {
            let (number, method) = (request.number, request.payload.request.method().to_owned());
            let dispatcher = self.clone();
            if spawn("codex-handler", move || dispatcher.work(request)).is_err() {
                tracing::error!("no thread for a handler: the safe answer is sent");
                let origin = Origin::new(DecidedBy::Limit, "no thread for a handler");
                let response = default_reply(&method);
                self.connection.reply(number, &response, origin);
                self.connection.handler_ended();
            }
        }
        if self.connection.has_handler_limit() && !self.is_timed.swap(true, Ordering::AcqRel) {
            let dispatcher = self.clone();
            if spawn("codex-handler-limit", move || dispatcher.watch_time()).is_err() {
                tracing::error!("no thread to limit the time of handlers");
                self.is_timed.store(false, Ordering::Release);
            }
        }
    }

    /// Handles one request, and then queued ones.
    fn work(&self, first: IncomingRequest) {
        let mut next = Some(first);
        while let Some(request) = next {
            self.handle(request);
            self.connection.handler_ended();
            next = self.connection.next_request();
        }
    }

    /// Sends at most one response: the handler's, or the default one if it panics; none if the
    /// request was resolved elsewhere or timed out. A handler on a thread cannot be stopped.
    fn handle(&self, request: IncomingRequest) {
        let number = request.number;
        let (connection, session) = (Arc::clone(&self.connection), Weak::clone(&self.session));
        let (request, context) = Context::of(request, connection, session);
        let by_policy = poll_fn(|task| context.poll_policy(task));
        if let Some((response, origin)) = park::block_on(by_policy) {
            self.connection.reply(number, &response, origin);
            return;
        }
        let attempt = context.attempt(&request);
        let handled = match park::block_on(attempt.run_tool(request)) {
            Ok(response) => Some(response),
            Err(request) => {
                let handle = AssertUnwindSafe(|| (self.handler)(request, context));
                catch_unwind(handle).ok()
            }
        };
        let (response, origin) = attempt.reply(handled);
        self.connection.reply_with(number, response, origin);
    }

    /// Sends the default response for requests that time out, until the connection is closed.
    /// Queued requests are included.
    fn watch_time(&self) {
        let mut closed = self.connection.until_closed();
        while let Some(due) = self.connection.reply_to_due() {
            if park::until(Some(due), |context| closed.poll(context)).is_some() {
                return;
            }
        }
        self.is_timed.store(false, Ordering::Release);
        // A request that arrived meanwhile relies on this thread.
        if self.connection.reply_to_due().is_some() {
            self.start();
        }
    }
}
