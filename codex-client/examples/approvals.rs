//! Deciding about commands that the sandbox does not allow.
//!
//! `cargo run --example approvals`: with `OPENAI_API_KEY` in the environment it
//! talks to the real model, without it to a mock that has its lines written down.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::types::CommandExecutionApprovalDecision;
use codex_client::{ApprovalMode, Codex, Handlers};
use codex_testing::Reply;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let command = json!({
        "cmd": "date",
        "sandbox_permissions": "require_escalated",
        "justification": "to know what day it is",
    });
    let stage = support::Stage::new([
        Reply::new().function_call("call-1", "exec_command", command),
        Reply::assistant("Now I know."),
    ])?;

    // Each request is answered on a task of its own: asking a person is fine here.
    let handlers = Handlers::new().on_command(|request, _| async move {
        let command = request.command.unwrap_or_default();
        let harmless = command.contains("date");
        println!("{command}: {}", if harmless { "yes" } else { "no" });
        Ok(if harmless {
            CommandExecutionApprovalDecision::Accept
        } else {
            CommandExecutionApprovalDecision::Decline
        })
    });
    let codex = Codex::builder()
        .launch(stage.launch())
        .handler(handlers)
        .build()
        .await?;
    stage.log_in(&codex).await?;

    let thread = codex
        .thread_start()
        .approval_mode(ApprovalMode::AskClient)
        .await?;
    let result = thread
        .run("What day is it? Run `date` outside the sandbox.")
        .await?;
    println!("{}", result.final_response.unwrap_or_default());
    codex.close().await;
    Ok(())
}
