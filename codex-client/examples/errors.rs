//! Deadlines, retries, and the errors worth distinguishing.
//!
//! `cargo run -p codex-client --example errors`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::time::Duration;

use codex_client::{Codex, CodexBuilder, Error, Retry, Thread, TurnResult};
use codex_testing::Reply;
use serde_json::json;

async fn talk(builder: CodexBuilder) -> Result<(), Error> {
    let codex = builder
        // The limit of each request...
        .request_deadline(Duration::from_secs(20))
        // ...and of retries while the runtime is overloaded.
        .retry(Retry::on_overload(3))
        .build()
        .await?;
    let thread = codex.thread_start().await?;

    match run_with_patience(&thread, "Are you there?").await {
        Ok(result) => println!("{}", result.final_response.unwrap_or_default()),
        // A failed turn contains its result so far.
        Err(Error::TurnFailed(failed)) => println!("{failed}: {:?}", failed.info()),
        Err(Error::TurnTimedOut(late)) => println!("{} items until then", late.result.items.len()),
        Err(error) if error.is_closed() => println!("the runtime has ended: {error}"),
        Err(error) => return Err(error),
    }

    // An error response of the server.
    if let Err(error) = codex.thread_resume("no-such-thread").await {
        println!("{error}");
    }
    codex.close().await;
    Ok(())
}

/// Repeats a turn that failed before it had an effect.
async fn run_with_patience(thread: &Thread, prompt: &str) -> Result<TurnResult, Error> {
    let mut pause = Duration::from_millis(200);
    for _ in 0..3 {
        let turn = thread.run(prompt).deadline(Duration::from_secs(5 * 60));
        match turn.await {
            Err(error) if error.is_retryable() => println!("trying again: {error}"),
            outcome => return outcome,
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    thread.run(prompt).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let overloaded = json!({"error": {"code": "server_is_overloaded", "message": "busy"}});
    let stage = support::Stage::new([
        Reply::http_error(503, overloaded),
        Reply::assistant("Here I am again."),
    ])?;
    stage.log_in_once().await?;
    talk(Codex::builder().launch(stage.launch())).await?;
    Ok(())
}
