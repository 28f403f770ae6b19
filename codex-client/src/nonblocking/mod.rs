//! The handles of the async API, and the one implementation of everything they do. Its types are
//! re-exported at the root.
//!
//! They await only this crate's own futures and know no executor: tokio polls them in the async
//! API, a parked thread in the blocking one. What needs tokio is in [`driver`].

#![cfg_attr(
    not(feature = "async"),
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "without the async API not all of it is used, and nothing is re-exported"
    )
)]

pub(crate) mod client;
pub(crate) mod codex;
#[cfg(feature = "async")]
mod driver;
pub(crate) mod goal;
pub(crate) mod login;
pub(crate) mod pagination;
pub(crate) mod supervised;
pub(crate) mod thread;
pub(crate) mod turn;

pub use crate::generated::nonblocking::builders;
#[cfg(feature = "async")]
pub use crate::generated::nonblocking::handlers::ServerRequestHandler;
pub use client::{Client, Events};
pub use codex::Codex;
#[cfg(feature = "async")]
pub use driver::{ClientBuilder, CodexBuilder, Handlers, RequestContext, Transport};
pub use goal::{GoalControl, GoalHandle};
pub use login::LoginHandle;
pub use pagination::Items;
#[cfg(feature = "schemars")]
pub use thread::RunAsBuilder;
pub use thread::Thread;
pub use turn::{CompactHandle, TextDeltas, TurnControl, TurnHandle, TurnStream};
