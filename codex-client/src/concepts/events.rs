//! Events: in which order they are seen, by whom, and what happens to those who are slow.
//!
//! # Who sees what
//!
//! Whatever the runtime tells is an [`Event`](crate::Event), and goes to everybody whom it
//! concerns:
//!
//! | subscription | sees |
//! |---|---|
//! | [`TurnHandle`](crate::TurnHandle), [`TurnStream`](crate::TurnStream) | a turn, up to the event that ends it |
//! | [`GoalHandle`](crate::GoalHandle) | all turns of a goal as if they were one |
//! | [`Thread::events`](crate::Thread::events) | a thread, whoever starts its turns |
//! | [`Codex::events`](crate::Codex::events) | everything, also what could not be read |
//! | [`LoginHandle`](crate::LoginHandle) | one login |
//!
//! Each has its own copy of the queue and not of the events: an event is decoded once and shared.
//!
//! # Order
//!
//! One subscription sees events in the order in which the runtime sent them. A turn is watched
//! from the moment its *request* is sent, so that nothing is missed that comes before the answer.
//! A handle may be read late, or never.
//!
//! The last event of a turn is `turn/completed`. Items that were started are not always completed
//! (a steered or interrupted message is not), and the list of items in `turn/completed` is a
//! summary: [`TurnResult::items`](crate::TurnResult::items) is collected from the events. Items of
//! different turns may have the same id.
//!
//! Starting a turn on a thread where one is running joins it: both handles have the same turn, and
//! each sees it from its own request on.
//!
//! # Slow consumers and backpressure
//!
//! What waits for a subscriber is bounded: 16 MiB unless the builder's `event_budget` sets another
//! budget. What was handed out does not count, and the event that fills the budget is still taken:
//! one that is larger than the whole budget reaches a subscriber who reads.
//!
//! Beyond the budget deltas and progress are dropped, and the subscriber is told so in their place
//! ([`Error::Lagged`](crate::Error::Lagged) with their number). The stream goes on. Of events that
//! show a whole state, such as `turn/diff/updated`, the newest takes the place of an older one.
//! Events that begin, end or change things ([`Event::is_lifecycle`](crate::Event::is_lifecycle))
//! are never among them, so that results stay complete. They have a budget of their own, four
//! times as large; a subscriber that does not even read those for that long loses the subscription
//! ([`Error::Overrun`](crate::Error::Overrun)).
//!
//! A slow subscriber costs the others next to nothing: the connection waits for one that is about
//! to lose deltas no longer than 4 ms at once, and a fortieth of the time altogether. One that
//! reads and is about to lose its subscription has a second to take lifecycle events. A subscriber
//! that never reads is never waited for. Who would rather have everybody wait than lose a delta
//! sets the builder's `backpressure`: with `Duration::MAX` nothing is dropped for those who read.
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
