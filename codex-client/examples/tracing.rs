//! One trace from a caller to the model, and a span with the cost of each turn.
//!
//! `cargo run -p codex-client --example tracing`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::{Codex, CodexBuilder, Error, TraceContext};
use codex_testing::Reply;
use tracing_subscriber::fmt::format::FmtSpan;

/// Handles a request that came with this trace, as the header `traceparent` has it.
async fn handle(builder: CodexBuilder, trace: TraceContext) -> Result<(), Error> {
    let codex = builder.build().await?;
    let thread = codex.thread_start().await?;
    let result = thread.run("What is in this folder?").trace(trace).await?;
    println!("{}", result.final_response.unwrap_or_default());
    codex.close().await;
    Ok(())
}

/// The runtime continues a trace if it is told where its own spans go.
const EXPORTER: &str = r#"otel.trace_exporter = { "otlp-http" = { endpoint = "http://127.0.0.1:9/v1/traces", protocol = "json" } }"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Prints each turn at its end, with the model and the tokens.
    tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(std::io::stdout)
        .init();
    let stage = support::Stage::new([Reply::assistant("It is a Rust workspace.")])?;
    stage.log_in_once().await?;
    let launch = stage.launch().config(EXPORTER);
    let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    handle(Codex::builder().launch(launch), header.parse()?).await?;
    for request in stage
        .mock()
        .iter()
        .flat_map(|mock| mock.responses().requests())
    {
        let trace = request.header("traceparent").unwrap_or("none");
        println!("the model received the trace {trace}");
    }
    Ok(())
}
