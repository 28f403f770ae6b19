//! Goals: work that the runtime continues on its own, turn after turn.
//!
//! [`Thread::goal`](crate::Thread::goal) sets the objective of a thread. The runtime starts turns
//! until the model reports the objective as complete, the token budget is used up, or the goal is
//! canceled. A [`GoalHandle`](crate::GoalHandle) reads all of these turns as one stream:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # use serde_json::json;
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue_all([
//! #     Reply::assistant("Half of it is done."),
//! #     Reply::new().function_call("call-1", "update_goal", json!({"status": "complete"})),
//! #     Reply::new().final_answer("All of it is done."),
//! # ]);
//! # let codex = harness.codex().await?;
//! # let thread = codex.thread_start().await?;
//! let mut goal = thread
//!     .goal("Document every public function.")
//!     .token_budget(200_000)
//!     .await?;
//! let result = goal.run().await?;
//! assert!(result.is_complete());
//! println!("{} turns", result.turn_ids.len());
//! # assert_eq!(result.turn_ids.len(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! - [`steer`](crate::GoalHandle::steer) adds input to the running turn,
//!   [`cancel`](crate::GoalHandle::cancel) pauses the goal and interrupts the turn.
//! - Dropping the handle leaves the goal running: it belongs to the thread, and is persisted with
//!   it. A start that is dropped before its response pauses the goal it may have set.
//! - A thread on which a turn runs already refuses a goal
//!   ([`Error::ThreadBusy`](crate::Error::ThreadBusy)); an ephemeral thread has no goals
//!   ([`ServerErrorKind::EphemeralThread`](crate::ServerErrorKind::EphemeralThread)).
//! - Set a token budget: without one, a goal ends only when the model reports it as complete.
