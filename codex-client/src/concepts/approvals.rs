//! Approvals: the limits of the runtime's autonomous actions, and decisions about actions beyond
//! them.
//!
//! Two settings limit the commands of the model. The [`Sandbox`](crate::Sandbox) limits their
//! effects; the [`ApprovalMode`](crate::ApprovalMode) selects the reviewer of actions beyond it:
//!
//! | mode | reviewer |
//! |---|---|
//! | `AskClient`, the default of a new thread if the client has a handler for approvals or a policy | this program: its policy, then its handler, receives the requests |
//! | `AutoReview`, the default without one | the runtime's own reviewer, a model that may approve |
//! | `DenyAll` | none: actions beyond the sandbox fail |
//! | `Inherit` | as configured by the user, or as set before |
//!
//! Only the start of a thread sends a mode by default. Resuming, forking and turns send one only if
//! it is set, and the mode of a turn applies to later turns as well. A preset of the sandbox keeps
//! the rest of the configuration, such as network access and further folders.
//!
//! A turn that was started with `approvals_in_stream` uses `AskClient`, unless it sets a mode itself:
//! whoever asks for the approvals is asked, whatever the mode of the thread. Its approvals come where
//! the turn is read, as [`TurnEvent::Approval`](crate::TurnEvent::Approval), and not to the handler.
//! What its stream does not take is left to the handler.
//!
//! An [`ApprovalPolicy`](crate::ApprovalPolicy) of the builder decides before either of them, and one of
//! the turn before that. A client with a policy is asked by default like one with a handler, and a turn
//! with one like a turn with approvals in its stream.
//!
//! Every request for an approval leaves one [`ApprovalRecord`](crate::ApprovalRecord), whoever decided,
//! and even if no one did: as a log event, and for the readers of
//! [`Codex::approval_records`](crate::Codex::approval_records).
//!
//! # Handlers
//!
//! With `AskClient` requests are sent to the handler that the client was built with:
//! [`Handlers`](crate::Handlers) made of closures, or any type that implements
//! [`ServerRequestHandler`](crate::ServerRequestHandler), with a method for each request of the
//! protocol. Each request is handled on a task (or thread) of its own. A handler may wait for a
//! person, and may send requests: turns, events and other requests continue meanwhile.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # let call = serde_json::json!({"cmd": "date", "sandbox_permissions": "require_escalated", "justification": "to know"});
//! # harness.responses().enqueue_all([Reply::new().function_call("c", "exec_command", call), Reply::assistant("I may not.")]);
//! use codex_client::types::{CommandExecutionApprovalDecision, ThreadItem};
//! use codex_client::{ApprovalMode, Codex, Handlers};
//!
//! let handlers = Handlers::new().on_command(|request, _context| async move {
//!     // Here a person would be asked about `request.command`.
//!     assert!(request.command.is_some());
//!     Ok(CommandExecutionApprovalDecision::Decline)
//! });
//! let codex = Codex::builder()
//!     .handler(handlers)
//! #   .launch(harness.launch())
//!     .build()
//!     .await?;
//! let thread = codex
//!     .thread_start()
//!     .approval_mode(ApprovalMode::AskClient)
//!     .await?;
//! let result = thread.run("What day is it?").await?;
//! let declined = result.items.iter().any(|item| match item {
//!     ThreadItem::CommandExecution(command) => command.status.as_str() == "declined",
//!     _ => false,
//! });
//! assert!(declined);
//! # Ok(())
//! # }
//! ```
//!
//! # Guarantees
//!
//! Every request of the runtime receives exactly one response, and no action is approved without a
//! decision:
//!
//! - without a handler, commands and changes are declined and all other requests are answered with
//!   an error response, which the runtime treats as a denial;
//! - a handler that fails, panics, or takes longer than `handler_limit` counts as no handler;
//! - an approval in a stream that is dropped without a decision is declined;
//! - a malformed request is answered with an error response, and so is one that is unknown to this
//!   version, unless the handler implements `unrecognized`;
//! - if a request was resolved elsewhere (the turn was interrupted, another client has responded),
//!   the handler's future is dropped, and no response is sent.
