//! A live view of a thread, for user interfaces.
//!
//! A user interface shows more than the text of one turn: earlier turns, commands with their
//! output, changes of files, plans, and what waits for a decision. [`ThreadView`](crate::view::ThreadView)
//! merges history and events into that, and reports after each step which parts have changed. The
//! module [`view`](crate::view) needs the feature `view`.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::streaming(["It was ", "an endless loop."]));
//! # let thread = harness.codex().await?.thread_start().await?;
//! # let mut painted = String::new();
//! use codex_client::view::{ItemChangeKind, TurnView};
//!
//! let mut live = thread.view().await?; // reads the history, then follows the thread
//! let turn = thread.turn("What was wrong?").await?;
//! while live.view().turn(turn.id()).is_none_or(TurnView::is_running) {
//!     let changes = live.next().await.expect("the connection is open")?;
//!     for change in changes.items {
//!         let turn = live.view().turn(&change.turn_id);
//!         let Some(item) = turn.and_then(|turn| turn.item(&change.item_id)) else {
//!             continue; // removed
//!         };
//!         match change.kind {
//!             // Text that was appended, the usual case: paint only this.
//!             ItemChangeKind::Appended(pieces) => {
//!                 for piece in pieces {
//!                     let text = item.text(piece.field).unwrap_or_default();
//!                     print!("{}", &text[piece.range.clone()]);
//! #                   painted += &text[piece.range];
//!                 }
//!             }
//!             // Everything else: paint the item anew.
//!             _ => println!("{:?}", item.state),
//!         }
//!     }
//! }
//! # assert_eq!(painted, "It was an endless loop.");
//! # Ok(())
//! # }
//! ```
//!
//! - [`LiveView`](crate::view::LiveView) follows all turns of the thread, whoever starts them, and shows
//!   the requests that wait for a decision ([`pending`](crate::view::ThreadView::pending)). Decide as
//!   usual, see [`approvals`](super::approvals).
//! - After lost events ([`Error::Lagged`](crate::Error::Lagged)), a restart of a supervised runtime
//!   and reverted turns it reads the history again. Only what differs is a change.
//! - [`Changes::merge`](crate::view::Changes::merge) adds steps up, for programs that paint at a fixed rate.
//!
//! # What a view has, and `thread/read` does not
//!
//! The completed items of a view are those of `thread/read`, in the same order and with the same
//! fields. Behind them are the items that the runtime does not store:
//!
//! | in the view | in `thread/read` |
//! |---|---|
//! | open items, with their text and output so far | not before they complete |
//! | [abandoned](crate::view::ItemState::Abandoned) items, which an interruption or a failure cut off | never |
//! | plans, diffs of turns, progress of MCP tools, errors after which the runtime tries again | never |
//!
//! An id that the model completes twice in one turn has the times of the first completion in
//! `thread/read`, and those of the last one in a view that saw the events.
//!
//! # In a browser, and without a connection
//!
//! A view is `Serialize`, with the names of the protocol, and so are changes. It is also
//! `Deserialize`, and needs no connection: [`Event::parse`](crate::Event::parse) reads stored
//! messages, and [`ThreadView::apply`](crate::view::ThreadView::apply) folds them. In the blocking API the
//! view is the same type, and its `LiveView` is an iterator.
//!
//! # Limits
//!
//! [`ViewLimits`](crate::view::ViewLimits) bounds the memory: of a long output the end is kept
//! ([`omitted_output`](crate::view::ItemView::omitted_output) counts the rest), and of a long thread the
//! newest turns ([`omitted_turns`](crate::view::ThreadView::omitted_turns)).
