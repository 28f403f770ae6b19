//! All of the async API that needs tokio: the tasks of a connection, its builder, and handlers.
//!
//! Handles do not know it: they are polled by whichever executor there is.

mod builder;
mod dispatcher;
mod drive;
mod handler;
mod streams;
mod transport;

pub use builder::{ClientBuilder, CodexBuilder};
pub(crate) use handler::AnyHandler;
pub use handler::{Handlers, RequestContext};
pub use transport::Transport;
