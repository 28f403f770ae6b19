//! Shutdown: how the runtime is ended, and what can be left behind (nothing).
//!
//! # Closing
//!
//! [`Codex::close`](crate::Codex::close) is the gentle way. What was said before is written, then
//! the input of the runtime ends, which is its sign to go: it saves what there is to save and ends
//! its commands, in less than a tenth of a second when it is well. One that is not gets `SIGTERM`
//! after two seconds and `SIGKILL` after three ([`ShutdownGrace`](crate::ShutdownGrace)). `close`
//! returns when the process is reaped, with its exit status; requests in flight fail at once.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let harness = codex_testing::AppServerHarness::start()?;
//! # let codex = harness.codex().await?;
//! let other = codex.clone();
//! let status = codex.close().await.expect("this client started the process");
//! assert!(status.success());
//! // Closing ends the connection of all clones.
//! assert!(other.thread_start().await.unwrap_err().is_closed());
//! # Ok(())
//! # }
//! ```
//!
//! A turn that runs while the runtime is closed is interrupted: another runtime that resumes the
//! thread finds it as such. Exit status 0 says that the runtime ended well, not that a turn did.
//!
//! # Dropping
//!
//! When the last handle and the last subscription are dropped, there is nobody left to wait: the
//! runtime is killed at once, with everything it has started, and a thread reaps it. This also
//! happens when a panic unwinds or when the async runtime that drove the client is shut down,
//! because the process is watched by plain threads.
//!
//! On Unix the runtime has a process group of its own, which is what is killed. It also means that
//! Ctrl-C in a terminal reaches the program and not the runtime: the program decides what to
//! interrupt. A program that is killed itself cannot do anything any more, and need not: its end
//! of the pipe is closed by the system, and the runtime goes by itself. Windows has no such groups:
//! there the processes below the runtime are ended.
//!
//! # Servers that were running before
//!
//! A connection to a server that somebody else started (feature `websocket`) is closed, and the
//! server is left alone.
