//! A kit to test agents against the real runtime with only the model mocked.
//!
//! [`MockResponses`] replaces the model: a real HTTP server on the loopback interface that replies
//! as scripted by the test ([`Reply`], [`events`]) and records its requests ([`CapturedRequest`]).
//! [`Gate`]s hold a reply while the test acts. [`AppServerHarness`] puts the real runtime around
//! it, in folders of its own, and connects it only to the mock model. [`scripted`] acts as a server
//! without any runtime, from a script or from a recorded session.
//!
//! # A test from start to end
//!
//! The model requests a command outside of the sandbox; the agent under test receives the approval
//! request, and the model receives the output. Only the model is mocked: the approval, the command
//! and its output are real.
//!
//! ```
//! use codex_testing::{AppServerHarness, Reply};
//! use codex_client::types::CommandExecutionApprovalDecision as Decision;
//! use codex_client::{ApprovalMode, Codex, Handlers};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The replies of the model.
//! let harness = AppServerHarness::start()?;
//! let arguments = json!({
//!     "cmd": "echo fresh air",
//!     "sandbox_permissions": "require_escalated",
//!     "justification": "it is stuffy in here",
//! });
//! harness.responses().enqueue_all([
//!     Reply::new().function_call("call-1", "exec_command", arguments),
//!     Reply::assistant("The window is open."),
//! ]);
//!
//! // The agent under test: it allows one command, compared as a whole, and nothing else.
//! let handlers = Handlers::new().on_command(|asked, _| async move {
//!     let allowed = asked.command.is_some_and(|command| {
//!         let mut shells = ["/bin/bash", "/usr/bin/bash", "/bin/sh", "/bin/zsh"].iter();
//!         shells.any(|shell| command == format!("{shell} -lc 'echo fresh air'"))
//!     });
//!     Ok(if allowed { Decision::Accept } else { Decision::Decline })
//! });
//! let builder = Codex::builder().launch(harness.launch()).handler(handlers);
//! let codex = builder.build().await?;
//! let thread = codex.thread_start().approval_mode(ApprovalMode::AskClient).await?;
//! let result = thread.run("Open a window.").await?;
//! assert_eq!(result.final_response.as_deref(), Some("The window is open."));
//!
//! // The input of the model: the prompt, and then the output of its command.
//! let requests = harness.responses().requests();
//! assert_eq!(requests[0].last_user_text(), Some("Open a window."));
//! let output = requests[1].tool_output("call-1").expect("the call has an output");
//! assert!(output.to_string().contains("fresh air"));
//! harness.responses().assert_exhausted();
//! # Ok(())
//! # }
//! ```
//!
//! To act while the model responds, put a [`Gate`] into its reply; for replies that depend on the
//! request, use [`MockResponses::respond_with`]. A request without a reply
//! is answered with an HTTP error that names it, which appears in the failed turn and in
//! [`MockResponses::faults`].
//!
//! This is test code: methods that assert panic, as documented under *Panics*.

mod captured;
pub mod events;
mod gate;
mod harness;
mod mock_responses;
mod network;
mod panics;
mod reply;
pub mod scripted;
mod watched;

pub use captured::{CapturedRequest, RequestKind};
pub use gate::Gate;
pub use harness::{AppServerHarness, AppServerHarnessBuilder, HarnessError};
pub use mock_responses::{Fault, MockResponses};
pub use network::{OutboundAttempt, Witness};
pub use reply::Reply;
pub use watched::TimedOut;

/// The example of the README, compiled as a test of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
