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

#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use answers::server_request_handlers;
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use calls::client_calls;

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
