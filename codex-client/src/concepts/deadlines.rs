//! Deadlines and cancellation: what ends by itself, what has to be ended, and what dropping a
//! future does.
//!
//! # Requests
//!
//! Every request has a deadline, because the runtime does not answer every one: under a flood of
//! requests some answers are lost, and an interrupt that comes as the turn ends is answered only
//! with the next turn. One minute is the default, for the client
//! ([`CodexBuilder::request_deadline`](crate::CodexBuilder::request_deadline)) or a call
//! ([`Codex::with_options`](crate::Codex::with_options)). What comes back is
//! [`Error::Timeout`](crate::Error::Timeout): the request may still be carried out.
//!
//! An overloaded runtime refuses requests without carrying them out. Those, and only those, can be
//! sent again without harm: [`Retry`](crate::Retry) does it when asked to, and
//! [`Error::is_retryable`](crate::Error::is_retryable) tells it to those who do it themselves.
//!
//! # Turns
//!
//! The deadline of a request says nothing about the turn it starts. A turn may take hours, and one
//! whose model cannot be reached does not end at all: the runtime tries for ever. Give turns that
//! nobody watches a deadline of their own. When it has passed the turn is interrupted, and the
//! error has everything in it that the turn had produced:
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
//! Dropping a future stops the waiting and nothing else. A request that was not sent yet is not
//! sent; one that was is carried out, and its answer is ignored. Calls to read events
//! (`next`, `run`, `wait`) can be dropped and called again without losing any, so that they can
//! stand in a `select!`.
//!
//! A turn whose handle is dropped goes on, as a job does whose log nobody reads. To stop it, ask:
//! [`TurnHandle::interrupt`](crate::TurnHandle::interrupt), or `interrupt_on_drop` when the turn is
//! started. An interrupted turn is a result with that status, not an error.
