//! Drives `codex app-server`: threads, turns, approvals, streams, async and blocking.
//!
//! ```
//! use codex_client::{Codex, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant("A library."));
//! let codex = Codex::builder()
//! #   .launch(harness.launch())
//!     .build()
//!     .await?;
//! let thread = codex.thread_start().sandbox(Sandbox::WorkspaceWrite).await?;
//! let result = thread.run("Describe this project.").await?;
//! # assert_eq!(result.final_response.as_deref(), Some("A library."));
//! # let sandbox = &thread.settings().unwrap().sandbox;
//! # assert!(matches!(sandbox, codex_client::types::SandboxPolicy::WorkspaceWrite(_)));
//! println!("{}", result.final_response.unwrap_or_default());
//! # Ok(())
//! # }
//! ```
//!
//! # Where one starts
//!
//! - [`Codex`] is a running runtime: it starts, resumes, forks, lists and deletes threads, lists
//!   models, logs in and out. [`Codex::builder`] finds the pinned runtime by itself.
//! - [`Thread`] is a conversation: [`Thread::run`] gives a [`TurnResult`], [`Thread::turn`] a
//!   [`TurnHandle`] to watch, steer and interrupt, [`Thread::goal`] work that goes on by itself.
//! - [`blocking`] has all of it over threads, without an async runtime: the same names, with
//!   `.call()` where the async API has `.await`, and iterators instead of streams.
//! - [`Client`] is what they stand on: every method of the protocol, every event, every request
//!   of the server. [`types`] are the protocol's own types.
//! - [`runtime`] installs the pinned runtime ([`runtime::install`]) and says where it is.
//! - The crate `codex-exec` runs `codex exec --json`, `codex-testing` tests agents against the
//!   real runtime with the model mocked.
//!
//! - [`guide`] goes from tasks to programs: the first run, streaming, approvals, tools, goals,
//!   structured output, tests, proxies, serving many users.
//! - [`concepts`] tells how it all hangs together: connections, events, approvals, deadlines,
//!   shutdown, and what happens with the unknown.
//!
//! Calls give builders: what is not set is not sent, and what a builder does not offer is
//! reached with its `with_params`. They live in [`builders`].
//!
//! # What happens while a turn runs
//!
//! A handle sees every event since its request was sent, also when it is read late; several
//! handles and streams of a turn do not disturb each other, and a slow one learns what it has
//! missed ([`Error::Lagged`]) instead of slowing down the others. What was read is part of the
//! result:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply, events::Usage};
//! # let harness = AppServerHarness::start()?;
//! # let reply = Reply::streaming(["It was ", "an endless loop."]).usage(Usage::new(120, 30));
//! # harness.responses().enqueue(reply);
//! # let thread = harness.codex().await?.thread_start().await?;
//! # let mut seen = String::new();
//! let mut turn = thread.turn("Fix the failing test.").await?;
//! let mut texts = turn.text_deltas();
//! while let Some(text) = texts.next().await.transpose()? {
//!     print!("{text}");
//! #   seen += &text;
//! }
//! let usage = turn.run().await?.usage;
//! # assert_eq!(seen, "It was an endless loop.");
//! # assert_eq!(usage.map(|usage| usage.total_tokens), Some(150));
//! # Ok(())
//! # }
//! ```
//!
//! Nothing is approved that nobody approves: see [`ApprovalMode`], [`Handlers`] and
//! [`Sandbox`]. Dropping a handle or a future leaves the turn running, unless it was started
//! with `interrupt_on_drop`.
//!
//! # When something goes wrong
//!
//! There is one [`Error`], which tells where it comes from. A failed turn has everything in it
//! that it had produced ([`TurnFailed`]); an interrupted one is a result. Every request has a
//! deadline ([`CallOptions`]), turns have one when they are given one. When the runtime dies,
//! everything that waits fails at once, with the reason and its stderr ([`Closed`]).
//!
//! # Features
//!
//! `async` (tokio) and `blocking` are on by default. `schemars` adds answers of a type
//! (`run_as`), `record` sessions as files, `websocket` connections to a running server,
//! `websocket-blocking` those of the blocking API, `websocket-tls` `wss://` to either.

// The documentation names the feature that an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(
        feature = "async",
        feature = "blocking",
        feature = "schemars",
        feature = "websocket"
    )),
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        unused_macros,
        rustdoc::broken_intra_doc_links,
        reason = "both APIs use one core: what one of them does not need is checked with all features"
    )
)]

#[cfg(feature = "blocking")]
pub mod blocking;
pub mod concepts;
mod connection;
mod driver;
mod engine;
mod error;
#[rustfmt::skip]
mod generated;
pub mod guide;
mod nonblocking;
mod process;
mod secret;
mod shared;
pub mod transport;

/// Which runtime is pinned, where it is, and how to get it.
pub use codex_runtime as runtime;
/// The protocol.
pub use codex_types as types;

pub use connection::cancellation::Cancellation;
pub use connection::replies::HandlerResult;
pub use connection::server_info::ServerInfo;
pub use connection::settings::{CallOptions, Retry};
pub use error::{
    CloseReason, Closed, DecodeResponseError, Error, HandshakeError, MalformedMessage, ServerError,
    ServerErrorKind,
};
#[cfg(feature = "async")]
pub use nonblocking::{connect::*, *};
pub use process::{Launch, ShutdownGrace};
pub use shared::approval::ApprovalMode;
pub use shared::builder::Builder;
pub use shared::event::Event;
pub use shared::goal::GoalResult;
pub use shared::input::{ExternalMessage, Input, RunInput};
pub use shared::output_error::OutputError;
pub use shared::result::{
    TurnDisconnected, TurnFailed, TurnLimit, TurnResult, TurnTimedOut, TurnUnreadable,
    final_response,
};
pub use shared::sandbox::Sandbox;
#[cfg(feature = "schemars")]
pub use shared::structured::output_schema;
pub use shared::thread_settings::ThreadSettings;

/// The examples of the README, run as tests of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
