//! Concurrent threads of one runtime.
//!
//! `cargo run -p codex-client --example many_threads`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::Codex;
use codex_testing::Reply;
use tokio::task::JoinSet;

async fn compare(codex: &Codex) -> Result<(), Box<dyn std::error::Error>> {
    let mut turns = JoinSet::new();
    for language in ["Rust", "Python", "Haskell", "Erlang", "Zig"] {
        let codex = codex.clone();
        turns.spawn(async move {
            let thread = codex.thread_start().ephemeral(true).await?;
            let prompt = format!("In one sentence: what is {language} good at?");
            thread.run(prompt).await
        });
    }
    // In the order of completion.
    while let Some(result) = turns.join_next().await {
        println!("{}", result??.final_response.unwrap_or_default());
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([])?;
    if let Some(mock) = stage.mock() {
        mock.responses().respond_with(|request| {
            let question = request.last_user_text()?;
            Some(Reply::assistant(format!("An answer to: {question}")))
        });
    }
    let codex = stage.codex().await?; // instead of `Codex::builder().build().await?`
    compare(&codex).await?;
    codex.close().await;
    Ok(())
}
