//! The same without an async runtime: every builder has `call`.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::io::Write as _;

use codex_client::Sandbox;
use codex_client::testing::Reply;

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
    println!("{} items, {:?} ms", result.items.len(), result.duration_ms);
    codex.close();
    Ok(())
}
