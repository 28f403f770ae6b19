//! Deadlines and cancellation: automatic ends, explicit interrupts, and the effect of dropping a
//! future.
//!
//! # Requests
//!
//! Every request has a deadline, because the runtime does not respond to every one: under a flood
//! of requests some responses are lost, and the response to an interrupt at the end of a turn comes
//! only with the next turn. One minute is the default, for the client
//! ([`CodexBuilder::request_deadline`](crate::CodexBuilder::request_deadline)) or a call
//! ([`Codex::with_options`](crate::Codex::with_options)). The error is
//! [`Error::Timeout`](crate::Error::Timeout): the request may still be carried out.
//!
//! An overloaded runtime rejects requests without carrying them out. Only those can be retried
//! safely: [`Retry`](crate::Retry) does so if it is set, and
//! [`Error::is_retryable`](crate::Error::is_retryable) identifies them.
//!
//! # Turns
//!
//! A turn that failed before it had any effect, because the model's servers were overloaded or the
//! connection to them broke, can be run again: `thread.run(..).retry(Retry::on_overload(3))` does so. A
//! turn that has completed anything but the user's message is never run again.
//!
//! An idle limit ends a turn of which nothing is heard: no event of it, of an approval that it waits for,
//! or of a sub-agent that it has called. [`guide::unattended`](crate::guide::unattended) has both.
//!
//! The deadline of a request does not apply to the turn that it starts. A turn may take hours, and
//! one whose model cannot be reached does not end at all: the runtime retries forever. Set a
//! deadline for unattended turns. When it has passed the turn is interrupted, and the error
//! contains the result so far:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Gate, Reply};
//! # let harness = AppServerHarness::start()?;
//! # let gate = Gate::new();
//! # harness.responses().enqueue(Reply::new().held_by(&gate));
//! # let codex = harness.codex().await?;
//! # let thread = codex.thread_start().await?;
//! use std::time::Duration;
//!
//! use codex_client::Error;
//!
//! let limit = Duration::from_millis(300);
//! match thread.run("Think about it.").deadline(limit).await {
//!     Err(Error::TurnTimedOut(late)) => assert_eq!(late.result.final_response, None),
//!     other => panic!("{other:?}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Dropping
//!
//! Dropping a future only stops the wait. An unsent request is not sent; a sent one is carried out,
//! and its response is ignored. Calls that read events (`next`, `run`, `wait`) can be dropped and
//! called again without losing events, so that they can be used in a `select!`.
//!
//! A turn whose handle is dropped continues. To stop it, use
//! [`TurnHandle::interrupt`](crate::TurnHandle::interrupt), or `interrupt_on_drop` when the turn is
//! started. An interrupted turn is a result with that status, not an error.
