//! Operations on threads besides turns.

use codex_client::types::{AskForApproval, ThreadItem};
use codex_client::{ApprovalMode, Sandbox, blocking};
use codex_testing::{AppServerHarness, Reply};

use crate::support::{LIMIT, blocking_codex, builder, codex, harness, harness_with, messages};

#[tokio::test]
async fn the_runtime_introduces_itself() {
    let harness = harness();
    let codex = codex(&harness).await;
    let info = codex.server_info().unwrap();
    assert!(
        info.user_agent.starts_with("api-tests/"),
        "{}",
        info.user_agent
    );
    assert_eq!(
        info.version.as_ref().unwrap().to_string(),
        codex_client::types::RUNTIME_VERSION
    );
    assert_eq!(info.codex_home, harness.codex_home());
    assert!(!info.platform_os.is_empty());
}

const USAGE: &str = "thread/tokenUsage/updated";

#[tokio::test]
async fn opted_out_notifications_are_not_sent() {
    for opted_out in [false, true] {
        let harness = harness_with([Reply::assistant("one")]);
        let methods = opted_out.then_some(USAGE);
        let builder = builder(&harness).opt_out_notifications(methods);
        let codex = builder.build().await.unwrap();
        let mut events = codex.events().unwrap();
        let thread = codex.thread_start().await.unwrap();
        let result = thread.run("first").await.unwrap();
        assert_eq!(result.usage.is_none(), opted_out);
        codex.close().await;
        let mut heard = false;
        while let Some(Ok(event)) = events.next().await {
            heard |= event.method() == USAGE;
        }
        assert_eq!(heard, !opted_out);
    }
}

#[test]
fn opted_out_notifications_are_not_sent_in_the_blocking_api() {
    for opted_out in [false, true] {
        let harness = harness_with([Reply::assistant("one")]);
        let builder = blocking::Codex::builder().launch(harness.launch());
        let builder = builder.opt_out_notifications(opted_out.then_some(USAGE));
        let codex = builder.request_deadline(LIMIT).build().unwrap();
        let thread = codex.thread_start().call().unwrap();
        let result = thread.run("first").call().unwrap();
        assert_eq!(result.usage.is_none(), opted_out);
    }
}

#[tokio::test]
async fn names_and_turns_can_be_read() {
    let harness = harness_with([Reply::assistant("one"), Reply::assistant("two")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    thread.run("first").await.unwrap();
    thread.run("second").await.unwrap();
    thread.set_name("a name").await.unwrap();
    let read = thread.read().include_turns(true).await.unwrap().thread;
    assert_eq!(read.name.as_deref(), Some("a name"));
    let items: Vec<ThreadItem> = read.turns.into_iter().flat_map(|turn| turn.items).collect();
    assert_eq!(messages(&items), ["one", "two"]);
}

#[test]
fn names_and_turns_can_be_read_in_the_blocking_api() {
    let harness = harness_with([Reply::assistant("one")]);
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    thread.run("first").call().unwrap();
    thread.set_name("a name").call().unwrap();
    let read = thread.read().call().unwrap().thread;
    assert_eq!(read.name.as_deref(), Some("a name"));
}

async fn threads(harness: &AppServerHarness, codex: &codex_client::Codex) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..5 {
        harness.responses().enqueue(Reply::assistant("done"));
        let thread = codex.thread_start().await.unwrap();
        thread.run(format!("number {number}")).await.unwrap();
        ids.push(thread.id().as_str().to_owned());
    }
    ids.sort();
    ids
}

#[tokio::test]
async fn lists_are_walked_over_all_pages() {
    let harness = harness();
    let codex = codex(&harness).await;
    let expected = threads(&harness, &codex).await;
    let page = codex.thread_list().limit(2_u32).await.unwrap();
    assert_eq!(page.data.len(), 2);
    let all = codex
        .thread_list()
        .limit(2_u32)
        .all()
        .collect_all()
        .await
        .unwrap();
    let mut ids: Vec<_> = all
        .iter()
        .map(|thread| thread.id.as_str().to_owned())
        .collect();
    ids.sort();
    assert_eq!(ids, expected);

    let thread = codex.thread(expected[0].as_str());
    let turns = thread.turns().limit(1).all().collect_all().await.unwrap();
    assert_eq!(turns.len(), 1);
    let items = thread.items().limit(1).all().collect_all().await.unwrap();
    assert!(items.len() >= 2, "{items:?}");
}

#[test]
fn blocking_lists_are_walked_over_all_pages() {
    let harness = harness_with([Reply::assistant("one"), Reply::assistant("two")]);
    let codex = blocking_codex(&harness);
    for prompt in ["a", "b"] {
        codex
            .thread_start()
            .call()
            .unwrap()
            .run(prompt)
            .call()
            .unwrap();
    }
    let all: Result<Vec<_>, _> = codex.thread_list().limit(1).all().collect();
    assert_eq!(all.unwrap().len(), 2);
    let models = codex
        .models()
        .include_hidden(true)
        .all()
        .collect_all()
        .unwrap();
    let shown = codex.models().all().collect_all().unwrap();
    assert!(shown.len() < models.len());
}

#[tokio::test]
async fn threads_are_archived_unarchived_and_deleted() {
    let harness = harness_with([Reply::assistant("one"), Reply::assistant("two")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    thread.run("hello").await.unwrap();
    let count = async |archived: bool| {
        let page = codex.thread_list().archived(archived).await.unwrap();
        page.data.len()
    };
    assert_eq!((count(false).await, count(true).await), (1, 0));
    codex.thread_archive(thread.id()).await.unwrap();
    assert_eq!((count(false).await, count(true).await), (0, 1));
    let back = codex.thread_unarchive(thread.id()).await.unwrap();
    assert_eq!(back.id(), thread.id());
    assert_eq!(back.read().await.unwrap().thread.id, *thread.id());
    let again = codex.thread_resume(back.id()).await.unwrap();
    assert_eq!(messages(&again.run("again").await.unwrap().items), ["two"]);
    assert_eq!((count(false).await, count(true).await), (1, 0));
    codex.thread_delete(thread.id()).await.unwrap();
    assert_eq!((count(false).await, count(true).await), (0, 0));
}

#[test]
fn blocking_threads_are_archived_and_deleted() {
    let harness = harness_with([Reply::assistant("one")]);
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    thread.run("hello").call().unwrap();
    codex.thread_archive(thread.id()).call().unwrap();
    let back = codex.thread_unarchive(thread.id()).call().unwrap();
    assert_eq!(back.id(), thread.id());
    codex.thread_delete(thread.id()).call().unwrap();
    assert!(codex.thread_list().call().unwrap().data.is_empty());
}

#[tokio::test]
async fn a_thread_is_resumed_in_another_process_and_forked() {
    let harness = harness_with([
        Reply::assistant("one"),
        Reply::assistant("two"),
        Reply::assistant("three"),
    ]);
    let first = codex(&harness).await;
    let thread = first
        .thread_start()
        .sandbox(Sandbox::WorkspaceWrite)
        .approval_mode(ApprovalMode::DenyAll)
        .await
        .unwrap();
    thread.run("remember this").await.unwrap();
    first.close().await;

    let second = codex(&harness).await;
    let resumed = second.thread_resume(thread.id()).await.unwrap();
    assert_eq!(resumed.id(), thread.id());
    let settings = resumed.settings().unwrap();
    assert_eq!(settings.approval_policy, AskForApproval::Never);
    assert_eq!(settings.sandbox.tag(), "readOnly", "as configured");
    assert!(
        settings.thread.turns.is_empty(),
        "turns come when they are asked for"
    );
    resumed.run("and this").await.unwrap();
    let request = &harness.responses().requests()[1];
    assert!(request.body_json().to_string().contains("remember this"));

    let fork = second
        .thread_fork(resumed.id())
        .exclude_turns(false)
        .await
        .unwrap();
    assert_ne!(fork.id(), resumed.id());
    assert_eq!(fork.settings().unwrap().thread.turns.len(), 2);
    fork.run("elsewhere").await.unwrap();
    assert_eq!(
        resumed.turns().await.unwrap().data.len(),
        2,
        "the original is left alone"
    );
}
