//! Structured output: responses as Rust types.
//!
//! With the feature `schemars`, [`Thread::run_as`](crate::Thread::run_as) sends the JSON Schema of
//! a type with the turn and decodes the final response as that type. Doc comments become
//! descriptions that the model reads:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant(r#"{"ready": false, "open": ["Update the changelog."]}"#));
//! # let codex = harness.codex().await?;
//! # let thread = codex.thread_start().await?;
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//!
//! /// Whether a release can be made.
//! #[derive(Deserialize, JsonSchema)]
//! struct Verdict {
//!     /// True when nothing is left to do.
//!     ready: bool,
//!     /// Steps to take before the release, most important first.
//!     open: Vec<String>,
//! }
//!
//! let verdict = thread.run_as::<Verdict>("Can this be released?").await?;
//! assert!(!verdict.ready);
//! assert_eq!(verdict.open, ["Update the changelog."]);
//! # Ok(())
//! # }
//! ```
//!
//! The schema is made strict before it is sent: every property is required, and no other is
//! allowed. Use `Option<T>` for values that may be missing (the model then writes `null`).
//! The type must be an object; a list is put into a field. This is checked before anything is sent.
//!
//! A response that does not fit is [`Error::Output`](crate::Error::Output): it contains the text
//! of the response and the path of the first problem. The turn itself has succeeded and was paid
//! for; asking again in the same thread is usually enough.
//!
//! `thread.run_as::<Verdict>(..).with_result()` returns the [`TurnResult`](crate::TurnResult) beside
//! the value, for its usage and its items.
//!
//! Without the feature, `output_schema` of [`Thread::run`](crate::Thread::run) takes a schema as
//! JSON, and the response is text.
