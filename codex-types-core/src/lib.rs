//! The part of `codex-types` that reads the messages of a server; use it through `codex-types`.
//!
//! Here are the types reachable from the notifications and requests of the server, the envelope
//! ([`rpc`]), and the code shared by all models. Everything is at the same path in `codex-types`,
//! which adds the messages of clients, the responses to them, and the tables of methods. They are
//! two crates because the compiler needs less memory for two than for one.
//!
//! Contains no single methods of the client.

// The documentation shows the feature that an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod ext;
mod extra;
mod field;
#[rustfmt::skip]
mod generated;
mod list;
mod method;
pub mod rpc;
#[doc(hidden)]
pub mod support;
mod unknown_value;

pub use error::DecodeError;
pub use field::Field;
pub use generated::*;
pub use list::{List, MalformedElement};
pub use method::{ClientMethod, Method, NoParams, NotificationMethod, ServerMethod, Stability};
pub use support::message::UnrecognizedMessage;
pub use support::union::UnrecognizedVariant;
pub use unknown_value::UnknownValue;
