//! A thread, a turn, an answer.
//!
//! `cargo run --example quickstart`: with `OPENAI_API_KEY` in the environment it
//! talks to the real model, without it to a mock that has its lines written down.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::Sandbox;
use codex_testing::Reply;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([Reply::assistant("It is a Rust workspace.")])?;
    let codex = stage.codex().await?;

    let thread = codex.thread_start().sandbox(Sandbox::ReadOnly).await?;
    let result = thread.run("Describe this project in one sentence.").await?;

    println!("{}", result.final_response.unwrap_or_default());
    if let Some(usage) = result.usage {
        println!("({} tokens)", usage.last.total_tokens);
    }
    codex.close().await;
    Ok(())
}
