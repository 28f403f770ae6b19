//! The part of the async API that needs tokio: builders, handlers, and handles as streams.
//!
//! Handles are independent of it: any executor can poll them.

mod builder;
#[cfg(feature = "websocket")]
mod endpoint;
mod handler;
mod streams;
mod transport;

pub use crate::generated::nonblocking::handlers::ServerRequestHandler;
pub use crate::generated::nonblocking::handlers::closures::Handlers;
pub use crate::generated::nonblocking::handlers::pointers::AnyHandler;
pub use builder::{ClientBuilder, CodexBuilder};
pub use handler::RequestContext;
pub use transport::Transport;
