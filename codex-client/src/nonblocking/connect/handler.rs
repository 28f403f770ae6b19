//! The context of a request of the server, for its handler.

use std::fmt;
use std::sync::Arc;

use codex_types::{RequestId, ThreadItem};

use crate::driver::Context;
use crate::driver::tasks::Handler;
use crate::generated::nonblocking::handlers::{ServerRequestHandler, dispatch};
use crate::nonblocking::client::Client;
use crate::shared::approval::ApprovalRequest;

/// Erases the type of a handler.
pub(super) fn erased(handler: impl ServerRequestHandler) -> Arc<Handler> {
    let handler = Arc::new(handler);
    Arc::new(move |request, context| {
        let handler = Arc::clone(&handler);
        Box::pin(async move { dispatch(&*handler, request, RequestContext(context)).await })
    })
}

/// The context of a request of the server, for its handler. Clones are the same request.
#[derive(Clone)]
pub struct RequestContext(pub(crate) Context);

impl RequestContext {
    /// Returns the server's id of the request.
    pub fn request_id(&self) -> &RequestId {
        self.0.request_id()
    }

    /// Returns the request in the form of all approvals, if it is one.
    pub fn approval(&self) -> Option<&ApprovalRequest> {
        self.0.approval()
    }

    /// Returns the item that the request is about, as it was when it started: a request names only
    /// its id. `None` for a request about no item, and for an item that was forgotten: open items are
    /// known up to 32 MiB, the newest.
    pub fn item(&self) -> Option<&ThreadItem> {
        self.0.item()?.item()
    }

    /// Returns the client that received the request, to send requests of its own before
    /// responding. `None` when all client handles were dropped; holding it here keeps the
    /// connection open.
    pub fn client(&self) -> Option<Client> {
        self.0.session().map(Client::new)
    }

    /// Returns true once no response is needed any more: the request was resolved elsewhere, or
    /// took too long, or the connection is closed. The future of the handler is dropped then; this
    /// is for work that it has started elsewhere.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl fmt::Debug for RequestContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
