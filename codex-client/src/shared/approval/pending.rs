//! An approval in the stream of a turn: the request, and the right to decide about it.
//!
//! Deciding only queues a message, so that one type serves both APIs.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use codex_types::{RequestId, ServerMethod};

use super::{ApprovalRequest, DecidedBy, Decision, Origin, PolicyDecision};
use crate::connection::replies::encode;
use crate::connection::{Connection, IncomingRequest, timer};
use crate::engine::Response;
use crate::error::Error;
use crate::shared::event::Event;

/// An approval that a turn waits for, in the stream of the turn. Clones are the same approval.
///
/// It dereferences to its [`ApprovalRequest`]. Deciding queues the response and never waits; only
/// the first decision is sent. When the last clone is dropped without a decision, the request is
/// declined, with a warning in the log.
///
/// ```
/// use codex_client::{ApprovalSubject, TurnEvent};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let harness = AppServerHarness::start()?;
/// # let call = serde_json::json!({"cmd": "date", "sandbox_permissions": "require_escalated", "justification": "to know"});
/// # harness.responses().enqueue_all([Reply::new().function_call("c", "exec_command", call), Reply::assistant("Now I know.")]);
/// # let thread = harness.codex().await?.thread_start().await?;
/// # let mut asked = 0;
/// let mut turn = thread.turn("What day is it?").approvals_in_stream().await?;
/// while let Some(event) = turn.next().await.transpose()? {
///     if let TurnEvent::Approval(approval) = event {
///         match approval.subject() {
///             ApprovalSubject::Command(command) => println!("{}?", command.line),
///             _ => println!("{}", approval.reason().unwrap_or("no reason")),
///         }
///         // Here a person would decide.
///         approval.decline()?;
/// #       asked += 1;
///     }
/// }
/// # assert_eq!(asked, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Approval(Arc<Pending>);

struct Pending {
    request: ApprovalRequest,
    number: u64,
    id: RequestId,
    connection: Arc<Connection>,
    /// The event of the request, once it was needed.
    event: OnceLock<Event>,
    /// The time of the decision.
    settled: OnceLock<Instant>,
}

/// A note of an approval that a stream has passed on.
#[derive(Clone)]
pub(crate) struct PassedOn(std::sync::Weak<Pending>);

impl Approval {
    /// Creates the approval of an offered request; gives back a request that is no approval.
    pub(crate) fn new(
        connection: &Arc<Connection>,
        incoming: IncomingRequest,
    ) -> Result<Self, IncomingRequest> {
        let Some(request) = ApprovalRequest::received(Arc::clone(&incoming.payload)) else {
            return Err(incoming);
        };
        Ok(Self(Arc::new(Pending {
            request,
            number: incoming.number,
            id: incoming.id,
            connection: Arc::clone(connection),
            event: OnceLock::new(),
            settled: OnceLock::new(),
        })))
    }

    /// Returns the server's id of the request.
    pub fn request_id(&self) -> &RequestId {
        &self.0.id
    }

    /// Returns the request, which can be kept beyond the approval.
    pub fn to_request(&self) -> ApprovalRequest {
        self.0.request.clone()
    }

    /// Returns whether a decision is still needed. It no longer is after a decision, and if another
    /// client decided, the turn ended, or the time limit of handlers has passed.
    pub fn is_pending(&self) -> bool {
        self.0.settled.get().is_none() && self.0.connection.is_pending(self.0.number)
    }

    /// Accepts: the action is carried out.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Approval::decide`].
    #[doc(alias("approve", "yes", "allow"))]
    pub fn accept(&self) -> Result<(), Error> {
        self.decide(Decision::Accept)
    }

    /// Declines: the action is skipped, and the turn continues.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Approval::decide`].
    #[doc(alias("deny", "reject", "no"))]
    pub fn decline(&self) -> Result<(), Error> {
        self.decide(Decision::Decline)
    }

    /// Declines, and interrupts the turn.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Approval::decide`].
    #[doc(alias = "abort")]
    pub fn cancel(&self) -> Result<(), Error> {
        self.decide(Decision::Cancel)
    }

    /// Decides. Queues the response, and does not wait.
    ///
    /// # Errors
    ///
    /// [`Error::ApprovalResolved`] if no decision is needed any more, see [`Approval::is_pending`],
    /// and [`Error::Closed`]. Nothing is sent then.
    pub fn decide(&self, decision: Decision) -> Result<(), Error> {
        let response = decision.response_to(self.0.request.request());
        self.0.settle(&response, Origin::stream())
    }

    /// Responds as a policy has decided.
    pub(crate) fn decide_by(&self, decided: &PolicyDecision) {
        // A response that comes too late is not needed.
        let response = decided.decision.response_to(self.0.request.request());
        let _ = self.0.settle(&response, decided.into());
    }

    /// Responds in the form of the protocol, to grant a part of the permissions or to choose a rule.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Approval::decide`]. [`Error::InvalidArgument`] if the request has
    /// another method.
    pub fn respond<M: ServerMethod>(&self, response: &M::Response) -> Result<(), Error> {
        let method = self.0.method();
        if method != M::NAME {
            return Err(Error::InvalidArgument {
                method: method.to_owned(),
                problem: format!("a response to {} does not fit", M::NAME),
            });
        }
        self.0.settle(&encode(Ok(response)), Origin::stream())
    }

    /// Leaves the decision to the handler of the connection, as if the turn had no approvals in its
    /// stream. Without a handler the request is declined.
    pub fn leave_to_handler(self) {
        self.0.leave_to_handler();
    }

    pub(crate) fn event(&self) -> &Event {
        let request = &self.0.request;
        let of_request = || Event::of_request(request.request().method(), request.text());
        self.0.event.get_or_init(of_request)
    }

    pub(crate) fn passed_on(&self) -> PassedOn {
        PassedOn(Arc::downgrade(&self.0))
    }
}

impl Pending {
    fn method(&self) -> &str {
        self.request.request().method()
    }

    fn settle(&self, response: &Response, origin: Origin) -> Result<(), Error> {
        let sent = self
            .connection
            .respond(self.number, self.method(), response, origin);
        // The first decision counts.
        let _ = self.settled.set(timer::now());
        sent
    }

    fn leave_to_handler(&self) {
        if self.settled.set(timer::now()).is_ok() {
            self.connection.release(self.number);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.settled.get().is_some() || !self.connection.is_pending(self.number) {
            return;
        }
        tracing::warn!(request = ?self.request, "an approval was dropped: it is declined");
        let decline = Decision::Decline.response_to(self.request.request());
        let origin = Origin::new(DecidedBy::Default, "dropped without a decision");
        self.connection.reply(self.number, &decline, origin);
    }
}

impl PassedOn {
    /// Returns the time up to which a decision was pending; `None` if there is no approval any more.
    pub(crate) fn pending_until(&self, now: Instant) -> Option<Instant> {
        let pending = self.0.upgrade()?;
        match pending.settled.get() {
            Some(settled) => Some(*settled),
            None if pending.connection.is_pending(pending.number) => Some(now),
            None => None,
        }
    }
}

impl Deref for Approval {
    type Target = ApprovalRequest;

    fn deref(&self) -> &ApprovalRequest {
        &self.0.request
    }
}

impl fmt::Debug for Approval {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Approval")
            .field("request_id", self.request_id())
            .field("request", &self.0.request)
            .field("is_pending", &self.is_pending())
            .finish()
    }
}
