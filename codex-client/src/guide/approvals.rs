//! Approvals in an interface: decided by a person, by rules, or by both.
//!
//! The runtime runs what the [`Sandbox`](crate::Sandbox) allows without asking. For everything
//! else the [`ApprovalMode`](crate::ApprovalMode) determines who decides:
//!
#![doc = include_str!("pictures/approvals.svg")]
//!
//! # Asking a person
//!
//! A handler runs on a task of its own and may take as long as the person does: turns, events and
//! other requests go on meanwhile. The usual shape is a channel to the interface with a oneshot
//! channel for the decision:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # let call = serde_json::json!({"cmd": "date", "sandbox_permissions": "require_escalated", "justification": "to know"});
//! # harness.responses().enqueue_all([Reply::new().function_call("c", "exec_command", call), Reply::assistant("Done.")]);
//! use codex_client::types::CommandExecutionApprovalDecision as Decision;
//! use codex_client::types::rpc::ErrorObject;
//! use codex_client::{Codex, Handlers};
//! use tokio::sync::{mpsc, oneshot};
//!
//! struct Question {
//!     command: String,
//!     reason: Option<String>,
//!     reply: oneshot::Sender<bool>,
//! }
//!
//! let (questions, mut interface) = mpsc::channel::<Question>(16);
//! let handlers = Handlers::new().on_command(move |request, _context| {
//!     let questions = questions.clone();
//!     async move {
//!         let (reply, decision) = oneshot::channel();
//!         let question = Question {
//!             command: request.command.unwrap_or_default(),
//!             reason: request.reason,
//!             reply,
//!         };
//!         // An error declines: without an interface nothing is approved.
//!         let closed = |_| ErrorObject::new(-32000, "the interface was closed");
//!         questions.send(question).await.map_err(|_| closed(()))?;
//!         let accepted = decision.await.map_err(|_| closed(()))?;
//!         Ok(if accepted { Decision::Accept } else { Decision::Decline })
//!     }
//! });
//!
//! // The interface: here it shows the question and presses "no".
//! let interface = tokio::spawn(async move {
//!     let question = interface.recv().await.expect("one question");
//!     println!("{}\n{}", question.command, question.reason.unwrap_or_default());
//!     question.reply.send(false).ok();
//!     question.command
//! });
//!
//! let codex = Codex::builder()
//!     .handler(handlers)
//! #   .launch(harness.launch())
//!     .build()
//!     .await?;
//! let thread = codex.thread_start().await?;
//! thread.run("What day is it?").await?;
//! assert!(interface.await?.ends_with("date"));
//! # Ok(())
//! # }
//! ```
//!
//! When the turn is interrupted or another client decides first, the handler's future is dropped:
//! `reply` is then closed, which is the sign to take the question off the screen.
//!
//! # Rules
//!
//! Compare whole commands. A rule that looks for a part of one (`contains("git status")`) also
//! approves `git status; rm -rf .`. The command of an approval is a shell line; parse it, or compare
//! it with complete lines. Decline what no rule covers, or pass it on to a person.
//!
//! # Changes of files
//!
//! A request to change files ([`on_file_change`](crate::Handlers::on_file_change)) names an item.
//! The changes themselves are in the `item/started` event of that item, which is sent before the
//! request: an interface keeps the open items of the turns that it shows, by their id.
//!
//! # Unattended
//!
//! Without a handler, a new thread is reviewed by the runtime's own reviewer, a model that may
//! approve. To decline everything instead:
//! `thread_start().approval_mode(ApprovalMode::DenyAll)`.
