//! Shutdown: the end of the runtime and of the processes that it started.
//!
//! # Closing
//!
//! Use [`Codex::close`](crate::Codex::close) for a graceful shutdown. Queued messages are written,
//! then the input of the runtime is closed, which makes it exit: it saves its state and ends its
//! commands, normally in less than a tenth of a second. Otherwise it receives `SIGTERM` after two
//! seconds and `SIGKILL` after three ([`ShutdownGrace`](crate::ShutdownGrace)). `close` returns
//! when the process is reaped, with its exit status; requests in flight fail at once.
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
//! A turn that runs while the runtime is closed is interrupted: a runtime that resumes the thread
//! shows it as such. Exit status 0 means that the runtime succeeded, not that a turn did.
//!
//! # Dropping
//!
//! When the last handle and the last subscription are dropped, the shutdown does not wait: the
//! runtime receives `SIGTERM` at once, on which it ends its commands, and `SIGKILL` a second later
//! if it is still running. Threads of the client do that and reap it. This also happens when a
//! panic unwinds or when the async runtime that drove the client is shut down.
//!
//! A program that returns from `main` right after the drop has sent `SIGTERM`. A program that is
//! killed sends nothing: the system closes its end of the pipe, and the runtime exits and ends its
//! commands. What these have started with `setsid` stays then: only the program could find it.
//! A runtime that ignores EOF would outlive the program; there is no safe way to have the system send
//! a signal then. A listening `Server` reads no input: on Unix, a shell waits at the end of a pipe
//! that the system closes with the program, and ends the server and what has descended from it.
//!
//! The runtime has a process group of its own, so that Ctrl-C in a terminal reaches the program
//! and not the runtime: the program decides what to interrupt.
//!
//! # Commands and tool servers
//!
//! The runtime runs commands and tool servers in groups and sessions of their own. After its exit,
//! of any kind, the client ends the remaining ones:
//!
//! | System | Processes that end with the runtime |
//! |---|---|
//! | Linux | Every descendant that still has the variable `CODEX_PROCESS_TREE` in its environment, and every one that was recorded while the runtime ran: the tree is scanned at least every second. A process is missed if it has another environment, was started in the last moments, and lost its parent when the runtime was killed. |
//! | macOS and other Unix | The process group of the runtime. The runtime ends commands and tool servers itself, unless it is killed. |
//! | Windows | The job object of the runtime, with all processes in it; it ends with the program as well. |
//!
//! A process is only signaled while its PID cannot have been reused. A command that was started
//! with `setsid` or `nohup` ends as well: processes that should outlive the runtime must not be
//! started by it.
//!
//! # Running servers
//!
//! A connection to a running server (feature `websocket`) is closed, and the server keeps running.
//! Whoever does not read or write, the socket, tasks and threads of a closed or dropped connection end
//! within the grace periods and half a second more. Only turns that are being interrupted because they
//! were abandoned (`interrupt_on_drop`, a cancellation, a deadline) keep a dropped connection open,
//! until the server has responded, at most for the
//! [`interrupt_grace`](crate::ClientBuilder::interrupt_grace). With a runtime of its own, the turns end
//! with the process.
