//! The effects of decisions about commands and changes of files.

use codex_client::types::{
    AcceptWithExecpolicyAmendmentCommandExecutionApprovalDecision as Amendment,
    CommandExecutionApprovalDecision as Decision, CommandExecutionRequestApprovalParams,
    CommandExecutionStatus, FileChangeApprovalDecision as FileDecision,
    FileChangeRequestApprovalParams, PatchApplyStatus, TurnStatus,
};
use codex_client::{ApprovalMode, Codex, Handlers, Sandbox, Thread};
use codex_testing::{AppServerHarness, Reply};

use crate::support::{
    PATCHING_MODEL, Seen, adding, builder, command, escalated, file_change, harness_with, patching,
    told,
};

/// A thread with a closure that decides about commands.
struct Commands {
    thread: Thread,
    asked: Seen<CommandExecutionRequestApprovalParams>,
    harness: AppServerHarness,
}

impl Commands {
    async fn start(
        replies: impl IntoIterator<Item = Reply>,
        decide: impl Fn(&CommandExecutionRequestApprovalParams) -> Decision
        + Clone
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let harness = harness_with(replies);
        let asked = Seen::default();
        let seen = asked.clone();
        let handlers = Handlers::new().on_command(move |params, _| {
            let decision = decide(&params);
            seen.push(params);
            async { Ok(decision) }
        });
        let codex = builder(&harness).handler(handlers).build().await.unwrap();
        let thread = asking(&codex).await;
        Self {
            thread,
            asked,
            harness,
        }
    }

    fn has(&self, file: &str) -> bool {
        self.harness.workspace().join(file).exists()
    }
}

async fn asking(codex: &Codex) -> Thread {
    codex
        .thread_start()
        .approval_mode(ApprovalMode::AskClient)
        .sandbox(Sandbox::ReadOnly)
        .await
        .unwrap()
}

#[tokio::test]
async fn command_approval_is_complete_and_accepted_command_runs() {
    let scene = Commands::start(escalated("touch proof"), |_| Decision::Accept).await;
    let result = scene.thread.run("go").await.unwrap();
    let [asked] = &scene.asked.all()[..] else {
        panic!("asked once")
    };
    assert_eq!(&asked.thread_id, scene.thread.id());
    assert_eq!(asked.turn_id, result.id);
    assert_eq!(asked.item_id, command(&result.items).id);
    assert!(asked.command.as_ref().unwrap().contains("touch proof"));
    assert_eq!(
        asked.cwd.as_ref().unwrap().as_str(),
        scene.harness.workspace().to_str().unwrap()
    );
    assert_eq!(asked.reason.as_deref(), Some("it has to be"));
    let amendment = vec!["touch".to_owned(), "proof".to_owned()];
    assert_eq!(asked.proposed_execpolicy_amendment, Some(amendment.clone()));
    let available = asked.available_decisions.as_ref().unwrap();
    let amended = Decision::from(Amendment::new(amendment));
    assert_eq!(available, &[Decision::Accept, amended, Decision::Cancel]);
    assert_eq!(
        command(&result.items).status,
        CommandExecutionStatus::Completed
    );
    assert_eq!(command(&result.items).exit_code, Some(0));
    assert!(scene.has("proof"));
}

#[tokio::test]
async fn declined_command_is_skipped_and_the_turn_continues() {
    let scene = Commands::start(escalated("touch proof"), |_| Decision::Decline).await;
    let result = scene.thread.run("go").await.unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(result.final_response.as_deref(), Some("done"));
    assert_eq!(
        command(&result.items).status,
        CommandExecutionStatus::Declined
    );
    assert!(!scene.has("proof"));
    let told = told(scene.harness.responses().requests().last().unwrap());
    assert!(told.contains("rejected"), "{told}");
}

#[tokio::test]
async fn a_cancelled_command_ends_its_turn() {
    let scene = Commands::start(escalated("touch proof"), |_| Decision::Cancel).await;
    let result = scene.thread.run("go").await.unwrap();
    assert_eq!(result.status, TurnStatus::Interrupted);
    assert_eq!(
        command(&result.items).status,
        CommandExecutionStatus::Declined
    );
    assert!(!scene.has("proof"));
    assert_eq!(scene.harness.responses().requests().len(), 1);
}

#[tokio::test]
async fn command_accepted_for_the_session_needs_no_new_approval() {
    let replies = [
        escalated("touch proof"),
        escalated("touch proof"),
        escalated("touch other"),
    ];
    let scene = Commands::start(replies.into_iter().flatten(), |_| {
        Decision::AcceptForSession
    })
    .await;
    scene.thread.run("go").await.unwrap();
    std::fs::remove_file(scene.harness.workspace().join("proof")).unwrap();
    scene.thread.run("again").await.unwrap();
    assert!(scene.has("proof"));
    assert_eq!(scene.asked.all().len(), 1);
    scene.thread.run("another one").await.unwrap();
    assert_eq!(scene.asked.all().len(), 2);
}

#[tokio::test]
async fn an_amendment_allows_such_commands_from_then_on() {
    let replies = [escalated("touch proof"), escalated("touch other")];
    let scene = Commands::start(replies.into_iter().flatten(), |_| {
        Amendment::new(["touch".to_owned()]).into()
    })
    .await;
    scene.thread.run("go").await.unwrap();
    scene.thread.run("again").await.unwrap();
    assert!(scene.has("proof") && scene.has("other"));
    assert_eq!(scene.asked.all().len(), 1);
    // It applies to later sessions as well.
    let rules = scene.harness.codex_home().join("rules/default.rules");
    assert!(std::fs::read_to_string(rules).unwrap().contains("touch"));
}

#[tokio::test]
async fn every_offered_decision_can_be_sent_back() {
    let replies = [
        escalated("touch 0"),
        escalated("touch 1"),
        escalated("touch 2"),
    ];
    let count = Seen::default();
    let scene = Commands::start(replies.into_iter().flatten(), move |params| {
        count.push(());
        params.available_decisions.clone().unwrap()[count.all().len() - 1].clone()
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(scene.thread.run("go").await.unwrap().status);
    }
    assert_eq!(
        statuses,
        [
            TurnStatus::Completed,
            TurnStatus::Completed,
            TurnStatus::Interrupted
        ]
    );
    assert!(scene.has("0") && scene.has("1") && !scene.has("2"));
}

/// A thread with a closure that decides about changes of files.
struct Changes {
    thread: Thread,
    asked: Seen<FileChangeRequestApprovalParams>,
    harness: AppServerHarness,
}

impl Changes {
    async fn start(replies: impl IntoIterator<Item = Reply>, decision: FileDecision) -> Self {
        let harness = AppServerHarness::builder()
            .model(PATCHING_MODEL)
            .start()
            .unwrap();
        harness.responses().enqueue_all(replies);
        let asked = Seen::default();
        let seen = asked.clone();
        let handlers = Handlers::new().on_file_change(move |params, _| {
            seen.push(params);
            let decision = decision.clone();
            async { Ok(decision) }
        });
        let codex = builder(&harness).handler(handlers).build().await.unwrap();
        let thread = asking(&codex).await;
        Self {
            thread,
            asked,
            harness,
        }
    }

    fn content(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.harness.workspace().join(file)).ok()
    }
}

#[tokio::test]
async fn an_accepted_change_of_files_is_made() {
    let scene = Changes::start(patching(&adding("new.txt", "one")), FileDecision::Accept).await;
    let result = scene.thread.run("go").await.unwrap();
    let change = file_change(&result.items);
    assert_eq!(change.status, PatchApplyStatus::Completed);
    assert!(change.changes[0].path.ends_with("new.txt"));
    let [asked] = &scene.asked.all()[..] else {
        panic!("asked once")
    };
    assert_eq!((&asked.turn_id, &asked.item_id), (&result.id, &change.id));
    assert_eq!(scene.content("new.txt").as_deref(), Some("one\n"));
}

#[tokio::test]
async fn declined_file_change_is_skipped_and_the_turn_continues() {
    let scene = Changes::start(patching(&adding("new.txt", "one")), FileDecision::Decline).await;
    let result = scene.thread.run("go").await.unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(
        file_change(&result.items).status,
        PatchApplyStatus::Declined
    );
    assert_eq!(scene.content("new.txt"), None);
}

#[tokio::test]
async fn a_cancelled_change_of_files_ends_its_turn() {
    let scene = Changes::start(patching(&adding("new.txt", "one")), FileDecision::Cancel).await;
    let result = scene.thread.run("go").await.unwrap();
    assert_eq!(result.status, TurnStatus::Interrupted);
    assert_eq!(scene.content("new.txt"), None);
    assert_eq!(scene.harness.responses().requests().len(), 1);
}

#[tokio::test]
async fn a_file_accepted_for_the_session_may_be_changed_again() {
    let update = "*** Begin Patch\n*** Update File: new.txt\n@@\n-one\n+two\n*** End Patch\n";
    let replies = [patching(&adding("new.txt", "one")), patching(update)];
    let replies = replies.into_iter().flatten();
    let scene = Changes::start(replies, FileDecision::AcceptForSession).await;
    scene.thread.run("go").await.unwrap();
    scene.thread.run("again").await.unwrap();
    assert_eq!(scene.content("new.txt").as_deref(), Some("two\n"));
    assert_eq!(scene.asked.all().len(), 1);
}
