//! Unknown data: messages of a runtime that are unknown to this version.
//!
//! The models are those of one runtime ([`RUNTIME_VERSION`](crate::types::RUNTIME_VERSION)), and
//! runtimes change every few days. A newer one must not break a program that does not use its
//! additions:
//!
//! | the runtime sends | the program receives |
//! |---|---|
//! | an unknown field | the message, with the field in `extra()` |
//! | an unknown value of an enum | `Unrecognized("…")`; `as_str()` works for all |
//! | an unknown variant of a union | `Unrecognized`, with its tag and its JSON |
//! | an unknown notification | an event with `ServerNotification::Unrecognized`, also in its turn |
//! | a malformed notification | the same, and [`Event::decode_error`](crate::Event::decode_error) |
//! | an unknown request | the handler's `unrecognized`, which rejects it unless it is implemented |
//! | a malformed entry of a list of threads, turns and the like | [`List::malformed`](codex_types::List::malformed), beside the others |
//! | a malformed response | [`Error::Decode`](crate::Error::Decode) for this call, with the raw response |
//! | a malformed message | [`Error::Protocol`](crate::Error::Protocol) in [`Codex::events`](crate::Codex::events) |
//!
//! None of it ends a connection or a turn. Kept data is written again unchanged, so that recorders
//! and proxies are lossless.
//!
//! The other direction works as well. Builders offer the common options; `with_params` sets any
//! parameter of the protocol, [`Client`](crate::Client) has the methods without a builder, and
//! [`Client::request_raw`](crate::Client::request_raw) sends methods that are unknown to this
//! version:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let harness = codex_testing::AppServerHarness::start()?;
//! # let codex = harness.codex().await?;
//! use serde_json::json;
//!
//! let answer = codex
//!     .client()
//!     .request_raw("thread/loaded/list", &json!({}))
//!     .await?;
//! assert_eq!(answer.get(), r#"{"data":[],"nextCursor":null}"#);
//! # Ok(())
//! # }
//! ```
//!
//! # The experimental API
//!
//! Experimental methods have models like all others. Without `experimental_api(true)` a client
//! rejects them ([`Error::ExperimentalRequired`](crate::Error::ExperimentalRequired)), as the
//! runtime would; experimental parts of the runtime's own messages are received in any case, and
//! can be decoded.
