//! Shutdown: how the runtime is ended, and what becomes of the processes that it started.
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
//! runtime gets `SIGTERM` at once, upon which it ends its commands, and `SIGKILL` a second later
//! if it is still there. Threads of the client see to that and reap it. This also happens when a
//! panic unwinds or when the async runtime that drove the client is shut down.
//!
//! A program that returns from `main` right after the drop has sent `SIGTERM`. A program that is
//! killed itself sends nothing: the system closes its end of the pipe, and the runtime goes by
//! itself. One that is deaf to the end of its input would outlive the program; there is no safe
//! way to ask the system for a signal then.
//!
//! The runtime has a process group of its own, so that Ctrl-C in a terminal reaches the program
//! and not the runtime: the program decides what to interrupt.
//!
//! # Commands and tool servers
//!
//! The runtime gives commands and tool servers groups and sessions of their own. When it has
//! exited, in whatever way, the client ends those that it left:
//!
//! | System | What ends with the runtime |
//! |---|---|
//! | Linux | Every descendant that still has the variable `CODEX_PROCESS_TREE` in its environment, and every one that was seen while the runtime ran: the tree is looked at every second at least. Not found is what has another environment, appeared in the last moments, and lost its parent when the runtime was killed. |
//! | macOS and other Unix | The process group of the runtime. Commands and tool servers are the runtime's to end, which it does unless it is killed. |
//! | Windows | The job object of the runtime, with all processes in it; it ends with the program, too. |
//!
//! A process is only signaled while its number is certainly its own. A command that was started
//! with `setsid` or `nohup` ends as well: what is to outlive the runtime should not be started by
//! it.
//!
//! # Servers that were running before
//!
//! A connection to a server that somebody else started (feature `websocket`) is closed, and the
//! server is left alone.
