//! Testing an agent: the real runtime, a mock model, no key and no network.
//!
//! The crate `codex-testing` is a dev-dependency. Its harness starts the pinned runtime in folders
//! of its own and replaces the model's HTTP endpoint by a server in the test, so that commands,
//! approvals, files and history are real:
//!
//! ```
//! use codex_testing::{AppServerHarness, Reply};
//! use codex_client::Codex;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! /// The code under test.
//! async fn summarize(codex: &Codex, text: &str) -> Result<String, codex_client::Error> {
//!     let thread = codex.thread_start().ephemeral(true).await?;
//!     let result = thread.run(format!("Summarize: {text}")).await?;
//!     Ok(result.final_response.unwrap_or_default())
//! }
//!
//! let harness = AppServerHarness::start()?;
//! harness.responses().enqueue(Reply::assistant("Short."));
//! let codex = harness.codex().await?;
//!
//! assert_eq!(summarize(&codex, "A long text.").await?, "Short.");
//!
//! // What the model was sent.
//! let request = harness.responses().single_request();
//! assert_eq!(request.last_user_text(), Some("Summarize: A long text."));
//! # Ok(())
//! # }
//! ```
//!
//! # A whole program
//!
//! A program that starts the runtime with `Codex::builder().build()` is tested as its user runs it: its
//! environment names the runtime (`CODEX_BIN`) and the mock model (by `CODEX_HOME`).
//! `AppServerHarness::program` is a command with that environment:
//!
//! ```no_run
//! # use codex_testing::{AppServerHarness, Reply};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let harness = AppServerHarness::start()?;
//! harness.responses().enqueue(Reply::assistant("Short."));
//! // In an integration test of the program: `env!("CARGO_BIN_EXE_summarize")`.
//! let output = harness.program("target/debug/summarize").arg("A long text.").output()?;
//! assert_eq!(output.stdout, b"Short.\n");
//! # Ok(())
//! # }
//! ```
//!
//! # The right tool for each test
//!
//! | To test | Use |
//! |---|---|
//! | what your agent does with a reply | `Reply::assistant`, `Reply::new().function_call(..)` |
//! | behavior while the model speaks (steering, interrupts) | a `Gate` in the reply, instead of sleeping |
//! | failures of the model | `Reply::failed`, `Reply::http_error`, `.cut()` |
//! | replies that depend on the request | `MockResponses::respond_with` |
//! | messages no runtime sends on demand (errors, floods, unknown methods) | `scripted::Script`, without a runtime |
//! | a session that went wrong once | the feature `record`, and `scripted::Replay` of the file |
//!
//! The runtime is started in less than a tenth of a second, so that each test can have its own.
