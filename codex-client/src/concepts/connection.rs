//! The life of a connection: from finding the runtime to its last message.
//!
//! # Which runtime
//!
//! A client starts a runtime of its own, and this is how it is found: the one that the program
//! names ([`Launch::binary`](crate::Launch::binary)), the one that `CODEX_BIN` names, the pinned
//! one in the user's cache folder. A `codex` that happens to be on `PATH` is used only when asked
//! for. Where nothing is found, the error says how to install it;
//! [`runtime::install`](crate::runtime::install) does.
//!
//! # The handshake
//!
//! The client starts `codex app-server` in a process group of its own, asks `initialize` and says
//! `initialized`. The runtime tells its version, which is compared with the pinned one: a
//! difference is a warning in the log, unless the builder's `version_policy` makes it an error or
//! nothing. Only then there is a [`Codex`](crate::Codex), so that whoever has one has a runtime
//! that answers.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let harness = codex_testing::AppServerHarness::start()?;
//! use codex_client::Codex;
//!
//! let codex = Codex::builder()
//!     .client_info("my-tool", "1.2.0")
//! #   .launch(harness.launch())
//!     .build()
//!     .await?;
//! let server = codex.server_info().expect("the handshake is done");
//! assert_eq!(server.version.as_ref().map(ToString::to_string), Some(codex_client::types::RUNTIME_VERSION.into()));
//! # Ok(())
//! # }
//! ```
//!
//! # One connection for everything
//!
//! Handles are cheap to clone and share one connection. One task reads, one writes; any number of
//! requests, turns and subscriptions go on at the same time, and none waits for another. The
//! runtime loses answers when it is asked several hundred things at once, so that no more than 64
//! requests are in flight; the others wait for their turn within their deadline.
//!
//! Answers are handed out before any event of the same batch is decoded. A message that cannot be
//! read costs nobody else anything: it is told to those who see everything
//! ([`Codex::events`](crate::Codex::events)), and the connection goes on.
//!
//! # The end
//!
//! A connection ends once and stays ended: by [`close`](crate::Codex::close), by the last handle
//! being dropped, or because the runtime is gone. Everything that waits then fails at once with
//! [`Error::Closed`](crate::Error::Closed), and so does everything that is asked later. The error
//! has the reason, the exit status and the end of what the runtime wrote to its error output.
//!
//! Nothing is started again behind the program's back: what a second runtime should do about the
//! turns of the first is the program's decision. Threads are on disk, so that a new client can
//! go on with them:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::Reply;
//! # let harness = codex_testing::AppServerHarness::start()?;
//! # harness.responses().enqueue_all([Reply::assistant("Noted."), Reply::assistant("Seven.")]);
//! # let first = harness.codex().await?;
//! let thread = first.thread_start().await?;
//! thread.run("Remember the number seven.").await?;
//! let id = thread.id().clone();
//! first.close().await;
//!
//! # let second = harness.codex().await?;
//! let thread = second.thread_resume(id).await?;
//! let result = thread.run("Which number was it?").await?;
//! assert_eq!(result.final_response.as_deref(), Some("Seven."));
//! # Ok(())
//! # }
//! ```
