//! The blocking API, and streamed text.
//!
//! `cargo run -p codex-client --example blocking`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::io::{self, Write as _};

use codex_client::blocking::Codex;
use codex_client::{Error, Sandbox};
use codex_testing::Reply;

fn describe(codex: &Codex) -> Result<(), Error> {
    let thread = codex.thread_start().sandbox(Sandbox::ReadOnly).call()?;
    let mut turn = thread
        .turn("Describe this project in one sentence.")
        .call()?;
    for text in turn.text_deltas() {
        print!("{}", text?);
        let _ = io::stdout().flush();
    }
    println!();

    // The events that were read are part of the result.
    let result = turn.run()?;
    let milliseconds = result.duration_ms.unwrap_or_default();
    println!("({} items in {milliseconds} ms)", result.items.len());
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([Reply::streaming(["It is ", "a Rust ", "workspace."])])?;
    let codex = stage.blocking_codex()?; // instead of `Codex::builder().build()?`
    describe(&codex)?;
    codex.close();
    Ok(())
}
