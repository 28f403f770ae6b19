//! Tracing: one trace from the caller to the model, and what turns cost.
//!
//! The runtime continues the trace of a request in its own spans and in its requests to the model, if
//! its configuration names a place for its spans (`trace_exporter` in the table `otel`). The trace is
//! a W3C [`TraceContext`](crate::TraceContext), which a service receives in the header `traceparent`:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let configured = r#"otel.trace_exporter = { "otlp-http" = { endpoint = "http://127.0.0.1:9/v1/traces", protocol = "json" } }"#;
//! # let harness = AppServerHarness::builder().config(configured).start()?;
//! # harness.responses().enqueue(Reply::assistant("Fixed."));
//! # let thread = harness.codex().await?.thread_start().await?;
//! # let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
//! use codex_client::TraceContext;
//!
//! let trace: TraceContext = header.parse()?;
//! thread.run("Fix it.").trace(trace).await?;
//! # let requests = harness.responses().requests();
//! # let received = requests[0].header("traceparent").unwrap();
//! # assert!(received.contains("0af7651916cd43dd8448eb211c80319c"), "{received}");
//! # Ok(())
//! # }
//! ```
//!
//! - [`CallOptions::trace`](crate::CallOptions::trace) sets it for all requests of a handle, and of the
//!   handles that are made with it.
//! - With the feature `opentelemetry`, requests without a trace of their own take that of the current
//!   span, if the program passes its spans on with `tracing-opentelemetry`. Nothing has to be set.
//! - A text that is no trace context is an error when it is parsed: the runtime would never answer.
//!
//! # Spans of turns
//!
//! Each turn that this client starts has a `tracing` span `codex.turn` at the level `info`, which ends
//! with the turn, or with its stream. Its fields have the names of the semantic conventions of
//! OpenTelemetry for generative AI, which are still in development: `gen_ai.operation.name`
//! (`invoke_agent`), `gen_ai.provider.name`, `gen_ai.request.model`, `gen_ai.conversation.id` (the
//! thread), `gen_ai.usage.input_tokens`, `gen_ai.usage.output_tokens`, and `error.type` for a turn that
//! has not completed. Contents of messages are in no span. The example `tracing` prints one.
