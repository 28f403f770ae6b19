//! Who answers the server's requests, and what they get to know about them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Weak;

use codex_types::{RequestId, ServerRequest};

use super::dispatcher::RequestDispatcher;
use crate::connection::session::Session;
use crate::engine::Response;
use crate::generated::nonblocking::handlers::{ServerRequestHandler, dispatch};
use crate::nonblocking::client::Client;

mod closures;

pub use closures::Handlers;

/// An answer in the making.
pub(crate) type BoxedReply<'a> = Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

/// A handler of any type.
pub(crate) trait AnyHandler: Send + Sync {
    /// Answers a request of the server.
    fn dispatch(&self, request: ServerRequest, context: RequestContext) -> BoxedReply<'_>;
}

impl<H: ServerRequestHandler> AnyHandler for H {
    fn dispatch(&self, request: ServerRequest, context: RequestContext) -> BoxedReply<'_> {
        Box::pin(dispatch(self, request, context))
    }
}

/// What a handler may know and do besides answering.
#[derive(Clone)]
pub struct RequestContext {
    session: Weak<Session>,
    id: RequestId,
}

impl RequestContext {
    pub(super) fn new(dispatcher: &RequestDispatcher, id: RequestId) -> Self {
        Self {
            session: Weak::clone(&dispatcher.session),
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
        self.session.upgrade().map(Client::new)
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
