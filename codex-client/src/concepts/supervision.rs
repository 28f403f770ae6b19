//! A runtime that is restarted when it fails.
//!
//! A connection is supervised only on request: [`supervise`](crate::Builder::supervise) with a
//! [`Restart`](crate::Restart). When the process has died or the socket is broken, another process
//! is started, or the server is connected again, after a pause. The first connection is not
//! supervised: [`build`](crate::CodexBuilder::build) returns its error.
//!
//! ```
//! use codex_client::{Codex, Error, Restart};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant("Done."));
//! let codex = Codex::builder()
//! #   .launch(harness.launch())
//!     .supervise(Restart::on_failure().max_restarts(10))
//!     .build()
//!     .await?;
//! let thread = codex.thread_start().await?;
//! match thread.run("Fix the failing test.").await {
//!     Ok(result) => println!("{}", result.final_response.unwrap_or_default()),
//!     // The runtime was restarted, and the turn did not complete: look, then run it again.
//!     Err(Error::TurnDisconnected(turn)) if turn.restart.is_some() => {
//!         println!("{} items are done", turn.result.items.len());
//!     }
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is restored
//!
//! The handshake, and every thread in use: one with a [`Thread`](crate::Thread), a handle of a turn,
//! or a subscription. It is resumed with the settings that the runtime has stored, among them the
//! sandbox and the approval policy, and with the overrides of the configuration that its handle was
//! created with. Threads without a handle are not: resume them when they are needed. A thread that
//! never ran, is ephemeral or was deleted cannot be resumed: it is reported, and its requests fail
//! as those of an unknown thread.
//!
//! # What fails
//!
//! - A request in flight fails with [`Error::ConnectionLost`](crate::Error::ConnectionLost): it may
//!   have been carried out, and the client never sends it again. One that was not written yet, and
//!   every later one, waits for the new server, within its deadline.
//! - A turn that was running ends with the process. [`run`](crate::TurnHandle::run) returns
//!   [`Error::TurnDisconnected`](crate::Error::TurnDisconnected) with the result so far. If the server
//!   lives on and only the socket broke, the turn goes on, and its result is complete: what was
//!   missed is read from the history. The same holds for a turn that ended meanwhile.
//! - A request of the server, such as an approval, is withdrawn, as if it was resolved elsewhere. A
//!   server that lives on sends it again after the thread is resumed.
//! - Logins, and commands that run outside of turns, end with the process.
//!
//! # What is reported
//!
//! Each stream of events has an item [`Error::Restarted`](crate::Error::Restarted) where events may
//! be missing, with a [`Restarted`](crate::Restarted): the reason of the loss, the threads that were
//! resumed and lost, the turns that were interrupted. The stream continues, except that of an
//! interrupted turn. Behind that item come the completed items, and the ends of turns, that were
//! missed; pieces of texts and of outputs are not repeated.
//!
//! # The end
//!
//! More restarts within the period than the policy allows close the connection, with
//! [`CloseReason::CrashLoop`](crate::CloseReason::CrashLoop) and the stderr of the last process.
//! [`closed`](crate::Codex::closed) returns then, and not before. [`close`](crate::Codex::close), or
//! dropping the last handle, ends the supervision at once, also during a pause.
