//! A supervised runtime: killed processes, and broken sockets.

use std::path::Path;
use std::time::Duration;

use codex_client::transport::Endpoint;
use codex_client::types::TurnStatus;
use codex_client::{ApprovalMode, Error, Restart, Restarted, ServerErrorKind};
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::json;

use super::{Codex, World, breaking};
use crate::breakable::Breakable;
use crate::listening_runtime::listen;
use crate::support::{LIMIT, Seen, command, escalated, harness_with, kill};

/// Restarts as often as it takes, without long pauses.
fn tireless() -> Restart {
    let pauses = (Duration::from_millis(1), Duration::from_millis(50));
    Restart::on_failure()
        .max_restarts(1000)
        .backoff(pauses.0, pauses.1)
}

fn supervised(harness: AppServerHarness) -> World {
    World::start(harness, |builder| builder.supervise(tireless()))
}

/// Kills the runtime, and returns the report of its restart.
fn killed(codex: &Codex) -> Restarted {
    let mut events = codex.events().unwrap();
    kill(codex.client().process_id().unwrap());
    loop {
        match wait!(events.next()).expect("the events go on") {
            Ok(_) => {}
            Err(Error::Restarted(report)) => return Restarted::clone(&report),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn killed_runtime_is_started_again_and_threads_go_on() {
    let world = supervised(harness_with([
        Reply::assistant("one"),
        Reply::assistant("two"),
    ]));
    let codex = &world.codex;
    let thread = call!(codex.thread_start()).unwrap();
    call!(thread.run("first")).unwrap();
    let before = codex.client().process_id();
    let report = killed(codex);
    assert_eq!(report.resumed, [thread.id().clone()]);
    assert!(
        report.lost.is_empty() && report.interrupted.is_empty(),
        "{report:?}"
    );
    assert_ne!(codex.client().process_id(), before);
    let result = call!(thread.run("second")).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("two"));
    let asked = &world.harness.responses().requests()[1];
    assert_eq!(
        asked.message_texts("assistant"),
        ["one"],
        "the model remembers"
    );
}

#[test]
fn turn_of_a_killed_runtime_is_no_result() {
    let gate = Gate::new();
    let reply = Reply::new().message("begun").delta("half").gate(&gate);
    let world = supervised(harness_with([Reply::assistant("one"), reply]));
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run("first")).unwrap();
    let mut turn = call!(thread.turn("second")).unwrap();
    while wait!(turn.next()).unwrap().unwrap().method() != "item/agentMessage/delta" {}
    let report = killed(&world.codex);
    assert!(report.has_interrupted(turn.id().as_str()), "{report:?}");
    let error = wait!(turn.run()).unwrap_err();
    assert!(!error.is_closed(), "{error}");
    let Error::TurnDisconnected(cut) = error else {
        panic!("{error:?}");
    };
    assert_eq!(cut.result.status, TurnStatus::InProgress);
    assert_eq!(cut.result.final_response.as_deref(), Some("begun"));
    assert_eq!(
        cut.closed.exit_status().unwrap().to_string(),
        "signal: 9 (SIGKILL)"
    );
    world.harness.responses().enqueue(Reply::assistant("three"));
    let result = call!(thread.run("third")).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("three"));
}

#[test]
fn thread_that_never_ran_is_lost() {
    let world = supervised(harness_with([Reply::assistant("one")]));
    let ran = call!(world.codex.thread_start()).unwrap();
    call!(ran.run("first")).unwrap();
    let idle = call!(world.codex.thread_start()).unwrap();
    let ephemeral = call!(world.codex.thread_start().ephemeral(true)).unwrap();
    let report = killed(&world.codex);
    assert_eq!(report.resumed, [ran.id().clone()]);
    let mut lost: Vec<_> = report.lost.iter().map(|it| it.thread_id.clone()).collect();
    lost.sort();
    let mut expected = [idle.id().clone(), ephemeral.id().clone()];
    expected.sort();
    assert_eq!(lost, expected);
    for thread in [&idle, &ephemeral] {
        let error = call!(thread.run("second")).unwrap_err();
        let kind = error.server().unwrap().kind();
        assert_eq!(kind, ServerErrorKind::ThreadNotFound);
    }
}

/// Removes the files of a thread, wherever they are.
fn remove_files(folder: &Path, thread: &str) -> usize {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            removed += remove_files(&path, thread);
        } else if path.to_string_lossy().contains(thread) {
            std::fs::remove_file(path).unwrap();
            removed += 1;
        }
    }
    removed
}

#[test]
fn deleted_thread_is_lost() {
    for is_removed_by_hand in [false, true] {
        let world = supervised(harness_with(["one", "two"].map(Reply::assistant)));
        let kept = call!(world.codex.thread_start()).unwrap();
        call!(kept.run("first")).unwrap();
        let deleted = call!(world.codex.thread_start()).unwrap();
        call!(deleted.run("second")).unwrap();
        if is_removed_by_hand {
            let home = world.harness.codex_home();
            assert!(remove_files(&home, deleted.id().as_str()) > 0);
        } else {
            call!(world.codex.thread_delete(deleted.id())).unwrap();
        }
        let report = killed(&world.codex);
        assert_eq!(report.resumed, [kept.id().clone()]);
        let lost: Vec<_> = report.lost.iter().map(|it| &it.thread_id).collect();
        assert_eq!(lost, [deleted.id()], "{is_removed_by_hand}: {report:?}");
        let error = call!(deleted.run("third")).unwrap_err();
        let kind = error.server().unwrap().kind();
        assert_eq!(kind, ServerErrorKind::ThreadNotFound);
    }
}

#[test]
fn settings_of_a_thread_survive() {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/behaviour/tool-server.sh"
    );
    let config = json!({"asking": {"command": "sh", "args": [script]}});
    let world = supervised(harness_with([
        Reply::assistant("one"),
        Reply::assistant("two"),
    ]));
    let thread = call!(
        world
            .codex
            .thread_start()
            .approval_mode(ApprovalMode::AskClient)
            .developer_instructions("Be brief.")
            .with_params(move |params| params.config([("mcp_servers".to_owned(), config)]))
    )
    .unwrap();
    call!(thread.run("first").effort("low")).unwrap();
    killed(&world.codex);
    call!(thread.run("second")).unwrap();
    for request in world.harness.responses().requests() {
        let body = request.body_json().to_string();
        assert!(body.contains("Be brief."), "{body}");
        assert!(body.contains("mcp__asking"), "{body}");
        assert_eq!(request.body_json()["reasoning"]["effort"], "low");
    }
    // The strictness of approvals as well.
    world
        .harness
        .responses()
        .enqueue_all(escalated("touch proof"));
    let result = call!(thread.run("third")).unwrap();
    assert_eq!(command(&result.items).status.as_str(), "declined");
}

/// A runtime behind a proxy, and a client of it.
struct Remote {
    proxy: Breakable,
    server: crate::listening_runtime::Server,
    world: World,
}

fn remote(harness: AppServerHarness, at_a_socket: bool) -> Remote {
    let (server, target) = listen(&harness, &[]);
    let (proxy, endpoint) = if at_a_socket {
        let path = harness.workspace().join("socket");
        let proxy = Breakable::at_a_socket(&target, &path);
        (proxy, Endpoint::unix(path))
    } else {
        let (proxy, url) = Breakable::on_a_port(&target);
        (proxy, Endpoint::url(url))
    };
    let world = World::start(harness, |builder| {
        builder.supervise(tireless()).transport(endpoint)
    });
    Remote {
        proxy,
        server,
        world,
    }
}

#[test]
fn turn_goes_on_when_its_socket_breaks() {
    for at_a_socket in [false, true] {
        let (gate, gap) = (Gate::new(), Gate::new());
        let reply = Reply::new()
            .message("one")
            .gate(&gate)
            .message("two")
            .gate(&gap);
        let harness = harness_with([reply.message("three")]);
        let remote = remote(harness, at_a_socket);
        let thread = call!(remote.world.codex.thread_start()).unwrap();
        let mut turn = call!(thread.turn("go")).unwrap();
        gate.wait_reached(LIMIT).unwrap();
        remote.proxy.break_all();
        gate.release();
        gap.wait_reached(LIMIT).unwrap();
        gap.release();
        let result = wait!(turn.run()).unwrap();
        assert_eq!(result.status, TurnStatus::Completed);
        let messages = crate::support::agent_messages(&result.items);
        assert_eq!(messages, ["one", "two", "three"]);
    }
}

#[test]
fn pending_approval_is_asked_again() {
    let asked = Seen::default();
    let harness = harness_with(escalated("touch proof"));
    let (_server, target) = listen(&harness, &[]);
    let (proxy, url) = Breakable::on_a_port(&target);
    let world = World::start(harness, |builder| {
        let builder = builder.supervise(tireless()).transport(Endpoint::url(url));
        builder.handler(breaking(proxy, &asked))
    });
    let thread = world.codex.thread_start();
    let thread = call!(thread.approval_mode(ApprovalMode::AskClient)).unwrap();
    let result = call!(thread.run("go")).unwrap();
    assert_eq!(command(&result.items).status.as_str(), "completed");
    assert_eq!(asked.all().len(), 2);
}

#[test]
fn server_that_is_replaced_has_interrupted_its_turns() {
    let gate = Gate::new();
    let harness = harness_with([Reply::assistant("one").gate(&gate)]);
    let remote = remote(harness, false);
    let thread = call!(remote.world.codex.thread_start()).unwrap();
    let mut turn = call!(thread.turn("go")).unwrap();
    gate.wait_reached(LIMIT).unwrap();
    let (_server, target) = listen(&remote.world.harness, &[]);
    remote.proxy.forward_to(&target);
    drop(remote.server);
    let error = wait!(turn.run()).unwrap_err();
    let Error::TurnDisconnected(cut) = error else {
        panic!("{error:?}");
    };
    assert!(cut.restart.unwrap().has_interrupted(turn.id().as_str()));
    remote
        .world
        .harness
        .responses()
        .enqueue(Reply::assistant("two"));
    assert!(call!(thread.run("again")).is_ok());
}
