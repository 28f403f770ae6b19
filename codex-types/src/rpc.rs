//! JSON-RPC messages: what is around the models.
//!
//! The runtime speaks JSON-RPC without the `jsonrpc` field. A message is parsed once: as an
//! [`Envelope`] that borrows its parts, or typed: a line of a server as a [`ServerMessage`], one of
//! a client as a [`ClientMessage`].
//!
//! A response does not name its method. Who remembers the method of each request by its ID reads
//! the result with [`decode`] into the type of the method, or with
//! [`ClientResponse::decode`](crate::ClientResponse::decode) and
//! [`ServerResponse::decode`](crate::ServerResponse::decode) by its name.

mod client_message;

pub use client_message::ClientMessage;
#[doc(inline)]
pub use codex_types_core::rpc::*;
