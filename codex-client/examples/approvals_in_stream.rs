//! Deciding about commands and changes of files in the loop that reads the turn.
//!
//! `cargo run -p codex-client --example approvals_in_stream`: a mock model follows the script at the
//! end, or the real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::types::ServerNotification;
use codex_client::{ApprovalRequest, ApprovalSubject, Codex, Decision, Error, Sandbox, TurnEvent};
use codex_testing::Reply;
use serde_json::json;

/// Shows what is to be done, and decides. Here a person would be asked.
fn decide(request: &ApprovalRequest) -> Decision {
    match request.subject() {
        ApprovalSubject::Command(command) => {
            let reason = request.reason().unwrap_or("without a reason");
            println!("{} ({reason})", command.line);
            // The whole script, never a part of it: `date; rm -rf ~` contains `date` as well.
            let argv = command.argv().unwrap_or_default();
            match argv.last().map(String::as_str) {
                Some("date") => Decision::Accept,
                _ => Decision::Decline,
            }
        }
        ApprovalSubject::FileChange(change) => {
            for change in change.changes.iter().flat_map(|changes| changes.iter()) {
                println!("{}\n{}", change.path, change.diff);
            }
            Decision::Decline
        }
        other => {
            println!("{other:?}");
            Decision::Decline
        }
    }
}

async fn clean_up(codex: &Codex) -> Result<(), Error> {
    let thread = codex.thread_start().sandbox(Sandbox::ReadOnly).await?;
    let mut turn = thread
        .turn("What day is it? And clean up.")
        .approvals_in_stream()
        .await?;
    while let Some(event) = turn.next().await.transpose()? {
        match event {
            TurnEvent::Approval(approval) => {
                let decision = decide(&approval);
                println!("{decision}");
                approval.decide(decision)?;
            }
            TurnEvent::Notification(event) => {
                if let ServerNotification::ItemAgentMessageDelta(delta) = event.notification() {
                    print!("{}", delta.delta);
                }
            }
            _ => {}
        }
    }
    println!();
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let call = |id: &str, command: &str, reason: &str| {
        let arguments = json!({
            "cmd": command, "sandbox_permissions": "require_escalated", "justification": reason,
        });
        Reply::new().function_call(id, "exec_command", arguments)
    };
    let stage = support::Stage::new([
        call("call-1", "date", "to know what day it is"),
        call("call-2", "rm -r target", "to clean up"),
        Reply::streaming(["It is Monday, ", "and I may not clean up."]),
    ])?;
    let codex = stage.codex().await?;
    clean_up(&codex).await?;
    codex.close().await;
    Ok(())
}
