//! A thread, a turn and its result.
//!
//! `cargo run -p codex-client --example quickstart`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::{Codex, Error, Sandbox};
use codex_testing::Reply;

async fn describe(codex: &Codex) -> Result<(), Error> {
    let thread = codex.thread_start().sandbox(Sandbox::ReadOnly).await?;
    let result = thread.run("Describe this project in one sentence.").await?;

    println!("{}", result.final_response.unwrap_or_default());
    if let Some(usage) = result.usage {
        println!("({} tokens)", usage.total_tokens);
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([Reply::assistant("It is a Rust workspace.")])?;
    let codex = stage.codex().await?; // instead of `Codex::builder().build().await?`
    describe(&codex).await?;
    codex.close().await;
    Ok(())
}
