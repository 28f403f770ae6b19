//! Many threads of one runtime at the same time.
//!
//! `cargo run --example many_threads`: with `OPENAI_API_KEY` in the environment it
//! talks to the real model, without it to a mock that has its lines written down.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_testing::Reply;
use tokio::task::JoinSet;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([])?;
    if let Some(mock) = stage.mock() {
        mock.responses().respond_with(|request| {
            let question = request.last_user_text()?;
            Some(Reply::assistant(format!("An answer to: {question}")))
        });
    }
    let codex = stage.codex().await?;

    let mut turns = JoinSet::new();
    for language in ["Rust", "Python", "Haskell", "Erlang", "Zig"] {
        let codex = codex.clone();
        turns.spawn(async move {
            let thread = codex.thread_start().ephemeral(true).await?;
            thread
                .run(format!("In one sentence: what is {language} good at?"))
                .await
        });
    }
    // In the order in which they end.
    while let Some(result) = turns.join_next().await {
        println!("{}", result??.final_response.unwrap_or_default());
    }
    codex.close().await;
    Ok(())
}
