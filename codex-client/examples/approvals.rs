//! Deciding about commands that leave the sandbox.
//!
//! `cargo run -p codex-client --example approvals`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::types::CommandExecutionApprovalDecision::{Accept, Decline};
use codex_client::{ApprovalMode, Codex, CodexBuilder, Error, Handlers};
use codex_testing::Reply;
use serde_json::json;

/// Compares the whole command, the shell included: one that only contains `date` could do anything.
fn is_allowed(command: &str) -> bool {
    matches!(
        command,
        "/bin/bash -lc date" | "/usr/bin/bash -lc date" | "/bin/sh -lc date" | "/bin/zsh -lc date"
    )
}

/// Each request runs on a task of its own: asking a person is fine here.
fn handlers() -> Handlers {
    Handlers::new().on_command(|request, _context| async move {
        let command = request.command.unwrap_or_default();
        let allowed = is_allowed(&command);
        println!("{command}: {}", if allowed { "yes" } else { "no" });
        Ok(if allowed { Accept } else { Decline })
    })
}

async fn ask_for_the_date(builder: CodexBuilder) -> Result<(), Error> {
    let codex = builder.handler(handlers()).build().await?;
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
    stage.log_in_once().await?;
    ask_for_the_date(Codex::builder().launch(stage.launch())).await?;
    Ok(())
}
