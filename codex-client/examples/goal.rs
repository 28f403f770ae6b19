//! A goal that the thread works on by itself, turn after turn.
//!
//! `cargo run --example goal`: with `OPENAI_API_KEY` in the environment it
//! talks to the real model, without it to a mock that has its lines written down.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::Sandbox;
use codex_client::types::{ServerNotification, ThreadItem};
use codex_testing::Reply;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([
        Reply::assistant("I have looked around; more in the next turn."),
        Reply::new().function_call("call-1", "update_goal", json!({"status": "complete"})),
        Reply::new().final_answer("Everything is documented."),
    ])?;
    let codex = stage.codex().await?;
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
    codex.close().await;
    Ok(())
}
