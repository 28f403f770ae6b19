//! What can go wrong, and what to do about it.
//!
//! `cargo run --example errors`: with `OPENAI_API_KEY` in the environment it
//! talks to the real model, without it to a mock that has its lines written down.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::time::Duration;

use codex_client::{Codex, Error, Retry, Thread, TurnResult};
use codex_testing::Reply;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let overloaded = json!({"error": {"code": "server_is_overloaded", "message": "busy"}});
    let stage = support::Stage::new([
        Reply::http_error(503, overloaded),
        Reply::assistant("Here I am again."),
    ])?;
    let codex = Codex::builder()
        .launch(stage.launch())
        // No request takes longer...
        .deadline(Duration::from_secs(20))
        // ...and one that the runtime had no time for is sent again.
        .retry(Retry::on_overload(3))
        .build()
        .await?;
    stage.log_in(&codex).await?;
    let thread = codex.thread_start().await?;

    match run_with_patience(&thread, "Are you there?").await {
        Ok(result) => println!("{}", result.final_response.unwrap_or_default()),
        // A failed turn has everything in it that it had produced.
        Err(Error::TurnFailed(failed)) => println!("{failed}: {:?}", failed.info()),
        Err(Error::TurnTimedOut(late)) => println!("{} items until then", late.result.items.len()),
        Err(error) if error.is_closed() => println!("the runtime is gone: {error}"),
        Err(error) => return Err(error.into()),
    }

    // A request can be refused, and says why.
    if let Err(error) = codex.thread_resume("no-such-thread").await {
        println!("{error}");
    }
    codex.close().await;
    Ok(())
}

/// Runs a turn again that failed before it had done anything.
async fn run_with_patience(thread: &Thread, prompt: &str) -> Result<TurnResult, Error> {
    let mut pause = Duration::from_millis(200);
    for _ in 0..3 {
        match thread
            .run(prompt)
            .deadline(Duration::from_secs(5 * 60))
            .await
        {
            Err(error) if error.is_retryable() => println!("trying again: {error}"),
            answer => return answer,
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    thread.run(prompt).await
}
