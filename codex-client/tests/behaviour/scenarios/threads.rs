//! The life of a thread, from its start to its end.

use codex_client::types::{
    ApprovalsReviewer, AskForApproval, ReasoningEffort, SandboxPolicy, ThreadItem,
    WorkspaceWriteSandboxPolicy,
};
use codex_client::{ApprovalMode, Error, Sandbox, ServerErrorKind};
use codex_testing::{Gate, Reply};
use serde_json::json;

use super::{Codex, Thread, World};
use crate::support::{agent_messages, harness_with, user_texts};

fn materialized(codex: &Codex, text: &str) -> Thread {
    let thread = call!(codex.thread_start()).unwrap();
    call!(thread.run(text)).unwrap();
    thread
}

fn echo(world: &World) {
    world.harness.responses().respond_with(|request| {
        Some(Reply::assistant(format!(
            "re: {}",
            request.last_user_text()?
        )))
    });
}

fn ids(codex: &Codex, archived: bool) -> Vec<String> {
    let listed = call!(codex.thread_list().archived(archived)).unwrap();
    listed
        .data
        .into_iter()
        .map(|thread| thread.id.as_str().to_owned())
        .collect()
}

#[test]
fn a_thread_that_never_ran_can_be_named_and_read() {
    let world = World::start(harness_with([]), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.set_name("a name")).unwrap();
    let read = call!(thread.read()).unwrap().thread;
    assert_eq!(
        (&read.id, read.name.as_deref()),
        (thread.id(), Some("a name"))
    );
}

#[test]
fn before_its_first_turn_a_thread_has_no_history_to_read() {
    let world = World::start(harness_with([]), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let error = call!(thread.read().include_turns(true)).unwrap_err();
    let kind = error.server().unwrap().kind();
    assert_eq!(kind, ServerErrorKind::NotSupported, "{error}");
    assert!(call!(world.codex.thread_list()).unwrap().data.is_empty());
}

#[test]
fn overrides_of_the_configuration_add_up() {
    let harness = harness_with([Reply::assistant("ok")]);
    let world = World::start(harness, |builder| builder);
    let policy = WorkspaceWriteSandboxPolicy::new().network_access(true);
    let start = world.codex.thread_start();
    let start = start.sandbox(Sandbox::Policy(policy.into()));
    let first = json!({"developer_instructions": "be brief", "model_reasoning_effort": "low"});
    let start = start.config(first);
    let thread = call!(start.config([("model_reasoning_effort", "high")])).unwrap();
    call!(thread.run("hello")).unwrap();
    let request = world.harness.responses().single_request();
    let texts = request.message_texts("developer");
    assert!(texts.iter().any(|text| text.contains("be brief")));
    let settings = thread.settings().unwrap();
    assert_eq!(
        settings.reasoning_effort,
        Some(ReasoningEffort::new("high"))
    );
    let SandboxPolicy::WorkspaceWrite(policy) = &settings.sandbox else {
        panic!("{settings:?}")
    };
    assert_eq!(policy.network_access, Some(true));
}

#[test]
fn configuration_that_is_no_object_is_rejected() {
    let world = World::start(harness_with([]), |builder| builder);
    for start in [json!(["model_verbosity"]), json!("model_verbosity=\"low\"")] {
        let error = call!(world.codex.thread_start().config(start)).unwrap_err();
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
        assert!(
            error.to_string().contains("instead of an object"),
            "{error}"
        );
    }
}

#[test]
fn missing_thread_is_distinguished_from_an_invalid_request() {
    let world = World::start(harness_with([]), |builder| builder);
    let missing = "019a0000-0000-7000-8000-000000000000";
    let errors = [
        call!(world.codex.thread_resume(missing)).map(drop),
        call!(world.codex.thread_fork(missing)).map(drop),
        call!(world.codex.thread(missing).run("hello")).map(drop),
        call!(world.codex.thread(missing).read()).map(drop),
        call!(world.codex.thread_archive(missing)).map(drop),
    ];
    for error in errors {
        let error = error.unwrap_err();
        let kind = error.server().unwrap().kind();
        assert_eq!(kind, ServerErrorKind::ThreadNotFound, "{error}");
    }
}

#[test]
fn missing_working_directory_is_rejected() {
    let world = World::start(harness_with([]), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let file = world.harness.workspace().join("file");
    std::fs::write(&file, "").unwrap();
    for folder in ["/nonexistent/folder", "nonexistent", file.to_str().unwrap()] {
        for error in [
            call!(world.codex.thread_start().cwd(folder)).map(drop),
            call!(world.codex.thread_resume(thread.id()).cwd(folder)).map(drop),
            call!(world.codex.thread_fork(thread.id()).cwd(folder)).map(drop),
            call!(thread.run("hello").cwd(folder)).map(drop),
        ] {
            let error = error.unwrap_err();
            assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
            assert!(error.to_string().contains(folder), "{error}");
        }
    }
    let elsewhere = world.harness.home();
    call!(world.codex.thread_start().cwd(&elsewhere)).unwrap();
}

#[test]
fn unsubscribing_leaves_no_turn_without_an_end() {
    let gate = Gate::new();
    let world = World::start(
        harness_with([
            Reply::assistant("first").gate(&gate),
            Reply::assistant("second"),
        ]),
        |builder| builder,
    );
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut turn = call!(thread.turn("one")).unwrap();
    let error = call!(thread.unsubscribe()).unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
    gate.release();
    let result = wait!(turn.run()).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("first"));
    call!(thread.unsubscribe()).unwrap();
    for error in [
        call!(thread.run("two")).map(drop),
        call!(thread.goal("two")).map(drop),
        call!(thread.compact()).map(drop),
    ] {
        let error = error.unwrap_err();
        assert!(error.to_string().contains("resume"), "{error}");
    }
    let resumed = call!(world.codex.thread_resume(thread.id())).unwrap();
    let result = call!(resumed.run("three")).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("second"));
}

#[test]
fn the_history_can_be_read_in_order() {
    let world = World::start(harness_with([]), |builder| builder);
    echo(&world);
    let thread = materialized(&world.codex, "one");
    call!(thread.run("two")).unwrap();
    let read = call!(thread.read().include_turns(true)).unwrap().thread;
    let items: Vec<ThreadItem> = read.turns.into_iter().flat_map(|turn| turn.items).collect();
    assert_eq!(user_texts(&items), ["one", "two"]);
    assert_eq!(agent_messages(&items), ["re: one", "re: two"]);
}

#[test]
fn lists_separate_archived_threads() {
    let world = World::start(harness_with([]), |builder| builder);
    echo(&world);
    let kept = materialized(&world.codex, "keep");
    let stored = materialized(&world.codex, "store");
    call!(world.codex.thread_archive(stored.id())).unwrap();
    assert_eq!(ids(&world.codex, false), [kept.id().as_str()]);
    assert_eq!(ids(&world.codex, true), [stored.id().as_str()]);
    let back = call!(world.codex.thread_unarchive(stored.id())).unwrap();
    assert_eq!(back.id(), stored.id());
    assert_eq!(ids(&world.codex, false).len(), 2);
    assert!(ids(&world.codex, true).is_empty());
    let read = call!(world.codex.thread(stored.id()).read()).unwrap();
    assert_eq!(read.thread.id, *stored.id());
}

#[test]
fn deleted_thread_no_longer_exists() {
    let world = World::start(harness_with([]), |builder| builder);
    echo(&world);
    let thread = materialized(&world.codex, "hello");
    call!(world.codex.thread_delete(thread.id())).unwrap();
    assert!(ids(&world.codex, false).is_empty());
    assert!(ids(&world.codex, true).is_empty());
    assert!(call!(world.codex.thread_resume(thread.id())).is_err());
}

#[test]
fn resumed_thread_remembers_and_forked_one_diverges() {
    let world = World::start(harness_with([]), |builder| builder);
    echo(&world);
    let thread = materialized(&world.codex, "remember this");
    let resumed = call!(world.codex.thread_resume(thread.id())).unwrap();
    assert_eq!(resumed.id(), thread.id());
    let fork = call!(world.codex.thread_fork(thread.id())).unwrap();
    assert_ne!(fork.id(), thread.id());
    for thread in [&resumed, &fork] {
        call!(thread.run("what was it?")).unwrap();
        let request = world.harness.responses().requests().pop().unwrap();
        assert!(request.message_texts("user").contains(&"remember this"));
        assert!(
            request
                .message_texts("assistant")
                .contains(&"re: remember this")
        );
    }
    let read = call!(fork.read()).unwrap().thread;
    assert_eq!(read.forked_from_id.as_ref(), Some(thread.id()));
}

fn approvals(codex: &Codex, thread: &Thread) -> (AskForApproval, ApprovalsReviewer) {
    let resumed = call!(codex.thread_resume(thread.id())).unwrap();
    let settings = resumed.settings().unwrap();
    (
        settings.approval_policy.clone(),
        settings.approvals_reviewer.clone(),
    )
}

#[test]
fn approval_modes_stay_until_the_next_override() {
    let world = World::start(harness_with([]), |builder| builder);
    echo(&world);
    let thread = call!(
        world
            .codex
            .thread_start()
            .approval_mode(ApprovalMode::DenyAll)
    )
    .unwrap();
    call!(thread.run("locked down")).unwrap();
    assert_eq!(approvals(&world.codex, &thread).0, AskForApproval::Never);
    call!(
        thread
            .run("reviewed")
            .approval_mode(ApprovalMode::AutoReview)
    )
    .unwrap();
    let reviewed = (AskForApproval::OnRequest, ApprovalsReviewer::AutoReview);
    assert_eq!(approvals(&world.codex, &thread), reviewed);
    call!(thread.run("still")).unwrap();
    assert_eq!(approvals(&world.codex, &thread), reviewed);
}

#[test]
fn resumed_and_forked_threads_inherit_by_default() {
    let world = World::start(harness_with([]), |builder| builder);
    echo(&world);
    let thread = call!(
        world
            .codex
            .thread_start()
            .approval_mode(ApprovalMode::AskClient)
            .sandbox(Sandbox::WorkspaceWrite)
    )
    .unwrap();
    call!(thread.run("hello")).unwrap();
    let fork = call!(world.codex.thread_fork(thread.id())).unwrap();
    let settings = fork.settings().unwrap();
    assert_eq!(settings.approval_policy, AskForApproval::OnRequest);
    assert_eq!(settings.approvals_reviewer, ApprovalsReviewer::User);
    let told = call!(
        world
            .codex
            .thread_fork(thread.id())
            .approval_mode(ApprovalMode::DenyAll)
    )
    .unwrap();
    assert_eq!(
        told.settings().unwrap().approval_policy,
        AskForApproval::Never
    );
    let inherited = (AskForApproval::OnRequest, ApprovalsReviewer::User);
    assert_eq!(approvals(&world.codex, &thread), inherited);

    // A resumed thread accepts overrides only in another process: here it is loaded already.
    wait!(world.codex.close());
    let builder = Codex::builder().launch(world.harness.launch());
    let codex = wait!(builder.build()).unwrap();
    let resumed = codex.thread_resume(thread.id());
    let resumed = call!(resumed.approval_mode(ApprovalMode::DenyAll)).unwrap();
    let settings = resumed.settings().unwrap();
    assert_eq!(settings.approval_policy, AskForApproval::Never);
}

#[test]
fn models_are_listed_with_and_without_the_hidden_ones() {
    let world = World::start(harness_with([]), |builder| builder);
    let shown = call!(world.codex.models()).unwrap().data;
    let all = call!(world.codex.models().include_hidden(true))
        .unwrap()
        .data;
    assert!(!shown.is_empty() && shown.len() < all.len());
    assert!(shown.iter().all(|model| !model.hidden));
    assert!(all.iter().any(|model| model.hidden));
}

#[test]
fn the_runtime_introduces_itself() {
    let world = World::start(harness_with([]), |builder| {
        builder.client_info("suite", "1.2.3")
    });
    let info = world.codex.server_info().unwrap();
    assert!(info.user_agent.starts_with("suite/"), "{}", info.user_agent);
    let version = info.version.as_ref().unwrap().to_string();
    assert_eq!(version, codex_client::types::RUNTIME_VERSION);
    assert_eq!(info.codex_home, world.harness.codex_home());
    assert_eq!(info.platform_os, std::env::consts::OS);
}
