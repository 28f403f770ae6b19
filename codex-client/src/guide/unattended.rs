//! Unattended turns: retries, limits and cost.
//!
//! # Running a turn again
//!
//! A turn fails if the model's servers are overloaded, or the connection to them cannot be made or
//! breaks. `retry` runs it again, if nothing but the user's message was completed: a command that has
//! run, or a file that was changed, is never repeated. Each attempt is a turn of the thread.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # let busy = Reply::failed("server_is_overloaded", "busy");
//! # harness.responses().enqueue_all([busy, Reply::assistant("A library.")]);
//! # let codex = harness.codex().await?;
//! # let thread = codex.thread_start().await?;
//! # let moment = Duration::from_millis(1);
//! use std::time::Duration;
//!
//! use codex_client::{Cancellation, Retry};
//!
//! let stop = Cancellation::new();
//! let pauses = Retry::on_overload(5);
//! # let pauses = pauses.backoff(moment, moment);
//! let result = thread
//!     .run("Describe this project.")
//!     .retry(pauses)
//!     .cancellation(&stop)
//!     .await?;
//! # assert_eq!(result.final_response.as_deref(), Some("A library."));
//! # Ok(())
//! # }
//! ```
//!
//! A pause between two attempts ends at once when the run is cancelled or its future is dropped, and
//! when the connection is closed. After the last attempt the error is that of the last turn.
//! A turn that failed with an effect needs a decision: `thread.run("Continue.")` on the same thread
//! lets the model see what it has done.
//!
//! # Limits
//!
//! | Limit | Counts | Set by |
//! |---|---|---|
//! | deadline | the time since the start; with `retry`, that of all attempts and pauses | `deadline`, [`turn_deadline`](crate::Builder::turn_deadline) |
//! | idle limit | the time without an event of the turn, of its approvals, or of a sub-agent that it has called | `idle_limit`, [`turn_idle_limit`](crate::Builder::turn_idle_limit) |
//!
//! A turn that exceeds one of them is interrupted; the error
//! [`TurnTimedOut`](crate::TurnTimedOut) has the result so far.
//!
//! # Cost
//!
//! A sub-agent works on a thread of its own, with requests of its own to the model.
//! [`TurnResult::usage`](crate::TurnResult::usage) has the tokens of the turn and of all its
//! sub-agents, however deep, and [`own_usage`](crate::TurnResult::own_usage) those of the turn alone.
//! `thread_usage` is about the thread of the turn, whatever its sub-agents do.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply, events::Usage};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant("Done.").usage(Usage::new(120, 30)));
//! # let thread = harness.codex().await?.thread_start().await?;
//! let result = thread.run("Let two agents look for the fault.").await?;
//! if let (Some(all), Some(own)) = (&result.usage, &result.own_usage) {
//!     println!("{} tokens, {} by the turn itself", all.total_tokens, own.total_tokens);
//! }
//! # assert_eq!(result.usage.map(|usage| usage.total_tokens), Some(150));
//! # Ok(())
//! # }
//! ```
//!
//! A sub-agent may outlive its turn. The result has what was reported until it was made; later, a
//! [`snapshot`](crate::TurnHandle::snapshot) of the turn's handle has the rest.
