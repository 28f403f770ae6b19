//! Without a handler nothing is approved.

use codex_client::types::{
    CommandExecutionStatus, DynamicToolCallStatus, PatchApplyStatus, TurnStatus,
};
use codex_client::{ApprovalMode, Error};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use super::{Thread, World};
use crate::occasions::{self, Occasion};
use crate::support::{
    PATCHING_MODEL, TOKEN, adding, command, escalated, file_change, harness_with, patching, told,
};

/// A thread that sends approvals to its client.
fn asking(world: &World) -> Thread {
    let thread = world.codex.thread_start();
    call!(thread.approval_mode(ApprovalMode::AskClient)).unwrap()
}

#[test]
fn commands_are_declined() {
    let world = World::start(harness_with(escalated("touch proof")), |builder| builder);
    let thread = asking(&world);
    let result = call!(thread.run("go")).unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(
        command(&result.items).status,
        CommandExecutionStatus::Declined
    );
    assert!(!world.harness.workspace().join("proof").exists());
}

#[test]
fn changes_of_files_are_declined() {
    let harness = AppServerHarness::builder()
        .model(PATCHING_MODEL)
        .start()
        .unwrap();
    harness
        .responses()
        .enqueue_all(patching(&adding("new.txt", "one")));
    let world = World::start(harness, |builder| builder);
    let thread = asking(&world);
    let result = call!(thread.run("go")).unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(
        file_change(&result.items).status,
        PatchApplyStatus::Declined
    );
    assert!(!world.harness.workspace().join("new.txt").exists());
}

/// A thread that sends approvals to its client, which has no handler.
fn unattended(occasion: Occasion) -> (World, Thread) {
    let world = World::start(occasion.start(), |builder| builder.experimental_api(true));
    let thread = call!(
        world
            .codex
            .thread_start()
            .approval_mode(ApprovalMode::AskClient)
            .with_params(|params| params.dynamic_tools([occasions::lookup()]))
    );
    (world, thread.unwrap())
}

/// The final input of the model.
fn answer(world: &World) -> String {
    told(world.harness.responses().requests().last().unwrap())
}

#[test]
fn permissions_are_not_granted() {
    let (world, thread) = unattended(occasions::permissions());
    let result = call!(thread.run("go")).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("done"));
    let answer = answer(&world);
    assert!(!answer.contains("\"enabled\":true"), "{answer}");
}

#[test]
fn questions_to_the_user_are_not_answered() {
    let (world, thread) = unattended(occasions::user_input());
    let result = call!(thread.run("go").with_params(occasions::planning)).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("done"));
    let answer = answer(&world);
    assert!(!answer.contains("blue"), "{answer}");
}

#[test]
fn questions_of_a_tool_server_are_not_answered() {
    let (world, thread) = unattended(occasions::elicitation());
    let result = call!(thread.run("go")).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("done"));
    let answer = answer(&world);
    assert!(!answer.contains("red"), "{answer}");
}

#[test]
fn calls_of_offered_tools_fail() {
    let (_world, thread) = unattended(occasions::tool_call());
    let result = call!(thread.run("go")).unwrap();
    let status = occasions::call_status(&result.items);
    assert_eq!(status, DynamicToolCallStatus::Failed);
    assert_eq!(result.final_response.as_deref(), Some("done"));
}

#[test]
fn a_turn_that_needs_the_time_fails_at_once() {
    let (_world, thread) = unattended(occasions::current_time());
    let error = call!(thread.run("go")).unwrap_err();
    let Error::TurnFailed(failed) = error else {
        panic!("{error}")
    };
    let message = &failed.error.message;
    assert!(
        message.contains("does not handle currentTime/read"),
        "{message}"
    );
}

#[test]
fn tokens_that_expired_are_not_renewed_and_the_turn_fails() {
    let harness = AppServerHarness::builder().requires_openai_auth();
    let harness = harness.start().unwrap();
    let denied = json!({ "error": { "message": "expired", "code": "token_expired" } });
    harness.responses().enqueue(Reply::http_error(401, denied));
    let world = World::start(harness, |builder| builder.experimental_api(true));
    wait!(world.codex.login_chatgpt_tokens(TOKEN, "account-1")).unwrap();
    let thread = call!(world.codex.thread_start()).unwrap();
    let error = call!(thread.run("go")).unwrap_err();
    assert!(matches!(error, Error::TurnFailed(_)), "{error:?}");
    let tokens = world.harness.responses().requests();
    assert_eq!(tokens.len(), 1, "nobody has offered another one");
}
