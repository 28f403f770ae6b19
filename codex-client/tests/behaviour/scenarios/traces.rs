//! One trace from the caller to the model, and the span of a turn.

use codex_client::{CallOptions, TraceContext};
use codex_testing::events::Usage;
use codex_testing::{AppServerHarness, Reply};
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde_json::json;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;

use super::World;
use crate::log::Log;
use crate::support::harness_with;

const IDS: [&str; 3] = [
    "0af7651916cd43dd8448eb211c80319c",
    "1bf7651916cd43dd8448eb211c80319d",
    "2cf7651916cd43dd8448eb211c80319e",
];

/// The runtime continues traces if it has somewhere to send its own spans, even if no one listens there.
const TRACING: &str = r#"[otel]
trace_exporter = { "otlp-http" = { endpoint = "http://127.0.0.1:9/v1/traces", protocol = "json" } }"#;

fn trace(id: &str) -> TraceContext {
    let trace: TraceContext = format!("00-{id}-b7ad6b7169203331-01").parse().unwrap();
    trace.with_state("vendor=x1,other=y").unwrap()
}

/// The trace of a request to the model, by its number.
fn received(harness: &AppServerHarness, number: usize) -> Option<String> {
    let requests = harness.responses().requests();
    let parent = requests[number].header("traceparent")?;
    assert_ne!(
        parent.split('-').nth(2),
        Some("b7ad6b7169203331"),
        "a span of the runtime"
    );
    Some(parent.split('-').nth(1).unwrap().to_owned())
}

#[test]
fn the_trace_of_the_caller_reaches_the_model() {
    let replies = ["one", "two", "three", "four"].map(Reply::assistant);
    let harness = AppServerHarness::builder().config(TRACING);
    let harness = harness.start().unwrap();
    harness.responses().enqueue_all(replies);
    let world = World::start(harness, |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run("go").trace(trace(IDS[0]))).unwrap();
    let mut turn = call!(thread.turn("go").trace(trace(IDS[1]))).unwrap();
    wait!(turn.run()).unwrap();
    let mut options = CallOptions::default();
    options.trace = Some(trace(IDS[2]));
    let traced = world
        .codex
        .with_options(options)
        .thread(thread.id().clone());
    call!(traced.run("go")).unwrap();
    call!(thread.run("go")).unwrap();
    for (number, id) in IDS.iter().enumerate() {
        assert_eq!(received(&world.harness, number).as_deref(), Some(*id));
        let requests = world.harness.responses().requests();
        assert_eq!(
            requests[number].header("tracestate"),
            Some("vendor=x1,other=y")
        );
    }
    let last = received(&world.harness, 3);
    assert!(IDS.iter().all(|id| last.as_deref() != Some(id)), "{last:?}");
}

#[test]
fn the_trace_of_the_current_span_reaches_the_model() {
    let harness = AppServerHarness::builder().config(TRACING);
    let harness = harness.start().unwrap();
    harness.responses().enqueue(Reply::assistant("one"));
    let world = World::start(harness, |builder| builder);
    let provider = SdkTracerProvider::builder().build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let trace_id = tracing::subscriber::with_default(subscriber, || {
        let caller = tracing::info_span!("caller");
        let _entered = caller.enter();
        let thread = call!(world.codex.thread_start()).unwrap();
        call!(thread.run("go")).unwrap();
        let context = tracing::Span::current().context();
        let span = context.span();
        span.span_context().trace_id().to_string()
    });
    assert_eq!(received(&world.harness, 0), Some(trace_id));
}

#[test]
fn the_span_of_a_turn_has_its_model_and_its_tokens() {
    let replies = [
        Reply::assistant("one").usage(Usage::new(120, 30)),
        Reply::assistant("two").usage(Usage::new(7, 5)),
        Reply::http_error(400, json!({ "error": { "message": "no" } })),
    ];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(log.clone())
        .finish();
    let turns = tracing::subscriber::with_default(subscriber, || {
        call!(thread.run("go")).unwrap();
        let mut turn = call!(thread.turn("go")).unwrap();
        wait!(turn.run()).unwrap();
        let failed = call!(thread.run("go").model("gpt-5.5"));
        assert!(failed.is_err());
        turn.id().clone()
    });
    let log = log.text();
    let closed: Vec<&str> = log.lines().filter(|line| line.contains("close")).collect();
    let [run, turn, failed] = &closed[..] else {
        panic!("{log}");
    };
    let model = &thread.settings().unwrap().model;
    for (line, parts) in [
        (run, ["input_tokens=120", "output_tokens=30"]),
        (turn, ["input_tokens=7", "output_tokens=5"]),
    ] {
        for part in parts {
            assert!(line.contains(&format!("gen_ai.usage.{part}")), "{line}");
        }
        assert!(
            line.contains("gen_ai.operation.name=\"invoke_agent\""),
            "{line}"
        );
        assert!(
            line.contains(&format!("gen_ai.request.model=\"{model}\"")),
            "{line}"
        );
        assert!(
            line.contains(&format!("gen_ai.conversation.id=\"{}\"", thread.id())),
            "{line}"
        );
        assert!(!line.contains("error.type"), "{line}");
    }
    assert!(turn.contains(&format!("turn=\"{turns}\"")), "{turn}");
    assert!(
        failed.contains("gen_ai.request.model=\"gpt-5.5\""),
        "{failed}"
    );
    assert!(failed.contains("error.type=\"failed\""), "{failed}");
}
