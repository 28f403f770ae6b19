//! Typed models of the `codex app-server` protocol: open, lossless and strict.
//!
//! Everything in the protocol has a type at the root of this crate, named as the protocol names it:
//! [`ThreadStartParams`], [`ThreadItem`], [`ServerNotification`]. All are generated from the schema
//! that the pinned runtime ([`RUNTIME_VERSION`]) dumps, and all can be read and written, so that
//! proxies, recorders and test servers can use them as well.
//!
//! # Overview
//!
//! - [`protocol`]: all items by domain. Each page lists the messages of its domain, their purpose,
//!   and their types: [`threads`](protocol::threads), [`turns`](protocol::turns),
//!   [`items`](protocol::items), [`approvals`](protocol::approvals) and so on.
//! - [`rpc`]: JSON-RPC messages. [`rpc::ServerMessage::parse`] reads one line of a server
//!   into its type in one pass, [`rpc::ClientMessage::parse`] one of a client, [`rpc::Envelope`]
//!   takes any message apart without typing it, `rpc::encode_*` write what a client sends.
//! - [`ServerNotification`], [`ServerRequest`], [`ClientRequest`], [`ClientNotification`]: any
//!   message of one direction, by method.
//! - [`ClientResponse`], [`ServerResponse`]: any response, read by the method of its request.
//! - [`methods`], [`notifications`]: a type per method that ties its name to its parameters and
//!   its response ([`Method`], [`NotificationMethod`]).
//! - [`CLIENT_METHODS`], [`SERVER_METHODS`], [`NOTIFICATIONS`]: the same as data to iterate, with
//!   stability, documentation, and where the ids of threads, turns and items are ([`registry`]).
//!
//! # Guarantees
//!
//! **Open.** An unknown value, variant, field or method is kept and written again unchanged: enums
//! have `Unrecognized`, structs have `extra()`. All types are `#[non_exhaustive]`; build values
//! with `new` and the chainable setters. Unknown data is kept as a `serde_json::Value` with sorted
//! keys. Text that a `Value` cannot represent, such as an integer beyond 64 bits, is kept beside
//! the nearest value and written again unchanged.
//!
//! ```
//! use codex_types::{PlanType, ThreadItem};
//!
//! let plan: PlanType = serde_json::from_str(r#""galactic""#)?;
//! assert_eq!(plan.as_str(), "galactic");
//!
//! let item: ThreadItem = serde_json::from_str(r#"{"type":"dream","id":"7","depth":3}"#)?;
//! assert_eq!((item.tag(), item.id()), ("dream", Some("7")));
//! assert_eq!(serde_json::to_string(&item)?, r#"{"type":"dream","depth":3,"id":"7"}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! **Strict.** Required fields must be present. There are no silent defaults; an error has the
//! path:
//!
//! ```
//! use codex_types::rpc::ServerMessage;
//!
//! let line = r#"{"method":"turn/started","params":{"threadId":"t","turn":{"id":"u"}}}"#;
//! let ServerMessage::Undecodable(fault) = ServerMessage::parse(line)? else {
//!     panic!("this must not decode");
//! };
//! assert_eq!(fault.error.path(), "params.turn.items");
//! assert_eq!(fault.error.problem(), "missing field");
//! # Ok::<(), codex_types::DecodeError>(())
//! ```
//!
//! An element of a history that cannot be read costs no other one: an item is kept as unrecognized
//! with its error, and lists of threads, turns and the like are a [`List`], which has malformed
//! elements beside the others.
//!
//! **Absent is not null.** Optional fields of types that a client sends are a [`Field`]; a setter
//! sets the value, its `_null` variant sends `null`, and an unset field is not sent. Optional
//! fields of types that only the server sends are an `Option`, written again in the form that the
//! server used.
//!
//! **Secrets stay out of `Debug`.** Keys and tokens print as `[redacted]`; of unknown fields only
//! the names are printed.
//!
//! # Cost
//!
//! There is no proc macro, and the impls are generic: unused ones are not compiled. The feature
//! `schemars` adds `JsonSchema` to every model.

// The documentation shows the feature that an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[macro_use]
mod macros;

mod ext;
#[rustfmt::skip]
mod generated;
pub mod registry;
pub mod rpc;

// What the server sends, and what reads and writes all models, is a crate of its own because the
// compiler needs less memory for two crates than for one. No doc comments here: rustdoc would put
// them in front of the text of every item. The models are at the root for code; for readers they
// are in `protocol`, since rustdoc would make one list of more than a thousand.
#[doc(no_inline)]
pub use codex_types_core::*;
#[doc(inline)]
pub use codex_types_core::{
    ClientMethod, DecodeError, Field, List, MalformedElement, Method, NoParams, NotificationMethod,
    RUNTIME_VERSION, ServerMethod, ServerNotification, ServerRequest, Stability, UnknownValue,
    UnrecognizedMessage, UnrecognizedVariant,
};
#[doc(no_inline)]
pub use generated::*;
#[doc(inline)]
pub use generated::{
    CLIENT_METHODS, CLIENT_NOTIFICATIONS, ClientNotification, ClientRequest, ClientResponse,
    NOTIFICATIONS, SERVER_METHODS, ServerResponse, methods, notifications, protocol,
};

/// The example of the README, run as a test of this crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
