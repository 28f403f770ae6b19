//! Autonomous work of a thread, turn after turn.
//!
//! `cargo run -p codex-client --example goal`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::types::{ServerNotification, ThreadItem};
use codex_client::{Codex, Error, Sandbox};
use codex_testing::Reply;
use serde_json::json;

async fn document(codex: &Codex) -> Result<(), Error> {
    let thread = codex
        .thread_start()
        .sandbox(Sandbox::WorkspaceWrite)
        .await?;
    let mut goal = thread
        .goal("Document every public function.")
        .token_budget(200_000)
        .await?;
    while let Some(event) = goal.next().await {
        if let ServerNotification::ItemCompleted(completed) = event?.notification() {
            if let ThreadItem::AgentMessage(message) = &completed.item {
                println!("{}", message.text);
            }
        }
    }
    let result = goal.run().await?;
    let turns = result.turn_ids.len();
    let status = result.status().map_or("removed", |status| status.as_str());
    println!("({turns} turns: {status})");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([
        Reply::assistant("I have looked around; more in the next turn."),
        Reply::new().function_call("call-1", "update_goal", json!({"status": "complete"})),
        Reply::new().final_answer("Everything is documented."),
    ])?;
    let codex = stage.codex().await?; // instead of `Codex::builder().build().await?`
    document(&codex).await?;
    codex.close().await;
    Ok(())
}
