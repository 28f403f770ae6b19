//! Events: their order, their subscribers, and slow consumers.
//!
//! # Subscriptions
//!
//! Every notification of the runtime is an [`Event`](crate::Event), and is delivered to all
//! matching subscriptions:
//!
//! | subscription | events |
//! |---|---|
//! | [`TurnHandle`](crate::TurnHandle), [`TurnStream`](crate::TurnStream) | a turn, up to its last event |
//! | [`GoalHandle`](crate::GoalHandle) | all turns of a goal as if they were one |
//! | [`Thread::events`](crate::Thread::events) | a thread, including turns that others start |
//! | [`Codex::events`](crate::Codex::events) | everything, including malformed messages |
//! | [`LoginHandle`](crate::LoginHandle) | one login |
//!
//! Each has its own queue, with shared events: an event is decoded once.
//!
//! # Order
//!
//! One subscription receives events in the order in which the runtime sent them. A turn is
//! subscribed to from the moment its *request* is sent, so that events before the response are
//! included. A handle may be read late, or never.
//!
//! The last event of a turn is `turn/completed`. Items that were started are not always completed
//! (a steered or interrupted message is not), and the list of items in `turn/completed` is a
//! summary: [`TurnResult::items`](crate::TurnResult::items) is collected from the events. Items of
//! different turns may have the same id.
//!
//! Starting a turn on a busy thread joins the running one: both handles have the same turn, and
//! each receives its events from its own request on.
//!
//! # Slow consumers and backpressure
//!
//! The queue of a subscriber is bounded: 16 MiB unless the builder's `event_budget` sets another
//! budget. Received events do not count, and the event that exceeds the budget is still queued: one
//! that is larger than the whole budget reaches a reading subscriber. Of a subscriber that is more than
//! 1 MiB behind, further deltas and progress are kept as text alone, and decoded again when they are
//! received.
//!
//! Beyond the budget, deltas and progress are dropped, and the subscriber receives a lag in their
//! place ([`Error::Lagged`](crate::Error::Lagged) with their number). The stream continues. Of
//! events that contain a whole state, such as `turn/diff/updated`, the newest replaces an older
//! one. Lifecycle events ([`Event::is_lifecycle`](crate::Event::is_lifecycle)) are never dropped,
//! so that results stay complete. They have a budget of their own, four times as large; a
//! subscriber that exceeds it loses the subscription ([`Error::Overrun`](crate::Error::Overrun)).
//!
//! A slow subscriber costs the others next to nothing: the connection waits for one that is about
//! to lose deltas at most 3 ms at a time, and a fortieth of the time altogether. A reading
//! subscriber that is about to lose its subscription has a second to drain lifecycle events. The
//! connection never waits for a subscriber that never reads. For lossless delivery set the
//! builder's `backpressure`: with `Duration::MAX` no event is dropped for reading subscribers.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::Reply;
//! # let harness = codex_testing::AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::streaming(["Hel", "lo."]));
//! # let codex = harness.codex().await?;
//! # let thread = codex.thread_start().await?;
//! use codex_client::Error;
//! use codex_client::types::ServerNotification;
//!
//! let mut turn = thread.turn("Say hello.").await?;
//! let mut text = String::new();
//! while let Some(event) = turn.next().await {
//!     match event {
//!         Ok(event) => {
//!             if let ServerNotification::ItemAgentMessageDelta(delta) = event.notification() {
//!                 text.push_str(&delta.delta);
//!             }
//!         }
//!         Err(Error::Lagged { missed }) => eprintln!("{missed} events were dropped"),
//!         Err(error) => return Err(error.into()),
//!     }
//! }
//! assert_eq!(text, "Hello.");
//! // Nothing is read twice: the result is made of what was read.
//! assert_eq!(turn.run().await?.final_response.as_deref(), Some("Hello."));
//! # Ok(())
//! # }
//! ```
