//! Approvals: who decides about what the runtime may not do by itself.
//!
//! Two things decide what a command of the model may do. The [`Sandbox`](crate::Sandbox) is what
//! it can touch; the [`ApprovalMode`](crate::ApprovalMode) is who is asked when that is not enough:
//!
//! | mode | who decides |
//! |---|---|
//! | `AskClient`, the default of a new thread if the client has a handler for approvals | this program: its handler is asked |
//! | `AutoReview`, the default without one | the runtime's own reviewer, a model that may approve |
//! | `DenyAll` | nothing is approved: what the sandbox does not allow fails |
//! | `Inherit` | what the user has configured, or what was set before |
//!
//! Only the start of a thread sends a mode by itself. Resuming, forking and turns send nothing
//! unless told, and what a turn is told holds for the turns after it. A preset of the sandbox
//! leaves alone what is configured beside it, such as network access and further folders.
//!
//! # Handlers
//!
//! With `AskClient` requests come to the handler that the client was built with:
//! [`Handlers`](crate::Handlers) made of closures, or any type that implements
//! [`ServerRequestHandler`](crate::ServerRequestHandler), with a method for each request of the
//! protocol. Each request is answered on a task (or thread) of its own. A handler may wait for a
//! person, and may ask the client: turns, events and other requests go on meanwhile.
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
//! # What is certain
//!
//! Every request of the runtime is answered, exactly once, and never with a yes that nobody said:
//!
//! - without a handler, commands and changes are declined and everything else is refused with an
//!   error, which the runtime takes as a no;
//! - a handler that fails, panics, or takes longer than `handler_limit` counts as no handler;
//! - a request that cannot be read is refused with an error, and so is one that this version does
//!   not know, unless the handler implements `unrecognized`;
//! - a request that was resolved elsewhere (the turn was interrupted, another client has answered)
//!   drops the handler's future, and nothing is sent.
