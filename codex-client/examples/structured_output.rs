//! A response of a Rust type; needs the feature `schemars`.
//!
//! `cargo run -p codex-client --example structured_output`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::{Codex, Error};
use codex_testing::Reply;
use schemars::JsonSchema;
use serde::Deserialize;

/// The response of the model, which reads these comments as descriptions.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "shown by its Debug")]
struct Verdict {
    /// True when the code is ready to be released.
    ready: bool,
    /// Steps to take before the release.
    todo: Vec<String>,
}

async fn review(codex: &Codex) -> Result<(), Error> {
    let thread = codex.thread_start().await?;
    let verdict = thread
        .run_as::<Verdict>("Is this ready to be released?")
        .await?;
    println!("{verdict:#?}");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let response = r#"{"ready": false, "todo": ["write a changelog"]}"#;
    let stage = support::Stage::new([Reply::assistant(response)])?;
    let codex = stage.codex().await?; // instead of `Codex::builder().build().await?`
    review(&codex).await?;
    codex.close().await;
    Ok(())
}
