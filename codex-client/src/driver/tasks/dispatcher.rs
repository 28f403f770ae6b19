//! Dispatches the server's requests to handlers, in tasks of their own, so that the reader does not
//! wait for a handler. The number of running handlers is bounded; the other requests are queued.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use super::Handler;
use crate::connection::race::stopped_by;
use crate::connection::session::Session;
use crate::connection::{Connection, IncomingRequest};
use crate::driver::{Context, catch_panics};

/// Dispatches requests to handlers.
#[derive(Clone)]
pub(super) struct RequestDispatcher {
    pub(super) handler: Arc<Handler>,
    pub(super) connection: Arc<Connection>,
    pub(super) session: Weak<Session>,
    /// True while a task enforces the handler timeout.
    pub(super) is_timed: Arc<AtomicBool>,
}

impl RequestDispatcher {
    /// Starts handlers for requests that are queued later, by the thread that queues them.
    pub(super) fn start_for_released(&self) {
        let (handler, session) = (Arc::clone(&self.handler), Weak::clone(&self.session));
        let (connection, is_timed) = (Arc::downgrade(&self.connection), Arc::clone(&self.is_timed));
        let runtime = tokio::runtime::Handle::current();
        self.connection.on_released(move || {
            let Some(connection) = connection.upgrade() else {
                return;
            };
            let _entered = runtime.enter();
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
            super::spawn(Box::pin(self.clone().work(request)));
        }
        if self.connection.has_handler_limit() && !self.is_timed.swap(true, Ordering::AcqRel) {
            super::spawn(Box::pin(self.clone().watch_time()));
        }
    }

    /// Handles one request, and then queued ones.
    async fn work(self, first: IncomingRequest) {
        let mut next = Some(first);
        while let Some(request) = next {
            self.handle(request).await;
            self.connection.handler_ended();
            next = self.connection.next_request();
        }
    }

    /// Sends at most one response: the handler's, or the default one if it panics; none if the
    /// request is resolved elsewhere or timed out.
    async fn handle(&self, request: IncomingRequest) {
        let number = request.number;
        let (connection, session) = (Arc::clone(&self.connection), Weak::clone(&self.session));
        let (request, context) = Context::of(request, connection, session);
        if let Some((response, origin)) = poll_fn(|task| context.poll_policy(task)).await {
            self.connection.reply(number, &response, origin);
            return;
        }
        let attempt = context.attempt(&request);
        let handled = async {
            match attempt.run_tool(request).await {
                Ok(response) => Some(response),
                Err(request) => catch_panics(|| (self.handler)(request, context)).await,
            }
        };
        let resolved = poll_fn(|task| self.connection.poll_resolved(number, task));
        let Ok(handled) = stopped_by(resolved, handled).await else {
            return tracing::debug!(number, "resolved elsewhere, or late");
        };
        let (response, origin) = attempt.reply(handled);
        self.connection.reply_with(number, response, origin);
    }

    /// Sends the default response for requests that time out, until the connection is closed.
    /// Queued requests are included.
    async fn watch_time(self) {
        let mut closed = self.connection.until_closed();
        while let Some(due) = self.connection.reply_to_due() {
            let is_closed = poll_fn(|context| closed.poll(context));
            if tokio::time::timeout_at(due.into(), is_closed).await.is_ok() {
                return;
            }
        }
        self.is_timed.store(false, Ordering::Release);
        // A request that arrived meanwhile relies on this task.
        if self.connection.reply_to_due().is_some() {
            self.start();
        }
    }
}
