//! A runner for `codex exec --json`: one process per turn, and a simple stream of events.
//!
//! For bots and continuous integration, which need neither approvals nor steering. A run reports
//! its start, the agent's actions, and its outcome:
//!
//! ```
//! use codex_exec::{ExecEvent, ExecRunner, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant("It ends now."));
//! # let mut seen = Vec::new();
//! let builder = ExecRunner::builder();
//! # let builder = harness.exec_runner();
//! let runner = builder.sandbox(Sandbox::WorkspaceWrite).build()?;
//! let mut run = runner.run("Fix the failing test.");
//! while let Some(event) = run.next().await {
//! #   seen.push(event.clone());
//!     match event {
//!         ExecEvent::Action(action) => println!("{}", action.title),
//!         ExecEvent::Completed(done) => println!("{}", done.answer.unwrap_or_default()),
//!         _ => {}
//!     }
//! }
//! # assert!(seen.iter().any(|event| matches!(event, ExecEvent::Action(_))));
//! # let Some(ExecEvent::Completed(done)) = seen.last() else { panic!("{seen:?}") };
//! # assert_eq!(done.answer.as_deref(), Some("It ends now."));
//! # let asked = harness.responses().single_request();
//! # assert!(asked.message_texts("developer").join("\n").contains("workspace-write"));
//! # Ok(())
//! # }
//! ```
//!
//! Without an async runtime: `for event in runner.run_blocking("…")`.
//!
//! The layers, from the wire up: [`event`] has the printed lines as typed values, [`Translator`]
//! turns them into the events of a run, and [`ExecRunner`] adds processes and sessions.
//!
//! - Runs of one session never overlap; all others run in parallel.
//! - [`ExecEvent::Completed`] comes exactly once, last, after the process has exited: a run that
//!   could not even start reports the reason there.
//! - The process's stderr is written to the log (`tracing`, at debug, target `codex_exec::stderr`)
//!   and never into an error.

pub mod event;

mod action;
mod args;
mod blocking;
mod error;
mod launch;
#[cfg(feature = "schemars")]
mod output_schema;
mod process;
mod prompt;
mod resume;
mod retry;
mod run;
mod runner;
mod session;
mod settings;
mod stream;
mod translate;

pub use action::{
    Action, ActionKind, Completed, Detail, ExecEvent, Level, Phase, Reconnect, Retried, Started,
};
pub use codex_runtime::IsolatedHome;

pub use args::find_exec_only_argument;
pub use blocking::ExecEvents;
pub use error::{ExecError, Failure, RunError, RunErrorKind};
#[cfg(feature = "schemars")]
pub use output_schema::output_schema;
pub use prompt::Prompt;
pub use resume::{InvalidResumeToken, ResumeToken};
pub use retry::Retry;
pub use runner::{ExecRunner, ExecRunnerBuilder};
pub use session::SessionLocks;
pub use settings::{ApprovalPolicy, Sandbox, WebSearch};
pub use stream::ExecStream;
pub use translate::Translator;

/// The example of the README, run as a test of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
