//! An answer of a type.
//!
//! `cargo run --example structured_output,schemars`: with `OPENAI_API_KEY` in the environment it
//! talks to the real model, without it to a mock that has its lines written down.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_testing::Reply;
use schemars::JsonSchema;
use serde::Deserialize;

/// What the model is asked for. The words of the documentation reach it, too.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by its Debug")]
struct Verdict {
    /// Whether the code is ready to be released.
    ready: bool,
    /// What has to be done first.
    todo: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let answer = r#"{"ready": false, "todo": ["write a changelog"]}"#;
    let stage = support::Stage::new([Reply::assistant(answer)])?;
    let codex = stage.codex().await?;
    let thread = codex.thread_start().await?;

    let verdict = thread
        .run_as::<Verdict>("Is this ready to be released?")
        .await?;
    println!("{verdict:#?}");
    codex.close().await;
    Ok(())
}
