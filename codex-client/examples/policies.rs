//! Rules that decide about approvals first, a person about the rest, and the records of both.
//!
//! `cargo run -p codex-client --example policies`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::{ApprovalPolicy, Approve, Codex, CodexBuilder, Decision, Error, Handlers};
use codex_testing::Reply;
use serde_json::json;

fn policy() -> ApprovalPolicy {
    Approve::command(["date"])
        .or(Approve::command(["git", "status"]))
        .named("harmless commands")
        .else_ask()
        .decline(Approve::command(["git", "push"]))
}

/// What the rules leave; here a person would be asked.
fn handlers() -> Handlers {
    Handlers::new().on_approval(|request, _context| async move {
        println!("asked: {}", request.reason().unwrap_or("no reason"));
        Ok(Decision::Decline)
    })
}

async fn work(builder: CodexBuilder) -> Result<(), Error> {
    println!("{}", policy());
    let builder = builder.approvals(policy()).handler(handlers());
    let codex = builder.build().await?;
    let mut records = codex.approval_records()?;
    let thread = codex.thread_start().await?;
    let result = thread.run("What day is it?").await?;
    println!("{}", result.final_response.unwrap_or_default());
    codex.close().await;
    while let Some(record) = records.next().await.transpose()? {
        let decision = record.decision.map_or("nothing", Decision::as_str);
        let reason = record.reason.as_deref().unwrap_or("no reason");
        println!("{decision}, by {}: {reason}", record.decided_by);
    }
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
        call("call-1", "date", "to know the day"),
        call("call-2", "date; rm -r target", "to clean up as well"),
        Reply::assistant("It is Monday."),
    ])?;
    stage.log_in_once().await?;
    work(Codex::builder().launch(stage.launch())).await?;
    Ok(())
}
