//! The reviewers of commands.

use std::sync::{Arc, Mutex};

use codex_client::types::{CommandExecutionApprovalDecision, CommandExecutionStatus, ThreadItem};
use codex_client::{ApprovalMode, Handlers, TurnResult, blocking};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use crate::support::{blocking_codex, builder, codex, harness_with};

/// A model that requests a command outside the sandbox.
fn wanting() -> AppServerHarness {
    let arguments = json!({
        "cmd": "echo made it",
        "sandbox_permissions": "require_escalated",
        "justification": "because",
    });
    harness_with([
        Reply::new().function_call("call-1", "exec_command", arguments),
        Reply::assistant("done"),
    ])
}

fn status(result: &TurnResult) -> CommandExecutionStatus {
    let command = |item: &ThreadItem| match item {
        ThreadItem::CommandExecution(command) => Some(command.status.clone()),
        _ => None,
    };
    result.items.iter().find_map(command).expect("a command")
}

#[tokio::test]
async fn a_handler_decides_when_it_is_asked() {
    for (decision, expected) in [
        (
            CommandExecutionApprovalDecision::Accept,
            CommandExecutionStatus::Completed,
        ),
        (
            CommandExecutionApprovalDecision::Decline,
            CommandExecutionStatus::Declined,
        ),
    ] {
        let harness = wanting();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&asked), decision.clone());
        let handlers = Handlers::new().on_command(move |params, _| {
            seen.lock()
                .unwrap()
                .push(params.command.clone().unwrap_or_default());
            let answer = answer.clone();
            async move { Ok(answer) }
        });
        let codex = builder(&harness).handler(handlers).build().await.unwrap();
        let thread = codex.thread_start().approval_mode(ApprovalMode::AskClient);
        let result = thread.await.unwrap().run("go").await.unwrap();
        assert_eq!(status(&result), expected);
        let asked = asked.lock().unwrap();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].contains("echo made it"), "{asked:?}");
    }
}

#[tokio::test]
async fn without_a_handler_nothing_is_approved() {
    let harness = wanting();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().approval_mode(ApprovalMode::AskClient);
    let result = thread.await.unwrap().run("go").await.unwrap();
    assert_eq!(status(&result), CommandExecutionStatus::Declined);
}

#[test]
fn without_a_blocking_handler_nothing_is_approved() {
    let harness = wanting();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().approval_mode(ApprovalMode::AskClient);
    let result = thread.call().unwrap().run("go").call().unwrap();
    assert_eq!(status(&result), CommandExecutionStatus::Declined);
}

#[test]
fn a_blocking_handler_decides_when_it_is_asked() {
    let harness = wanting();
    let accept = |_, _: &blocking::RequestContext| Ok(CommandExecutionApprovalDecision::Accept);
    let codex = blocking::Codex::builder()
        .launch(harness.launch())
        .handler(blocking::Handlers::new().on_command(accept))
        .build()
        .unwrap();
    let thread = codex.thread_start().approval_mode(ApprovalMode::AskClient);
    let result = thread.call().unwrap().run("go").call().unwrap();
    assert_eq!(status(&result), CommandExecutionStatus::Completed);
}
