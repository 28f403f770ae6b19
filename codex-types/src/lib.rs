//! Typed models of the `codex app-server` protocol.

mod error;
mod extra;
mod field;
#[rustfmt::skip]
mod generated;
mod method;
pub mod registry;
pub mod rpc;
#[doc(hidden)]
pub mod support;

pub use error::DecodeError;
pub use field::Field;
pub use generated::*;
pub use method::{ClientMethod, Method, NoParams, NotificationMethod, ServerMethod, Stability};
pub use support::message::UnrecognizedMessage;
pub use support::union::UnrecognizedVariant;
