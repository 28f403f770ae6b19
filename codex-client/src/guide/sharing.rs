//! Sharing: turns that outlive a client, and a server for several clients.
//!
//! # Turns that outlive a client
//!
//! A turn belongs to the runtime, not to the handle that started it. When a web server answers
//! another request, or a second window opens, it [attaches](crate::Thread::attach) to the turn that
//! is running:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant("It never ended."));
//! # let codex = harness.codex().await?;
//! let thread = codex.thread_start().await?;
//! let turn = thread.turn("What was wrong?").await?;
//! let (thread_id, turn_id) = (turn.thread_id().clone(), turn.id().clone());
//! drop(turn); // the request of the browser has ended; the turn goes on
//!
//! let mut turn = codex.thread(thread_id).attach(turn_id).await?;
//! let result = turn.run().await?;
//! # assert_eq!(result.final_response.as_deref(), Some("It never ended."));
//! println!("{} items, earlier ones included", result.items.len());
//! # Ok(())
//! # }
//! ```
//!
//! - The stream begins with the start of the turn and the items that it has completed, so that its
//!   result is complete. A turn that has ended is complete at once.
//! - `steer`, `interrupt` and `control` work as for a turn that was started here.
//! - The server repeats waiting approvals to every client that attaches. `attach` leaves them to the
//!   client that decides about them; [`attach_with_approvals`](crate::Thread::attach_with_approvals)
//!   has them in its stream, as in [`approvals`](super::approvals). The first decision counts.
//! - [`Codex::latest_thread`](crate::Codex::latest_thread) finds the newest thread of a folder, to
//!   continue after a restart of the program: `codex.thread_resume(latest.id).await?`. A thread that
//!   another process has loaded cannot be resumed.
//!
//! # One server, several clients
//!
//! Clients share threads if they are connected to the same server. With the feature `websocket`,
//! `transport::Server` starts one that this program owns: `Server::at_socket(&launch, path)` listens
//! at a Unix socket that only this user can open, `Server::on_loopback(&launch)` on a port. Any number
//! of clients of either API connect to its `endpoint()`, also from other processes. When the owner is
//! dropped, the server ends, and everything that it has started. `examples/attach.rs` is a whole
//! program.
