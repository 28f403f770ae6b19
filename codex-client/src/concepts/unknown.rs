//! The unknown: what a runtime says that this version does not know.
//!
//! The models are those of one runtime ([`RUNTIME_VERSION`](crate::types::RUNTIME_VERSION)), and
//! runtimes change every few days. A newer one must not break a program that does not care about
//! what is new:
//!
//! | the runtime sends | the program sees |
//! |---|---|
//! | a field that is not known | the message, with the field in `extra()` |
//! | a value of an enum that is not known | `Unrecognized("…")`; `as_str()` works for all |
//! | a variant of a union that is not known | `Unrecognized`, with its tag and its JSON |
//! | a notification that is not known | an event with `ServerNotification::Unrecognized`; its turn still sees it |
//! | a notification that cannot be read | the same, and [`Event::decode_error`](crate::Event::decode_error) |
//! | a request that is not known | the handler's `unrecognized`, which refuses it unless it is implemented |
//! | an answer that cannot be read | [`Error::Decode`](crate::Error::Decode) for this call, with the answer as it came |
//! | something that is no message | [`Error::Protocol`](crate::Error::Protocol) in [`Codex::events`](crate::Codex::events) |
//!
//! None of it ends a connection or a turn. Whatever was kept is written again as it came, so that
//! recorders and proxies lose nothing.
//!
//! The other direction works as well. Builders offer what a program needs every day; the parameters
//! as the protocol has them are reached with `with_params`, methods that have no builder on
//! [`Client`](crate::Client), and methods that this version does not know with
//! [`Client::request_raw`](crate::Client::request_raw):
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
//! Methods that the runtime calls experimental have models like all others. Without
//! `experimental_api(true)` a client refuses to send them
//! ([`Error::ExperimentalRequired`](crate::Error::ExperimentalRequired)), as the runtime would; what
//! is experimental in the runtime's own messages comes in any case, and can be read.
