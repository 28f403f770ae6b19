//! Images in the input.
//!
//! `cargo run -p codex-client --example images`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::{Codex, Error, Input};
use codex_testing::Reply;

async fn look(codex: &Codex) -> Result<(), Error> {
    let thread = codex.thread_start().await?;
    // `and_local_image` takes the path of a file instead.
    let input = Input::text("What do you see?").and_image("image/png", PICTURE);
    let result = thread.run(input).await?;
    println!("{}", result.final_response.unwrap_or_default());
    Ok(())
}

/// A red dot.
const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0, 5, 0, 1, 0xff, 0x89, 0x99, 0x3d, 0x1d, 0, 0,
    0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([Reply::assistant("A single red dot.")])?;
    let codex = stage.codex().await?; // instead of `Codex::builder().build().await?`
    look(&codex).await?;
    codex.close().await;
    Ok(())
}
