//! `codex exec` in bots and continuous integration: the crate `codex-exec`.
//!
//! An app-server connection is for programs that watch, steer and approve. A job that asks once
//! and needs a result is simpler with `codex exec`: one process per turn, no connection to keep.
//! The crate needs neither this client nor an async runtime:
//!
//! ```
//! # use codex_testing::{AppServerHarness, Reply};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant("The test compares in the wrong order."));
//! use codex_exec::{ExecEvent, ExecRunner, Sandbox};
//!
//! let builder = ExecRunner::builder();
//! # let builder = harness.exec_runner();
//! let runner = builder.sandbox(Sandbox::ReadOnly).build()?;
//! for event in runner.run_blocking("Why does the test fail?") {
//!     match event {
//!         ExecEvent::Action(action) => eprintln!("{}", action.title),
//!         ExecEvent::Completed(done) if done.ok => println!("{}", done.answer.unwrap_or_default()),
//!         ExecEvent::Completed(done) => {
//!             eprintln!("{}", done.error.map(|error| error.to_string()).unwrap_or_default());
//!             std::process::exit(1);
//!         }
//!         _ => {}
//!     }
//! }
//! # harness.responses().assert_exhausted();
//! # Ok(())
//! # }
//! ```
//!
//! - `finish()` waits for the end and returns `Result<Completed, RunError>`;
//!   `RunError::kind` distinguishes a bad configuration, a missing session, a killed process.
//! - A run succeeds only if the process reported a completed turn and exited with 0.
//! - `exec` refuses to run outside of a git repository, unless the check is turned off for a
//!   folder that is trusted.
//! - `retry` starts a run again after an overload or a broken connection, or after the kinds of failure
//!   that you choose, if the agent had not begun to work:
//!   `ExecRunner::builder().retry(Retry::times(3))`. Otherwise, continue the session of
//!   `RunError::resume`.
//! - `isolated_home(IsolatedHome::new().with_credentials())` keeps the sessions of a runner apart from
//!   the user's, and removes them with it.
//! - In CI set `CODEX_API_KEY` or log in once with `codex login --with-api-key`; set a
//!   `deadline`, because a model that cannot be reached does not end a turn.
