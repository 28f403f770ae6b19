//! Nobody is there to answer: nothing is approved.

use codex_client::ApprovalMode;
use codex_client::testing::AppServerHarness;
use codex_client::types::{CommandExecutionStatus, PatchApplyStatus, TurnStatus};

use super::World;
use crate::support::{
    PATCHING_MODEL, adding, command, escalated, file_change, harness_with, patching,
};

#[test]
fn commands_are_declined() {
    let world = World::start(harness_with(escalated("touch proof")), |builder| builder);
    let thread = call!(
        world
            .codex
            .thread_start()
            .approval_mode(ApprovalMode::AskClient)
    )
    .unwrap();
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
    let thread = call!(
        world
            .codex
            .thread_start()
            .approval_mode(ApprovalMode::AskClient)
    )
    .unwrap();
    let result = call!(thread.run("go")).unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(
        file_change(&result.items).status,
        PatchApplyStatus::Declined
    );
    assert!(!world.harness.workspace().join("new.txt").exists());
}
