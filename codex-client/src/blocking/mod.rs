//! The blocking API: the same handles over threads, without an async runtime.
//!
//! A connection has a thread that reads and one that writes; every request of the server is
//! answered on a thread of its own. On Unix, a thread that waits for a process reads from it itself
//! while it is the only one that waits, and a short message is written by the thread that sends it:
//! no message changes threads then. The protocol itself is the same code as in the async API.

mod client;
mod codex;
mod goal;
mod login;
mod pagination;
mod thread;
mod turn;

pub use crate::connection::cancellation::Cancellation;
pub use crate::generated::blocking::builders;
pub use crate::generated::blocking::handlers::ServerRequestHandler;
pub use client::{
    ApprovalRecords, Client, ClientBuilder, CodexBuilder, Events, Handlers, RecvTimeoutError,
    RequestContext, Transport,
};
pub use codex::Codex;
pub use goal::{GoalControl, GoalHandle};
pub use login::LoginHandle;
pub use pagination::Items;
pub use thread::*;
pub use turn::{CompactHandle, TextDeltas, TurnControl, TurnHandle, TurnStream};
