//! Approvals in an interface: decided by a person, by rules, or by both.
//!
//! The runtime runs what the [`Sandbox`](crate::Sandbox) allows without asking. For everything
//! else the [`ApprovalMode`](crate::ApprovalMode) determines who decides:
//!
#![doc = include_str!("pictures/approvals.svg")]
//!
//! # Where the turn is read
//!
//! The loop that shows a turn can decide about it as well. Its stream then yields the approvals that
//! the turn waits for, each with the item it is about: the changes of a file change, the command line
//! and the reason of a command. Deciding does not wait:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::builder().model("gpt-5.5").start()?;
//! # let patch = "*** Begin Patch\n*** Add File: notes.txt\n+remember\n*** End Patch\n";
//! # harness.responses().enqueue_all([Reply::new().custom_tool_call("c", "apply_patch", patch), Reply::assistant("Done.")]);
//! # let codex = harness.codex().await?;
//! use codex_client::{ApprovalSubject, Decision, Sandbox, TurnEvent};
//!
//! let thread = codex.thread_start().sandbox(Sandbox::ReadOnly).await?;
//! let mut turn = thread.turn("Take notes.").approvals_in_stream().await?;
//! while let Some(event) = turn.next().await.transpose()? {
//!     match event {
//!         TurnEvent::Approval(approval) => match approval.subject() {
//!             ApprovalSubject::FileChange(change) => {
//!                 for change in change.changes.iter().flat_map(|changes| changes.iter()) {
//!                     println!("{}\n{}", change.path, change.diff);
//!                 }
//!                 approval.decide(Decision::AcceptForSession)?;
//!             }
//!             ApprovalSubject::Command(command) => {
//!                 println!("{} in {}", command.line, approval.cwd().unwrap_or("?"));
//!                 approval.decline()?;
//!             }
//!             _ => approval.decline()?,
//!         },
//!         event => println!("{}", event.method()),
//!     }
//! }
//! # assert!(harness.workspace().join("notes.txt").exists());
//! # Ok(())
//! # }
//! ```
//!
//! - An [`Approval`](crate::Approval) can be sent to another task or thread, and be decided there.
//!   Only the first decision is sent; a late one is an error
//!   ([`ApprovalResolved`](crate::Error::ApprovalResolved)). One that is dropped is declined.
//! - Whoever asks is asked: such a turn uses [`AskClient`](crate::ApprovalMode::AskClient), unless it
//!   has a mode of its own. Like every mode of a turn it applies to later turns: without a handler and
//!   without approvals in their streams these decline.
//! - What the stream does not take is left to the handler of the connection: approvals that are
//!   unread when the stream is dropped, those that come while only the result or the text is read, and
//!   [`leave_to_handler`](crate::Approval::leave_to_handler). The handler declines by default.
//! - The oldest stream of a turn that asked for them receives its approvals, and those of the
//!   sub-agents that the turn has called, which have a thread of their own.
//! - The runtime waits without a limit. `handler_limit` of the builder sets one, and the `deadline` of
//!   the turn applies; its `idle_limit` does not run while a decision is pending.
//!
//! # Asking a person
//!
//! Without a loop that reads the turn, a handler of the connection decides. A handler runs on a task of
//! its own and may take as long as the person does: turns, events and other requests continue
//! meanwhile. The usual shape is a channel to the interface with a oneshot
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
//!         questions.send(question).await.map_err(|_| "the interface was closed")?;
//!         let accepted = decision.await?;
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
//! # One handler for every kind
//!
//! [`on_approval`](crate::Handlers::on_approval) receives every approval in the form of
//! [`ApprovalRequest`](crate::ApprovalRequest) and returns a [`Decision`](crate::Decision): commands,
//! connections, changes of files, permissions and calls of MCP tools. A closure for one kind, such as
//! `on_command`, takes precedence for that kind and answers in the form of the protocol.
//!
//! # Rules
//!
//! A policy decides before anyone is asked, about approvals for the handler and for the streams of
//! turns alike. What it leaves is asked there, and declined if no one is asked:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # let call = |id: &str, command: &str| {
//! #     let arguments = serde_json::json!({"cmd": command, "sandbox_permissions": "require_escalated", "justification": "to know"});
//! #     Reply::new().function_call(id, "exec_command", arguments)
//! # };
//! # harness.responses().enqueue_all([call("1", "touch one"), call("2", "touch one; touch two"), Reply::assistant("Done.")]);
//! use codex_client::{Approve, Codex};
//!
//! let policy = Approve::command(["git", "status"])
//!     .or(Approve::command(["git", "log"]))
//! #   .or(Approve::command(["touch", "one"]))
//!     .or(Approve::path_in("/srv/project/docs"))
//!     .or(Approve::tool("notes", "read"))
//!     .or(Approve::host("static.crates.io"))
//!     .else_ask()
//!     .decline(Approve::command(["git", "push"]));
//! let codex = Codex::builder()
//!     .approvals(policy)
//! #   .launch(harness.launch())
//!     .build()
//!     .await?;
//! # let thread = codex.thread_start().await?;
//! # thread.run("go").await?;
//! # let has = |file: &str| harness.workspace().join(file).exists();
//! # assert!(has("one") && !has("two"));
//! # Ok(())
//! # }
//! ```
//!
//! - Commands are compared word by word, and the script of a shell only if it is a single command of
//!   plain words: `git status; rm -rf .` is not covered by `git status`. A closure
//!   ([`Approve::when`](crate::Approve::when)) that looks for a part of the command line would approve
//!   it.
//! - A rule applies to one kind of request. `not` of a rule about commands covers other single
//!   commands, and no change of files.
//! - Paths are compared after symbolic links are resolved on this machine.
//!
//! A turn can have a policy of its own, which decides before that of the connection:
//! `thread.turn(input).approvals(policy)`. What it leaves is decided as without it, and what the
//! connection [declines](crate::ApprovalPolicy::decline) by a rule stays declined.
//!
//! # Records
//!
//! Every request for an approval leaves one record: who decided (policy, handler, stream, or no one),
//! what, about which request, and why. It is a `tracing` event at the level `info`, without the
//! contents of the request, and an [`ApprovalRecord`](crate::ApprovalRecord) for the program:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # let call = serde_json::json!({"cmd": "date", "sandbox_permissions": "require_escalated", "justification": "to know"});
//! # harness.responses().enqueue_all([Reply::new().function_call("c", "exec_command", call), Reply::assistant("Done.")]);
//! # let codex = harness.codex().await?;
//! use codex_client::{Approve, DecidedBy, Decision};
//!
//! let mut records = codex.approval_records()?;
//! let thread = codex.thread_start().await?;
//! let policy = Approve::command(["date"]).named("clocks").else_decline();
//! thread.run("What day is it?").approvals(policy).await?;
//! let record = records.next().await.expect("a record")?;
//! println!("{:?} by {}: {:?}", record.decision, record.decided_by, record.reason);
//! assert_eq!((record.decided_by, record.decision), (DecidedBy::Policy, Some(Decision::Accept)));
//! assert_eq!(record.reason.as_deref(), Some("clocks"));
//! assert_eq!(record.request().and_then(|it| it.thread_id()), Some(thread.id().as_str()));
//! # Ok(())
//! # }
//! ```
//!
//! Requests that no one decided about have a record as well: those without a handler, beyond a limit,
//! resolved elsewhere, or open when the connection is closed. A reader that does not keep up receives
//! [`Error::Lagged`](crate::Error::Lagged) instead of slowing down decisions.
//!
//! # Calls of MCP tools
//!
//! A tool that its server does not declare read-only needs an approval. The runtime requests it as a
//! question to the user; here it is an approval like any other
//! ([`McpTool`](crate::ApprovalSubject::McpTool)), with the server, the tool and the arguments. In the
//! form of the protocol it is an elicitation, see `on_elicitation`.
//!
//! # Changes of files
//!
//! A request to change files ([`on_file_change`](crate::Handlers::on_file_change)) names an item. The
//! client keeps the open items: [`RequestContext::item`](crate::RequestContext::item) is the item, with
//! its changes.
//!
//! # Unattended
//!
//! Without a handler, a new thread is reviewed by the runtime's own reviewer, a model that may
//! approve. To decline everything instead:
//! `thread_start().approval_mode(ApprovalMode::DenyAll)`.
