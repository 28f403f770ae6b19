//! The same without an async runtime: every builder has `call`.
//!
//! `cargo run --example blocking`: with `OPENAI_API_KEY` in the environment it
//! talks to the real model, without it to a mock that has its lines written down.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::io::Write as _;

use codex_client::Sandbox;
use codex_testing::Reply;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([Reply::streaming(["It is ", "a Rust ", "workspace."])])?;
    let codex = stage.blocking_codex()?;

    let thread = codex.thread_start().sandbox(Sandbox::ReadOnly).call()?;
    let mut turn = thread
        .turn("Describe this project in one sentence.")
        .call()?;
    for text in turn.text_deltas() {
        print!("{}", text?);
        std::io::stdout().flush()?;
    }
    println!();

    // What was streamed is part of the result.
    let result = turn.run()?;
    let milliseconds = result.duration_ms.unwrap_or_default();
    println!("({} items in {milliseconds} ms)", result.items.len());
    codex.close();
    Ok(())
}
