//! Approval modes: the reviewer and the outcome for each mode, handler, sandbox and configuration.

use codex_client::{ApprovalMode, Sandbox};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use super::{World, deciding};
use crate::support::{Seen, escalated};

/// One cell of the table.
struct Cell {
    /// Unset where `None`.
    mode: Option<ApprovalMode>,
    /// The handler's decision about every command; no handler where `None`.
    handler: Option<bool>,
    /// The user's own configuration.
    configured: &'static str,
    is_asked: bool,
    runs: bool,
}

const NEVER: &str = r#"approval_policy = "never""#;
const ON_REQUEST: &str = r#"approval_policy = "on-request""#;

#[rustfmt::skip]
const TABLE: &[Cell] = &[
    // A handler that decides about approvals receives them, with any configuration.
    Cell { mode: None, handler: Some(true), configured: "", is_asked: true, runs: true },
    Cell { mode: None, handler: Some(false), configured: "", is_asked: true, runs: false },
    Cell { mode: None, handler: Some(true), configured: NEVER, is_asked: true, runs: true },
    Cell { mode: Some(ApprovalMode::AskClient), handler: Some(true), configured: NEVER, is_asked: true, runs: true },
    Cell { mode: Some(ApprovalMode::AskClient), handler: Some(false), configured: ON_REQUEST, is_asked: true, runs: false },
    // Without one, the client approves nothing.
    Cell { mode: Some(ApprovalMode::AskClient), handler: None, configured: ON_REQUEST, is_asked: false, runs: false },
    Cell { mode: Some(ApprovalMode::DenyAll), handler: Some(true), configured: ON_REQUEST, is_asked: false, runs: false },
    Cell { mode: Some(ApprovalMode::DenyAll), handler: None, configured: "", is_asked: false, runs: false },
    // The user's configuration is kept.
    Cell { mode: Some(ApprovalMode::Inherit), handler: Some(true), configured: NEVER, is_asked: false, runs: false },
    Cell { mode: Some(ApprovalMode::Inherit), handler: Some(true), configured: ON_REQUEST, is_asked: true, runs: true },
    Cell { mode: Some(ApprovalMode::Inherit), handler: None, configured: ON_REQUEST, is_asked: false, runs: false },
];

#[test]
fn every_mode_requests_and_runs_as_documented() {
    for cell in TABLE {
        for sandbox in [Sandbox::ReadOnly, Sandbox::WorkspaceWrite] {
            let shown = format!(
                "{:?}, handler {:?}, configured {:?}, {sandbox:?}",
                cell.mode, cell.handler, cell.configured
            );
            let (is_asked, runs) = outcome(cell, sandbox);
            assert_eq!(is_asked, cell.is_asked, "asked: {shown}");
            assert_eq!(runs, cell.runs, "runs: {shown}");
        }
    }
}

/// `true` if the client received a request, and `true` if the command ran.
fn outcome(cell: &Cell, sandbox: Sandbox) -> (bool, bool) {
    let harness = AppServerHarness::builder().config(cell.configured);
    let harness = harness.start().unwrap();
    harness.responses().enqueue_all(escalated("touch proof"));
    let asked = Seen::default();
    let world = World::start(harness, |builder| match cell.handler {
        Some(accepts) => builder.handler(deciding(accepts, &asked)),
        None => builder,
    });
    let mut thread = world.codex.thread_start().sandbox(sandbox);
    if let Some(mode) = cell.mode {
        thread = thread.approval_mode(mode);
    }
    let thread = call!(thread).unwrap();
    call!(thread.run("go")).unwrap();
    let runs = world.harness.workspace().join("proof").exists();
    (!asked.all().is_empty(), runs)
}

#[test]
fn reviewer_of_the_runtime_decides_without_a_handler() {
    for (outcome, runs) in [("allow", true), ("deny", false)] {
        let world = World::start(AppServerHarness::start().unwrap(), |builder| builder);
        let [call, done] = escalated("touch proof");
        world.harness.responses().respond_with(move |request| {
            let format = &request.body_json()["text"]["format"];
            let is_review = format["schema"]["properties"].get("outcome").is_some();
            Some(match request.tool_output("call") {
                _ if is_review => Reply::assistant(json!({ "outcome": outcome }).to_string()),
                Some(_) => done.clone(),
                None => call.clone(),
            })
        });
        let thread = call!(world.codex.thread_start()).unwrap();
        let result = call!(thread.run("go")).unwrap();
        assert_eq!(result.final_response.as_deref(), Some("done"));
        let exists = world.harness.workspace().join("proof").exists();
        assert_eq!(exists, runs, "{outcome}");
    }
}
