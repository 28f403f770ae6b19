//! Moves frames between a transport and a connection, and runs the handlers of the server's requests:
//! with tasks in the async API, with threads in the blocking one.
//!
//! Does not know the handles of either API; a handler is a function to it.

use std::fmt;
use std::sync::{Arc, Weak};

use codex_types::{RequestId, ServerRequest};

use crate::connection::session::Session;
use crate::connection::{Connection, IncomingRequest, OpenItem, ReceivedRequest};
use crate::engine::Response;
use crate::shared::approval::ApprovalRequest;

mod links;
#[cfg(feature = "async")]
pub(crate) mod tasks;
#[cfg(feature = "blocking")]
pub(crate) mod threads;

pub(crate) use links::{Connect, LinkPlace, Links, Once, Starter, connect_error};

/// A request of the server and the connection it was received on, for its handler.
#[derive(Clone)]
pub(crate) struct Context {
    connection: Arc<Connection>,
    session: Weak<Session>,
    number: u64,
    id: RequestId,
    item: Option<OpenItem>,
    approval: Option<ApprovalRequest>,
}

impl Context {
    /// Splits a request into what its handler receives: the request itself, and its context.
    fn of(
        request: IncomingRequest,
        connection: Arc<Connection>,
        session: Weak<Session>,
    ) -> (ServerRequest, Self) {
        let approval = ApprovalRequest::received(Arc::clone(&request.payload));
        let ReceivedRequest {
            request: payload,
            item,
            ..
        } = Arc::unwrap_or_clone(request.payload);
        let context = Self {
            connection,
            session,
            number: request.number,
            id: request.id,
            item,
            approval,
        };
        (payload, context)
    }

    /// Returns the request in the form of all approvals, if it is one.
    pub(crate) fn approval(&self) -> Option<&ApprovalRequest> {
        self.approval.as_ref()
    }

    /// The response of the connection's policy, if it decides about the request.
    fn by_policy(&self) -> Option<Response> {
        let approval = self.approval.as_ref()?;
        let session = self.session.upgrade()?;
        let decided = session.settings.policy.as_ref()?.decide(approval)?;
        Some(approval.response_of(&decided))
    }

    /// Returns the item that the request is about.
    pub(crate) fn item(&self) -> Option<&OpenItem> {
        self.item.as_ref()
    }

    pub(crate) fn request_id(&self) -> &RequestId {
        &self.id
    }

    /// Returns the session, unless all client handles were dropped.
    pub(crate) fn session(&self) -> Option<Arc<Session>> {
        self.session.upgrade()
    }

    /// Returns true once no response is needed any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        !self.connection.is_pending(self.number)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RequestContext")
            .field("request_id", &self.id)
            .finish_non_exhaustive()
    }
}
