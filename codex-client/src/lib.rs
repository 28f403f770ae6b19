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
//! # Overview
//!
//! - [`Codex`] is a running runtime: it starts, resumes, forks, lists and deletes threads, lists
//!   models, logs in and out. [`Codex::builder`] finds the pinned runtime.
//! - [`Thread`] is a conversation: [`Thread::run`] returns a [`TurnResult`], [`Thread::turn`] a
//!   [`TurnHandle`] to read events, steer and interrupt, [`Thread::goal`] starts autonomous work
//!   across turns.
//! - [`blocking`] has all of it on threads, without an async runtime: the same names, with
//!   `.call()` instead of `.await`, and iterators instead of streams.
//! - [`Client`] is the layer below them: every method of the protocol, every event, every request
//!   of the server. [`types`] are the protocol's own types.
//! - [`runtime`] finds the pinned runtime, and installs it ([`runtime::install`]).
//! - The crate `codex-exec` runs `codex exec --json`, `codex-testing` tests agents against the
//!   real runtime with the model mocked.
//!
//! - [`guide`] goes from tasks to programs: the first run, streaming, approvals, tools, goals,
//!   structured output, tests, proxies, serving many users.
//! - [`concepts`] explains the design: connections, events, approvals, deadlines, shutdown, and
//!   unknown data.
//!
//! Calls return builders, which are in [`builders`]: unset options are not sent, and `with_params`
//! sets parameters that a builder does not offer.
//!
//! # Running turns
//!
//! A handle receives every event since its request was sent, even when it is read late; several
//! handles and streams of a turn are independent, and a slow one receives a lag ([`Error::Lagged`])
//! instead of slowing down the others. Events that were read are part of the result:
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
//! Every approval is a decision of a reviewer or a handler: see [`ApprovalMode`], [`Handlers`] and
//! [`Sandbox`]. Dropping a handle or a future leaves the turn running, unless it was started with
//! `interrupt_on_drop`.
//!
//! # Errors
//!
//! There is one [`Error`] type. The error of a failed turn contains its result so far
//! ([`TurnFailed`]); an interrupted turn is a result. Every request has a deadline
//! ([`CallOptions`]), turns have one if it is set. When the runtime dies, all pending operations
//! fail at once, with the reason and its stderr ([`Closed`]).
//!
//! # Features
//!
//! `async` (tokio) and `blocking` are on by default. `install` adds the installation of the pinned
//! runtime ([`runtime::install`], and `install` of the builders), `schemars` typed answers (`run_as`) and
//! typed tools (`tool`), `view` views of threads for user interfaces, `opentelemetry` the trace of the current span, `record` recordings of
//! sessions, `websocket` connections to a running server, `websocket-blocking` those of the blocking
//! API, `websocket-tls` `wss://` for either.

// The documentation names the feature that an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(
    clippy::duplicate_mod,
    reason = "one empty module stands for each whose feature is off"
)]
#![cfg_attr(
    not(all(
        feature = "async",
        feature = "blocking",
        feature = "install",
        feature = "schemars",
        feature = "view",
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
mod json;
mod nonblocking;
mod process;
mod secret;
mod shared;
pub mod transport;
#[cfg(feature = "view")]
pub mod view;

/// The pinned runtime: its version, location and installation.
pub use codex_runtime as runtime;
/// The protocol.
pub use codex_types as types;

pub use codex_runtime::IsolatedHome;

pub use connection::cancellation::Cancellation;
pub use connection::replies::{HandlerError, HandlerResult};
pub use connection::server_info::ServerInfo;
pub use connection::settings::{CallOptions, Retry};
pub use connection::supervisor::Restart;
pub use error::{
    CloseReason, Closed, DecodeResponseError, Error, HandshakeError, InterruptedTurn, LostThread,
    MalformedMessage, Restarted, ServerError, ServerErrorKind,
};
#[cfg(feature = "async")]
pub use nonblocking::{connect::*, *};
pub use process::{Install, Launch, ShutdownGrace};
pub use shared::approval::{
    Approval, ApprovalMode, ApprovalPolicy, ApprovalRecord, ApprovalRequest, ApprovalSubject,
    Approve, CommandSubject, DecidedBy, Decision, FileChangeSubject, McpToolSubject,
    NetworkSubject, PolicyDecision,
};
pub use shared::builder::Builder;
pub use shared::config::ConfigOverrides;
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
pub use shared::tools::{ToolError, ToolOutput, ToolResult};
pub use shared::trace::{InvalidTraceContext, TraceContext};
pub use shared::turn_event::TurnEvent;

/// The examples of the README, run as tests of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
