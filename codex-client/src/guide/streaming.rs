//! Streaming: text and events as they arrive.
//!
//! # To a terminal
//!
//! [`TurnHandle::text_deltas`](crate::TurnHandle::text_deltas) is the text of the agent's
//! messages, piece by piece. A model that does not stream yields each message as one piece:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::streaming(["It is ", "a library."]));
//! # let codex = harness.codex().await?;
//! # let thread = codex.thread_start().await?;
//! use std::io::Write as _;
//!
//! let mut turn = thread.turn("Describe this project.").await?;
//! let mut text = turn.text_deltas();
//! while let Some(piece) = text.next().await.transpose()? {
//!     print!("{piece}");
//!     std::io::stdout().flush()?;
//! }
//! let result = turn.run().await?;
//! # assert_eq!(result.final_response.as_deref(), Some("It is a library."));
//! if let Some(usage) = result.usage {
//!     println!("\n{} tokens", usage.total_tokens);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Everything that happens
//!
//! A turn is a sequence of items: messages, reasoning, commands, changes of files, tool calls. Each
//! begins with `item/started`, may have deltas, and ends with `item/completed`; the turn ends with
//! `turn/completed`.
//!
#![doc = include_str!("pictures/turn.svg")]
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # let call = serde_json::json!({"cmd": "echo hello"});
//! # harness.responses().enqueue_all([Reply::new().function_call("c", "exec_command", call), Reply::assistant("Done.")]);
//! # let codex = harness.codex().await?;
//! # let thread = codex.thread_start().await?;
//! # let mut seen = 0;
//! use codex_client::types::{ServerNotification, ThreadItem};
//!
//! let mut turn = thread.turn("Greet me.").await?;
//! while let Some(event) = turn.next().await.transpose()? {
//!     match event.notification() {
//!         ServerNotification::ItemStarted(started) => {
//!             if let ThreadItem::CommandExecution(command) = &started.item {
//!                 println!("$ {}", command.command);
//! #               seen += 1;
//!             }
//!         }
//!         ServerNotification::ItemCommandExecutionOutputDelta(output) => print!("{}", output.delta),
//!         ServerNotification::ItemAgentMessageDelta(text) => print!("{}", text.delta),
//!         ServerNotification::TurnPlanUpdated(plan) => println!("{} steps", plan.plan.len()),
//!         _ => {}
//!     }
//! }
//! # assert_eq!(seen, 1);
//! # Ok(())
//! # }
//! ```
//!
//! The handle has seen every event since the request was sent, also if it is read late. A program
//! that stops reading loses deltas first and is notified in-band ([`Error::Lagged`](crate::Error::Lagged));
//! the events that begin and end things remain. See [`concepts::events`](crate::concepts::events).
//!
//! # To a browser
//!
//! [`Event::raw`](crate::Event::raw) is the message as the runtime sent it, a JSON object in one
//! line, so that an event is the `data` of a server-sent event without a type of your own:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::streaming(["Hi."]));
//! # let codex = harness.codex().await?;
//! # let thread = codex.thread_start().await?;
//! use codex_client::Event;
//!
//! fn server_sent_event(event: &Event) -> String {
//!     format!("event: {}\ndata: {}\n\n", event.method(), event.raw())
//! }
//!
//! let mut turn = thread.turn("Say hi.").await?;
//! let mut body = String::new();
//! while let Some(event) = turn.next().await.transpose()? {
//!     body += &server_sent_event(&event);
//! }
//! assert!(body.ends_with("\n\n"));
//! assert!(body.contains("event: turn/completed\ndata: {"));
//! # Ok(())
//! # }
//! ```
//!
//! A page that shows more than text is simpler with a [live view](super::live_view): it is sent the view
//! once, and then what changes, also after it has lost its connection. The program `web` of the
//! repository's `gallery` does so.
//!
//! Give each connected browser a stream of its own ([`TurnControl::stream`](crate::TurnControl::stream)
//! or [`Thread::events`](crate::Thread::events)): one that is slow then delays no other. When the
//! browser disconnects, dropping its stream leaves the turn running; interrupt it if no other
//! reader is left, or start the turn with `interrupt_on_drop`.
