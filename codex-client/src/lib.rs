//! Drives `codex app-server`: threads, turns, approvals, streams, async and blocking.

#[cfg(any(feature = "async", feature = "blocking"))]
mod answers;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(any(feature = "async", feature = "blocking"))]
mod calls;
#[cfg(feature = "async")]
mod client;
#[cfg(any(feature = "async", feature = "blocking"))]
mod connection;
#[cfg(any(feature = "async", feature = "blocking"))]
mod engine;
#[cfg(any(feature = "async", feature = "blocking"))]
mod error;
#[cfg(any(feature = "async", feature = "blocking"))]
mod event;
#[cfg(feature = "exec")]
pub mod exec;
#[cfg(any(feature = "async", feature = "blocking"))]
mod generated;
#[cfg(any(feature = "async", feature = "blocking"))]
mod process;
#[cfg(any(feature = "async", feature = "blocking"))]
mod process_group;
#[cfg(any(feature = "async", feature = "blocking"))]
mod server_info;
#[cfg(any(feature = "async", feature = "blocking"))]
mod session;
#[cfg(any(feature = "async", feature = "blocking"))]
mod settings;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(any(feature = "async", feature = "blocking"))]
pub mod transport;
#[cfg(any(feature = "async", feature = "blocking"))]
mod wait;

// The face.
#[cfg(any(feature = "async", feature = "blocking"))]
mod approval;
#[cfg(feature = "async")]
mod codex;
#[cfg(any(feature = "async", feature = "blocking"))]
mod codex_builder;
#[cfg(feature = "async")]
mod goal;
#[cfg(any(feature = "async", feature = "blocking"))]
mod goal_progress;
#[cfg(any(feature = "async", feature = "blocking"))]
mod input;
#[cfg(feature = "async")]
mod login;
#[cfg(any(feature = "async", feature = "blocking"))]
mod login_attempt;
#[cfg(any(feature = "async", feature = "blocking"))]
mod page;
#[cfg(feature = "async")]
mod pagination;
#[cfg(any(feature = "async", feature = "blocking"))]
mod result;
#[cfg(any(feature = "async", feature = "blocking"))]
mod sandbox;
#[cfg(all(feature = "schemars", any(feature = "async", feature = "blocking")))]
mod structured;
#[cfg(feature = "async")]
mod thread;
#[cfg(any(feature = "async", feature = "blocking"))]
mod thread_settings;
#[cfg(feature = "async")]
mod turn;
#[cfg(any(feature = "async", feature = "blocking"))]
mod turn_tracker;
#[cfg(any(feature = "async", feature = "blocking"))]
mod wrappers;

#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use answers::server_request_handlers;
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use calls::client_calls;
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use wrappers::wrappers;

pub use codex_types as types;

#[cfg(any(feature = "async", feature = "blocking"))]
pub use answers::HandlerResult;
#[cfg(feature = "async")]
pub use client::{Client, ClientBuilder, Events, Handlers, RequestContext};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use error::{AnswerError, CloseReason, Closed, Error, Fault, ServerError, ServerErrorKind};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use event::Event;
#[cfg(feature = "async")]
pub use generated::ServerRequestHandler;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use process::{Launch, ShutdownGrace};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use server_info::ServerInfo;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use settings::{CallOptions, Retry};

#[cfg(any(feature = "async", feature = "blocking"))]
pub use approval::ApprovalMode;
#[cfg(feature = "async")]
pub use codex::{Codex, CodexBuilder};
#[cfg(feature = "async")]
pub use generated::wrappers::asynchronous as builders;
#[cfg(feature = "async")]
pub use goal::{GoalControl, GoalHandle};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use goal_progress::GoalResult;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use input::{ExternalMessage, Input, RunInput};
#[cfg(feature = "async")]
pub use login::LoginHandle;
#[cfg(feature = "async")]
pub use pagination::Items;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use result::{TurnFailed, TurnResult, TurnTimedOut, final_response};
#[cfg(any(feature = "async", feature = "blocking"))]
pub use sandbox::Sandbox;
#[cfg(all(feature = "schemars", any(feature = "async", feature = "blocking")))]
pub use structured::{OutputError, output_schema};
#[cfg(all(feature = "async", feature = "schemars"))]
pub use thread::RunAs;
#[cfg(feature = "async")]
pub use thread::Thread;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use thread_settings::ThreadSettings;
#[cfg(feature = "async")]
pub use turn::{CompactHandle, TextDeltas, TurnControl, TurnHandle, TurnStream};
