//! The life of a connection: from finding the runtime to its last message.
//!
//! # Finding the runtime
//!
//! A client starts a runtime of its own: the first of the binary set by the program
//! ([`Launch::binary`](crate::Launch::binary)), the one in `CODEX_BIN`, and the pinned one in the
//! user's cache folder. A `codex` on `PATH` is used only on request. If none is found, the error
//! describes the installation; [`runtime::install`](crate::runtime::install) performs it.
//!
//! # The handshake
//!
//! The client starts `codex app-server` in a process group of its own, requests `initialize` and
//! sends `initialized`. The response contains the version of the runtime, which is compared with
//! the pinned one: a difference is a warning in the log, unless the builder's `version_policy`
//! makes it an error or ignores it. A [`Codex`](crate::Codex) exists only after that, so that it
//! always has a responding runtime.
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
//! requests, turns and subscriptions run concurrently, and none waits for another. The runtime
//! loses responses under several hundred concurrent requests, so at most 64 requests are in flight;
//! the others are queued within their deadline.
//!
//! Responses are delivered before any event of the same batch is decoded. A malformed message
//! affects no other message: it is reported to subscribers of all events
//! ([`Codex::events`](crate::Codex::events)), and the connection continues.
//!
//! # The end
//!
//! A connection ends once and stays closed: by [`close`](crate::Codex::close), when the last handle
//! is dropped, or when the runtime has exited. All pending operations then fail at once with
//! [`Error::Closed`](crate::Error::Closed), and so do all later ones. The error has the reason, the
//! exit status and the tail of the runtime's stderr.
//!
//! The client restarts a runtime only on request, see [`supervision`](super::supervision): otherwise
//! the program decides about the turns of the first one. Threads are stored on disk, so that a new client can resume them:
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
