//! All of the async API that needs tokio: the tasks of a connection, its builder, and handlers.
//!
//! Handles do not know it: they are polled by whichever executor there is.

mod answering;
mod builder;
mod codex_builder;
mod drive;
mod handler;
mod streams;

pub use builder::ClientBuilder;
pub use codex_builder::CodexBuilder;
pub(crate) use handler::AnyHandler;
pub use handler::{Handlers, RequestContext};
