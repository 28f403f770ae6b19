//! An unattended turn: it is run again while the model is overloaded, has its limits, and
//! its cost includes its sub-agents.
//!
//! `cargo run -p codex-client --example unattended`: a mock model follows the script at the end, or
//! the real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::time::Duration;

use codex_client::{Cancellation, Codex, Error, Retry};
use codex_testing::{AppServerHarness, Reply, events};
use serde_json::{Value, json};

async fn nightly(codex: &Codex, stop: &Cancellation) -> Result<(), Error> {
    let thread = codex.thread_start().await?;
    let pauses = Retry::on_overload(5).backoff(Duration::from_millis(200), Duration::from_secs(60));
    let run = thread
        .run("Let an agent count the files, and report its number.")
        // Again only if nothing has happened yet. A stop ends a pause as well.
        .retry(pauses)
        .cancellation(stop)
        // The work of a sub-agent counts as work of the turn.
        .idle_limit(Duration::from_secs(120))
        .deadline(Duration::from_secs(3600))
        .await;
    match run {
        Ok(result) => {
            println!("{}", result.final_response.unwrap_or_default());
            if let (Some(all), Some(own)) = (result.usage, result.own_usage) {
                let agents = all.total_tokens - own.total_tokens;
                println!("{} tokens, {agents} of them by agents", all.total_tokens);
            }
            Ok(())
        }
        Err(Error::TurnFailed(failed)) if failed.is_retryable() => {
            println!("still overloaded: {failed}");
            Ok(())
        }
        Err(Error::TurnTimedOut(late)) => {
            println!("{late}: {} items", late.result.items.len());
            Ok(())
        }
        Err(error) => Err(error),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([])?;
    if let Some(mock) = stage.mock() {
        script(mock);
    }
    let codex = stage.codex().await?;
    let stop = Cancellation::new();
    let on_signal = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            on_signal.cancel();
        }
    });
    nightly(&codex, &stop).await?;
    codex.close().await;
    Ok(())
}

/// The mock is overloaded at first; then the model calls an agent, and waits for it.
fn script(mock: &AppServerHarness) {
    let mut requests = 0;
    mock.responses().respond_with(move |request| {
        requests += 1;
        let call = |id: &str, tool: &str, arguments: Value| {
            let namespace = "multi_agent_v1";
            let call = events::namespaced_function_call(id, namespace, tool, &arguments);
            Reply::new().event(call).usage(events::Usage::new(100, 20))
        };
        let spawned = request.tool_output("spawn").and_then(Value::as_str);
        let spawned = spawned.and_then(|text| serde_json::from_str::<Value>(text).ok());
        Some(match spawned {
            _ if requests == 1 => Reply::failed("server_is_overloaded", "busy"),
            _ if request.message_texts("user").contains(&"Count.") => {
                Reply::assistant("Seven.").usage(events::Usage::new(1000, 50))
            }
            _ if request.tool_output("wait").is_some() => {
                Reply::assistant("There are seven files.")
            }
            Some(agent) => call(
                "wait",
                "wait_agent",
                json!({ "targets": [agent["agent_id"]] }),
            ),
            None => call("spawn", "spawn_agent", json!({ "message": "Count." })),
        })
    });
}
