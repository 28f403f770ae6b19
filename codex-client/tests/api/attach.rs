//! Attaching to running turns, servers that are owned, and the newest thread of a folder.

use codex_client::transport::Server;
use codex_client::types::{ThreadItem, TurnStatus};
use codex_client::{Codex, Error, IsolatedHome, Launch, TurnEvent, TurnHandle, blocking};
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::json;

use crate::support::{blocking_codex, codex, harness_with, messages};

/// A server at a socket of its own.
struct Shared {
    server: Server,
    _folder: tempfile::TempDir,
}

async fn shared(harness: &AppServerHarness) -> Shared {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let server = Server::at_socket(&harness.launch(), socket).await.unwrap();
    Shared {
        server,
        _folder: folder,
    }
}

impl Shared {
    async fn client(&self) -> Codex {
        let builder = Codex::builder().transport(self.server.endpoint());
        builder.build().await.unwrap()
    }
}

/// A command, then a message that is held back in the middle.
fn held(gate: &Gate) -> [Reply; 2] {
    let call = json!({ "cmd": "echo seen" });
    [
        Reply::new().function_call("c", "exec_command", call),
        Reply::streaming(["Hel"]).gate(gate).delta("lo."),
    ]
}

async fn until(turn: &mut TurnHandle, method: &str) -> Vec<TurnEvent> {
    let mut events = Vec::new();
    while events
        .last()
        .is_none_or(|it: &TurnEvent| it.method() != method)
    {
        events.push(turn.next().await.unwrap().unwrap());
    }
    events
}

#[tokio::test]
async fn a_second_client_has_the_whole_turn() {
    let gate = Gate::new();
    let harness = harness_with(held(&gate));
    let shared = shared(&harness).await;
    let (first, second) = (shared.client().await, shared.client().await);
    let thread = first.thread_start().await.unwrap();
    let mut turn = thread.turn("hello").await.unwrap();
    until(&mut turn, "item/agentMessage/delta").await;

    let attached = second.thread(thread.id()).attach(turn.id()).await;
    let mut attached = attached.unwrap();
    let earlier = [
        attached.next().await,
        attached.next().await,
        attached.next().await,
    ];
    let methods = earlier.map(|event| event.unwrap().unwrap().method().to_owned());
    assert_eq!(
        methods,
        ["turn/started", "item/completed", "item/completed"]
    );
    gate.release();
    let (own, theirs) = (turn.run().await.unwrap(), attached.run().await.unwrap());
    assert_eq!(theirs.items, own.items);
    assert_eq!(theirs.final_response.as_deref(), Some("Hello."));
    assert_eq!(
        (theirs.status, theirs.started_at),
        (own.status, own.started_at)
    );
    assert!(matches!(theirs.items[1], ThreadItem::CommandExecution(_)));
    assert!(attached.next().await.is_none());
}

#[tokio::test]
async fn the_first_turn_of_a_thread_is_attached_at_once() {
    let harness = harness_with([Reply::assistant("Hello."), Reply::assistant("Hello.")]);
    let shared = shared(&harness).await;
    let (first, second) = (shared.client().await, shared.client().await);
    for client in [&first, &second] {
        let thread = first.thread_start().await.unwrap();
        let turn = thread.turn("hello").await.unwrap();
        let attached = client.thread(thread.id()).attach(turn.id()).await;
        let result = attached.unwrap().run().await.unwrap();
        assert_eq!(result.final_response.as_deref(), Some("Hello."));
        assert!(matches!(result.items[0], ThreadItem::UserMessage(_)));
    }
}

#[tokio::test]
async fn an_attached_turn_is_interrupted() {
    let gate = Gate::new();
    let harness = harness_with(held(&gate));
    let shared = shared(&harness).await;
    let (first, second) = (shared.client().await, shared.client().await);
    let thread = first.thread_start().await.unwrap();
    let mut turn = thread.turn("hello").await.unwrap();
    until(&mut turn, "item/agentMessage/delta").await;
    let attached = second.thread(thread.id()).attach(turn.id()).await;
    let mut attached = attached.unwrap();
    attached.interrupt().await.unwrap();
    gate.release();
    assert_eq!(turn.run().await.unwrap().status, TurnStatus::Interrupted);
    assert_eq!(
        attached.run().await.unwrap().status,
        TurnStatus::Interrupted
    );
}

#[tokio::test]
async fn an_attached_turn_is_steered() {
    let gate = Gate::new();
    let [command, message] = held(&gate);
    let harness = harness_with([command, message, Reply::assistant("Goodbye.")]);
    let shared = shared(&harness).await;
    let (first, second) = (shared.client().await, shared.client().await);
    let thread = first.thread_start().await.unwrap();
    let mut turn = thread.turn("hello").await.unwrap();
    until(&mut turn, "item/agentMessage/delta").await;
    let attached = second.thread(thread.id()).attach(turn.id()).await;
    let mut attached = attached.unwrap();
    attached.steer("Say goodbye.").await.unwrap();
    gate.release();
    let result = attached.run().await.unwrap();
    assert_eq!(messages(&result.items).last(), Some(&"Goodbye."));
    turn.run().await.unwrap();
}

fn asking() -> [Reply; 2] {
    let call = json!({
        "cmd": "echo allowed", "sandbox_permissions": "require_escalated", "justification": "so",
    });
    let reply = Reply::new().function_call("c", "exec_command", call);
    [reply, Reply::assistant("Done.")]
}

async fn approval(turn: &mut TurnHandle) -> codex_client::Approval {
    loop {
        if let TurnEvent::Approval(approval) = turn.next().await.unwrap().unwrap() {
            return approval;
        }
    }
}

fn output(items: &[ThreadItem]) -> Option<&str> {
    items.iter().find_map(|item| match item {
        ThreadItem::CommandExecution(command) => command.aggregated_output.as_deref(),
        _ => None,
    })
}

#[tokio::test]
async fn waiting_approvals_are_repeated() {
    let harness = harness_with(asking());
    let shared = shared(&harness).await;
    let (first, second) = (shared.client().await, shared.client().await);
    let thread = first.thread_start().await.unwrap();
    let turn = thread.turn("hello").approvals_in_stream();
    let mut turn = turn.await.unwrap();
    let waiting = approval(&mut turn).await;

    let place = second.thread(thread.id());
    let mut attached = place.attach_with_approvals(turn.id()).await.unwrap();
    approval(&mut attached).await.accept().unwrap();
    let result = attached.run().await.unwrap();
    assert_eq!(output(&result.items), Some("allowed\n"));
    turn.run().await.unwrap();
    assert!(!waiting.is_pending(), "the other client has decided");
}

#[tokio::test]
async fn a_watcher_decides_nothing() {
    let harness = harness_with(asking());
    let shared = shared(&harness).await;
    let (first, second) = (shared.client().await, shared.client().await);
    let thread = first.thread_start().await.unwrap();
    let turn = thread.turn("hello").approvals_in_stream();
    let mut turn = turn.await.unwrap();
    let waiting = approval(&mut turn).await;

    let attached = second.thread(thread.id()).attach(turn.id()).await;
    let mut attached = attached.unwrap();
    until(&mut attached, "item/completed").await;
    assert!(waiting.is_pending());
    waiting.accept().unwrap();
    let result = attached.run().await.unwrap();
    assert_eq!(output(&result.items), Some("allowed\n"));
}

#[tokio::test]
async fn an_ended_turn_is_complete_at_once() {
    let harness = harness_with([Reply::assistant("Hello.")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let result = thread.run("hello").await.unwrap();
    let mut attached = thread.attach(&result.id).await.unwrap();
    let again = attached.run().await.unwrap();
    assert_eq!((again.items, again.status), (result.items, result.status));
    assert!(attached.next().await.is_none());
    let error = thread.attach("nothing").await.unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
}

#[test]
fn blocking_attach_continues_a_turn() {
    let gate = Gate::new();
    let harness = harness_with(held(&gate));
    let server = Server::on_loopback_blocking(&harness.launch()).unwrap();
    let client = || {
        let builder = blocking::Codex::builder().transport(server.endpoint());
        builder.build().unwrap()
    };
    let (first, second) = (client(), client());
    let thread = first.thread_start().call().unwrap();
    let mut turn = thread.turn("hello").call().unwrap();
    let id = turn.id().clone();
    let is_delta = |event: &TurnEvent| event.method() == "item/agentMessage/delta";
    assert!(
        turn.by_ref()
            .map(Result::unwrap)
            .any(|event| is_delta(&event))
    );
    let mut attached = second.thread(thread.id()).attach(&id).unwrap();
    gate.release();
    let (own, theirs) = (turn.run().unwrap(), attached.run().unwrap());
    assert_eq!(theirs.items, own.items);
    assert!(server.close_blocking().is_some());
    first.closed();
    second.closed();
}

#[test]
fn blocking_attach_repeats_approvals() {
    let harness = harness_with(asking());
    let server = Server::on_loopback_blocking(&harness.launch()).unwrap();
    let client = || {
        let builder = blocking::Codex::builder().transport(server.endpoint());
        builder.build().unwrap()
    };
    let (first, second) = (client(), client());
    let thread = first.thread_start().call().unwrap();
    let mut turn = thread.turn("hello").approvals_in_stream().call().unwrap();
    let waiting = turn.find_map(|event| event.unwrap().approval().cloned());
    let place = second.thread(thread.id());
    let mut attached = place.attach_with_approvals(turn.id()).unwrap();
    let repeated = attached.find_map(|event| event.unwrap().approval().cloned());
    repeated.unwrap().accept().unwrap();
    assert_eq!(output(&attached.run().unwrap().items), Some("allowed\n"));
    turn.run().unwrap();
    assert!(!waiting.unwrap().is_pending());
}

#[tokio::test]
async fn a_dropped_owner_ends_its_server() {
    let harness = harness_with([]);
    let shared = shared(&harness).await;
    let client = shared.client().await;
    assert!(shared.server.is_running());
    let process = shared.server.process_id();
    drop(shared);
    client.closed().await;
    let place = format!("/proc/{process}");
    while cfg!(target_os = "linux") && std::path::Path::new(&place).exists() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_isolated_home_is_removed_with_its_server() {
    let harness = harness_with(["one", "two"].map(Reply::assistant));
    let homes = tempfile::tempdir().unwrap();
    let home = IsolatedHome::new().with_config();
    let home = home.copied_from(harness.codex_home()).inside(homes.path());
    let launch = harness.launch().isolated_home(home);
    let count = || std::fs::read_dir(homes.path()).unwrap().count();
    for is_closed in [true, false] {
        let server = Server::on_loopback(&launch).await.unwrap();
        let codex = Codex::builder().transport(server.endpoint()).build();
        let thread = codex.await.unwrap().thread_start().await.unwrap();
        thread.run("hello").await.unwrap();
        assert_eq!(count(), 1);
        if is_closed {
            server.close().await;
            assert_eq!(count(), 0);
        } else {
            drop(server);
            while count() > 0 {
                tokio::task::yield_now().await;
            }
        }
    }
    assert!(!harness.codex_home().join("sessions").exists());
}

#[tokio::test]
async fn a_server_that_cannot_listen_is_an_error() {
    let harness = harness_with([]);
    let error = Server::at_socket(&harness.launch(), "/nowhere/at/all").await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    let error = Server::on_loopback(&Launch::new().binary("/nowhere")).await;
    assert!(error.is_err());
}

#[tokio::test]
async fn the_newest_thread_of_a_folder_is_found() {
    let harness = harness_with(["one", "two", "three"].map(Reply::assistant));
    let codex = codex(&harness).await;
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(codex.latest_thread(here.path()).await.unwrap().is_none());
    let first = codex.thread_start().cwd(here.path()).await.unwrap();
    let second = codex.thread_start().cwd(here.path()).await.unwrap();
    let elsewhere = codex.thread_start().cwd(there.path()).await.unwrap();
    for thread in [&second, &first, &elsewhere] {
        thread.run("hello").await.unwrap();
    }
    let found = |folder: &tempfile::TempDir| codex.latest_thread(folder.path().to_owned());
    let latest = found(&here).await.unwrap().unwrap();
    let candidates = [first.id(), second.id()];
    assert!(
        candidates.contains(&&latest.id),
        "both were updated in this second"
    );
    assert_eq!(found(&there).await.unwrap().unwrap().id, *elsewhere.id());
    let blocking = blocking_codex(&harness);
    let same = blocking.latest_thread(there.path()).unwrap().unwrap();
    assert_eq!(same.id, *elsewhere.id());
    codex.thread_resume(same.id).await.unwrap();
}
