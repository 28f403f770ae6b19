//! Overrides of one turn or one thread: their effect, and their lifetime.

use codex_client::types::{ApprovalsReviewer, AskForApproval};
use codex_client::{ApprovalMode, Error, Sandbox};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use crate::support::{codex, harness, harness_with};

#[tokio::test]
async fn overrides_reach_the_model() {
    let harness = harness_with([Reply::assistant("{}")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let schema =
        json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false});
    let run = thread
        .run("hello")
        .model("gpt-5.5")
        .effort("high")
        .summary("detailed")
        .output_schema(schema.clone());
    run.await.unwrap();
    let request = harness.responses().single_request().body_json().clone();
    assert_eq!(request["model"], "gpt-5.5");
    assert_eq!(request["reasoning"]["effort"], "high");
    assert_eq!(request["reasoning"]["summary"], "detailed");
    assert_eq!(request["text"]["format"]["schema"], schema);
    assert_eq!(request["text"]["format"]["strict"], true);
}

#[tokio::test]
async fn a_preset_of_a_turn_keeps_what_is_configured() {
    let config = "[sandbox_workspace_write]\nnetwork_access = true\nwritable_roots = [\"/opt\"]";
    let harness = AppServerHarness::builder().config(config).start().unwrap();
    harness.responses().enqueue(Reply::assistant("done"));
    let codex = codex(&harness).await;
    let thread = codex
        .thread_start()
        .sandbox(Sandbox::ReadOnly)
        .await
        .unwrap();
    assert_eq!(thread.settings().unwrap().sandbox.tag(), "readOnly");
    let run = thread.run("hello").sandbox(Sandbox::WorkspaceWrite);
    run.await.unwrap();
    let now = codex.thread_resume(thread.id()).await.unwrap();
    let sandbox = serde_json::to_value(&now.settings().unwrap().sandbox).unwrap();
    assert_eq!(sandbox["type"], "workspaceWrite");
    assert_eq!(sandbox["networkAccess"], true, "{sandbox}");
    assert_eq!(sandbox["writableRoots"], json!(["/opt"]));
}

#[tokio::test]
async fn a_thread_can_be_given_a_whole_policy() {
    use codex_client::types::WorkspaceWriteSandboxPolicy;
    let harness = harness();
    let codex = codex(&harness).await;
    let policy = WorkspaceWriteSandboxPolicy::new()
        .network_access(true)
        .exclude_slash_tmp(true);
    let thread = codex.thread_start().sandbox(Sandbox::Policy(policy.into()));
    let thread = thread.await.unwrap();
    let sandbox = serde_json::to_value(&thread.settings().unwrap().sandbox).unwrap();
    assert_eq!(sandbox["networkAccess"], true);
    assert_eq!(sandbox["excludeSlashTmp"], true);
    assert_eq!(sandbox["excludeTmpdirEnvVar"], false);
}

#[tokio::test]
async fn approval_modes_are_stored_until_the_next_override() {
    let harness = harness_with((0..3).map(|_| Reply::assistant("done")));
    let codex = codex(&harness).await;
    let stored = async |id| {
        let thread = codex.thread_resume(id).await.unwrap();
        let settings = thread.settings().unwrap();
        (
            settings.approval_policy.clone(),
            settings.approvals_reviewer.clone(),
        )
    };
    let thread = codex.thread_start().await.unwrap();
    thread.run("one").await.unwrap();
    let expected = (AskForApproval::OnRequest, ApprovalsReviewer::AutoReview);
    assert_eq!(stored(thread.id()).await, expected, "the default");
    thread
        .run("two")
        .approval_mode(ApprovalMode::DenyAll)
        .await
        .unwrap();
    thread.run("three").await.unwrap();
    let (policy, _) = stored(thread.id()).await;
    assert_eq!(policy, AskForApproval::Never, "it stays");

    let inherited = codex.thread_start().approval_mode(ApprovalMode::Inherit);
    let inherited = inherited.await.unwrap();
    let settings = inherited.settings().unwrap();
    assert_eq!(
        settings.approval_policy,
        AskForApproval::Never,
        "as configured"
    );
    let fork = codex.thread_fork(thread.id()).await.unwrap();
    let settings = fork.settings().unwrap();
    assert_eq!(settings.approval_policy, AskForApproval::Never);
}

#[tokio::test]
async fn invalid_arguments_fail_before_anything_is_sent() {
    let harness = harness();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let nameless = codex_client::ExternalMessage::new("", "hi");
    let error = thread.run(nameless).await.unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
    let external = codex_client::types::ExternalSandboxSandboxPolicy::new();
    let error = codex
        .thread_start()
        .sandbox(Sandbox::Policy(external.into()))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("is only supported for turns"),
        "{error}"
    );
    assert!(harness.responses().requests().is_empty());
}
