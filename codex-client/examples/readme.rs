//! The program of the README, verbatim; a test compares them, and runs it with a mock model.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use codex_client::types::ServerNotification;
use codex_client::{Codex, Sandbox};

#[tokio::main]
async fn main() -> Result<(), codex_client::Error> {
    let codex = Codex::builder().build().await?; // finds the pinned runtime, starts it
    let thread = codex
        .thread_start()
        .sandbox(Sandbox::WorkspaceWrite)
        .await?;

    let result = thread.run("Describe this project.").await?;
    println!("{}", result.final_response.unwrap_or_default());

    let mut turn = thread.turn("Now fix the failing test.").await?;
    while let Some(event) = turn.next().await.transpose()? {
        if let ServerNotification::ItemAgentMessageDelta(delta) = event.notification() {
            print!("{}", delta.delta);
        }
    }
    codex.close().await;
    Ok(())
}
