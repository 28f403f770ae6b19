//! The handles of the async API, and the one implementation of everything they do. Its types are
//! re-exported at the root.
//!
//! They await only this crate's own futures and know no executor: tokio polls them in the async
//! API, a parked thread in the blocking one. What needs tokio is in [`connect`].

pub(crate) mod approval_records;
pub(crate) mod client;
pub(crate) mod codex;
#[cfg(feature = "async")]
pub(crate) mod connect;
pub(crate) mod goal;
#[cfg(test)]
mod leftovers;
pub(crate) mod login;
pub(crate) mod pagination;
pub(crate) mod supervised;
pub(crate) mod thread;
pub(crate) mod turn;

pub use crate::generated::nonblocking::builders;
pub use approval_records::ApprovalRecords;
pub use client::{Client, Events};
pub use codex::Codex;
pub use goal::{GoalControl, GoalHandle};
pub use login::LoginHandle;
pub use pagination::Items;
pub use thread::*;
pub use turn::{CompactHandle, TextDeltas, TurnControl, TurnHandle, TurnStream};
