//! Who answers the server's requests, and what they get to know about them.

use std::fmt;
use std::sync::{Arc, Weak};

use codex_types::{RequestId, ServerRequest};

use super::Client;
use super::dispatcher::RequestDispatcher;
use crate::blocking::ServerRequestHandler;
use crate::connection::Connection;
use crate::connection::session::Session;
use crate::engine::Response;
use crate::generated::blocking::handlers::dispatch;
use crate::nonblocking;

mod closures;

pub use closures::Handlers;

/// A handler of any type.
pub(crate) trait AnyHandler: Send + Sync {
    /// Answers a request of the server.
    fn dispatch(&self, request: ServerRequest, context: &RequestContext) -> Response;
}

impl<H: ServerRequestHandler> AnyHandler for H {
    fn dispatch(&self, request: ServerRequest, context: &RequestContext) -> Response {
        dispatch(self, request, context)
    }
}

/// What a handler may know and do besides answering.
pub struct RequestContext {
    connection: Arc<Connection>,
    session: Weak<Session>,
    number: u64,
    id: RequestId,
}

impl RequestContext {
    pub(super) fn new(dispatcher: &RequestDispatcher, number: u64, id: RequestId) -> Self {
        Self {
            connection: Arc::clone(&dispatcher.connection),
            session: Weak::clone(&dispatcher.session),
            number,
            id,
        }
    }

    /// The server's id of the request.
    pub fn request_id(&self) -> &RequestId {
        &self.id
    }

    /// The client the request came to, to ask the server something before answering. `None`
    /// when nobody holds it any more; holding it here keeps the connection open.
    pub fn client(&self) -> Option<Client> {
        let client = self.session.upgrade().map(nonblocking::Client::new)?;
        Some(Client(client))
    }

    /// Whether no answer is wanted any more: the request was resolved elsewhere, or took too
    /// long, or the connection is closed. A handler that waits for a person should look now
    /// and then.
    pub fn is_cancelled(&self) -> bool {
        !self.connection.is_pending(self.number)
    }
}

impl fmt::Debug for RequestContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = &self.id;
        formatter
            .debug_struct("RequestContext")
            .field("request_id", id)
            .finish_non_exhaustive()
    }
}
