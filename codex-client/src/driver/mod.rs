//! Moves frames between a transport and a connection, and runs the handlers of the server's requests:
//! with tasks in the async API, with threads in the blocking one.
//!
//! Does not know the handles of either API; a handler is a function to it.

use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{self, Poll};

use codex_types::{DynamicToolCallParams, RequestId, ServerMethod, ServerRequest};

use crate::connection::replies::{HandlerResult, default_reply, default_result, encode, unbox};
use crate::connection::session::Session;
use crate::connection::{Connection, IncomingRequest, OpenItem};
use crate::engine::Response;
use crate::shared::approval::{ApprovalRequest, DecidedBy, Origin};
use crate::shared::tools::{self, Called};

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
    /// True once a default method of a handler has answered: no one decides.
    is_default: Arc<AtomicBool>,
}

impl Context {
    /// Splits a request into what its handler receives: the request itself, and its context.
    fn of(
        request: IncomingRequest,
        connection: Arc<Connection>,
        session: Weak<Session>,
    ) -> (ServerRequest, Self) {
        let approval = ApprovalRequest::received(Arc::clone(&request.payload));
        // The open request has them, too.
        let received = &request.payload;
        let (payload, item) = (received.request.clone(), received.item.clone());
        let context = Self {
            connection,
            session,
            number: request.number,
            id: request.id,
            item,
            approval,
            is_default: Arc::default(),
        };
        (payload, context)
    }

    /// Returns the request in the form of all approvals, if it is one.
    pub(crate) fn approval(&self) -> Option<&ApprovalRequest> {
        self.approval.as_ref()
    }

    /// The response of a policy, if one decides about the request: that of its turn, which may still
    /// be starting, or that of the connection.
    fn poll_policy(&self, task: &task::Context<'_>) -> Poll<Option<(Response, Origin)>> {
        let Some(approval) = &self.approval else {
            return Poll::Ready(None);
        };
        let policies = &self.connection.turn_policies;
        let of_turn = match policies.poll_find(approval.received_as(), task) {
            Poll::Ready(of_turn) => of_turn,
            // Nothing waits for the response any more.
            Poll::Pending if self.connection.poll_resolved(self.number, task).is_ready() => None,
            Poll::Pending => return Poll::Pending,
        };
        let session = self.session.upgrade();
        let decided = session.and_then(|session| session.decide(of_turn.as_ref(), approval));
        Poll::Ready(decided.map(|decided| {
            let response = decided.decision.response_to(approval.request());
            (response, Origin::from(&decided))
        }))
    }

    /// The result of a request that no handler handles.
    pub(crate) fn default_result<M: ServerMethod>(&self) -> HandlerResult<M::Response> {
        self.is_default.store(true, Ordering::Release);
        default_result::<M>()
    }

    /// Begins the attempt of the handler at the request, or that of the tool that it calls.
    fn attempt(&self, request: &ServerRequest) -> Attempt {
        Attempt {
            method: request.method().to_owned(),
            is_default: Arc::clone(&self.is_default),
            called: match request {
                ServerRequest::ItemToolCall(call) => self.called_tool(call),
                _ => None,
            },
        }
    }

    fn called_tool(&self, call: &DynamicToolCallParams) -> Option<Called> {
        self.session.upgrade()?.called_tool(call)
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

/// The attempt of a handler at a request.
struct Attempt {
    method: String,
    is_default: Arc<AtomicBool>,
    /// The tool that is called instead of the handler, or the response if the handler does not know
    /// it either.
    called: Option<Called>,
}

impl Attempt {
    /// Runs the tool of a call, if it is one; otherwise gives the request back.
    async fn run_tool(&self, request: ServerRequest) -> Result<Response, ServerRequest> {
        match (&self.called, request) {
            (Some(Called::Tool(tool)), ServerRequest::ItemToolCall(call)) => {
                let arguments = unbox::<DynamicToolCallParams>(call).arguments;
                let outcome = catch_panics(|| tool.start(arguments)).await;
                Ok(tools::encoded(tools::response(tool.name(), outcome)))
            }
            (_, request) => Err(request),
        }
    }

    /// The response to send, with its origin: that of the handler, or the default one if it panicked.
    fn reply(&self, handled: Option<Response>) -> (Response, Origin) {
        let Some(response) = handled else {
            tracing::error!("a handler panicked: the safe answer is sent");
            let origin = Origin::new(DecidedBy::Default, "the handler panicked");
            return (default_reply(&self.method), origin);
        };
        let is_default = self.is_default.load(Ordering::Acquire);
        let response = match &self.called {
            Some(Called::Unknown(unknown)) if is_default => encode(Ok(unknown)),
            _ => response,
        };
        let origin = if is_default {
            Origin::new(DecidedBy::Default, "no handler decides about it")
        } else {
            Origin::handler(&response)
        };
        (response, origin)
    }
}

/// Returns `None` if the future panics, or creating it.
async fn catch_panics<F: Future>(make: impl FnOnce() -> F) -> Option<F::Output> {
    let made = catch_unwind(AssertUnwindSafe(make));
    let mut future = Box::pin(made.ok()?);
    poll_fn(|context| {
        let poll = || future.as_mut().poll(context);
        // It is not polled again after a panic, so that no broken state is seen.
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RequestContext")
            .field("request_id", &self.id)
            .finish_non_exhaustive()
    }
}
