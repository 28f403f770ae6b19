//! The trace of the current span, from `tracing-opentelemetry`.

use opentelemetry::trace::TraceContextExt as _;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::TraceContext;

/// The trace of the current span, if it has one.
pub(crate) fn current() -> Option<TraceContext> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() {
        return None;
    }
    let parent = format!(
        "00-{}-{}-{:02x}",
        span.trace_id(),
        span.span_id(),
        span.trace_flags()
    );
    let trace: TraceContext = parent.parse().ok()?;
    // The data of tracing systems is less important than the trace.
    let with_state = trace.clone().with_state(&span.trace_state().header());
    Some(with_state.unwrap_or(trace))
}
