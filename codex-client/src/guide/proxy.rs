//! Writing a proxy: programs between a client and the runtime.
//!
//! A proxy reads both directions. `codex-types` decodes and encodes each of them, and keeps what
//! it does not know, so that a proxy built today passes on the messages of next year's runtime
//! unchanged. It needs nothing of this crate:
//!
//! ```
//! use codex_client::types::ServerNotification;
//! use codex_client::types::rpc::{ClientMessage, ServerMessage};
//!
//! /// A line for the log: direction, method and thread.
//! fn describe_client_line(line: &str) -> String {
//!     match ClientMessage::parse(line) {
//!         Ok(ClientMessage::Request { request, .. }) => {
//!             format!("> {} {}", request.method(), request.thread_id().unwrap_or("-"))
//!         }
//!         Ok(ClientMessage::Undecodable(message)) => format!("> undecodable: {}", message.error),
//!         Ok(_) => "> other".to_owned(),
//!         Err(error) => format!("> no message: {error}"),
//!     }
//! }
//!
//! fn describe_server_line(line: &str) -> String {
//!     match ServerMessage::parse(line) {
//!         Ok(ServerMessage::Notification(notification)) => {
//!             let payload: &ServerNotification = &notification.payload;
//!             format!("< {} {}", payload.method(), payload.thread_id().unwrap_or("-"))
//!         }
//!         Ok(ServerMessage::Undecodable(message)) => format!("< undecodable: {}", message.error),
//!         Ok(_) => "< other".to_owned(),
//!         Err(error) => format!("< no message: {error}"),
//!     }
//! }
//!
//! let line = r#"{"id":7,"method":"turn/interrupt","params":{"threadId":"t","turnId":"u"}}"#;
//! assert_eq!(describe_client_line(line), "> turn/interrupt t");
//! let line = r#"{"method":"thread/closed","params":{"threadId":"t"}}"#;
//! assert_eq!(describe_server_line(line), "< thread/closed t");
//! // A method of the future is passed on and named.
//! let line = r#"{"method":"thread/dreamed","params":{"threadId":"t","sheep":3}}"#;
//! assert_eq!(describe_server_line(line), "< thread/dreamed t");
//! ```
//!
//! - Pass on the line that you have read, not what you have decoded: forwarding then costs no
//!   encoding and changes nothing. Encode only what you have changed.
//! - Responses have no method. Remember the method of each request by its ID, and decode the result
//!   with [`ClientResponse::decode`](crate::types::ClientResponse::decode), or with
//!   [`ServerResponse::decode`](crate::types::ServerResponse::decode) what a client responds.
//! - A message that cannot be decoded is still one to forward.
//! - Requests of the server (approvals) use IDs of their own: an ID of the server and one of the
//!   client may be equal.
//!
//! The program `proxy` of the repository's `gallery` does all of this, between any client and the runtime.
//!
//! For tests of a proxy, `codex_testing::scripted` plays either side, and the feature `record`
//! writes the messages between a client and a runtime to a file.
