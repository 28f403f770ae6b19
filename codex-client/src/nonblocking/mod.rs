//! The async API: handles whose methods are awaited. Its types are re-exported at the root.

pub(crate) mod client;
pub(crate) mod codex;
pub(crate) mod goal;
pub(crate) mod login;
pub(crate) mod pagination;
pub(crate) mod thread;
pub(crate) mod turn;

pub use crate::generated::nonblocking::builders;
pub use crate::generated::nonblocking::handlers::ServerRequestHandler;
pub use client::{Client, ClientBuilder, Events, Handlers, RequestContext};
pub use codex::{Codex, CodexBuilder};
pub use goal::{GoalControl, GoalHandle};
pub use login::LoginHandle;
pub use pagination::Items;
#[cfg(feature = "schemars")]
pub use thread::RunAs;
pub use thread::Thread;
pub use turn::{CompactHandle, TextDeltas, TurnControl, TurnHandle, TurnStream};
