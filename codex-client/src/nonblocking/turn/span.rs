//! The span of a turn, with the names of the semantic conventions of OpenTelemetry for generative AI.
//!
//! Independent of OpenTelemetry itself: a subscriber of `tracing` may pass spans on.

use codex_types::{TurnStartParams, TurnStatus};
use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::nonblocking::thread::Thread;
use crate::shared::result::TurnResult;

/// Creates the span of a turn that is about to start.
pub(super) fn new(thread: &Thread, params: &TurnStartParams) -> Span {
    let settings = thread.settings();
    let model = params.model.as_option().map(String::as_str);
    let model = model.or(settings.map(|settings| settings.model.as_str()));
    info_span!(
        "codex.turn",
        otel.name = "invoke_agent codex",
        otel.kind = "client",
        thread = thread.id().as_str(),
        turn = Empty,
        gen_ai.operation.name = "invoke_agent",
        gen_ai.agent.name = "codex",
        gen_ai.provider.name = settings.map(|settings| settings.model_provider.as_str()),
        gen_ai.request.model = model,
        gen_ai.conversation.id = thread.id().as_str(),
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.cache_read.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.reasoning.output_tokens = Empty,
        error.type = Empty,
    )
}

/// Records the outcome of the turn.
pub(super) fn end(span: &Span, result: &TurnResult) {
    if let Some(usage) = &result.usage {
        span.record("gen_ai.usage.input_tokens", usage.input_tokens);
        let cached = usage.cached_input_tokens;
        span.record("gen_ai.usage.cache_read.input_tokens", cached);
        span.record("gen_ai.usage.output_tokens", usage.output_tokens);
        let reasoning = usage.reasoning_output_tokens;
        span.record("gen_ai.usage.reasoning.output_tokens", reasoning);
    }
    if result.status != TurnStatus::Completed {
        span.record("error.type", result.status.as_str());
    }
}
