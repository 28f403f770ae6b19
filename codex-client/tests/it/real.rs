//! The real runtime, with only the model mocked: what faults can be provoked there.

use std::thread;
use std::time::Duration;

use codex_client::testing::{AppServerHarness, Gate, Reply};
use codex_client::types::{ServerNotification, TurnStatus};
use codex_client::{CloseReason, Error, Launch, ServerErrorKind};
use serde_json::{Value, json};

use crate::face::{Behavior, Face, Setup, both_faces};
use crate::talk::{COMPLETED, DELTA};

both_faces! {
    a_turn_streams_from_start_to_end;
    two_turns_of_one_connection_do_not_mix;
    twenty_thousand_deltas_arrive;
    a_killed_runtime_fails_every_waiter;
    a_flood_of_log_lines_does_not_stall_a_turn;
    a_burst_of_requests_is_answered_in_full;
    a_burst_beyond_the_cap_never_hangs;
    a_file_of_48_mebibytes_comes_back;
    unknown_methods_and_gated_fields_are_recognized;
    an_interrupt_in_the_last_moment_does_not_hang;
    commands_are_declined_without_a_handler_and_run_with_one;
    closing_in_the_middle_of_a_turn_is_clean;
}

/// How to start the runtime of a harness.
pub(crate) fn launch(harness: &AppServerHarness) -> Launch {
    Launch::new()
        .binary(harness.runtime().binary())
        .cwd(harness.workspace())
        .env_clear()
        .envs(harness.environment())
}

fn start<F: Face>(harness: &AppServerHarness, setup: &Setup) -> F {
    F::spawn(setup, &launch(harness)).unwrap()
}

fn thread_id<F: Face>(client: &F, params: &Value) -> String {
    let started = client.raw("thread/start", params).unwrap();
    started["thread"]["id"].as_str().unwrap().to_owned()
}

fn texts(events: &[Result<codex_client::Event, Error>]) -> String {
    let delta =
        |event: &Result<codex_client::Event, Error>| match event.as_ref().unwrap().notification() {
            ServerNotification::ItemAgentMessageDelta(delta) => Some(delta.delta.clone()),
            _ => None,
        };
    events.iter().filter_map(delta).collect()
}

fn ends_with_completed(events: &[Result<codex_client::Event, Error>]) -> TurnStatus {
    match events.last().unwrap().as_ref().unwrap().notification() {
        ServerNotification::TurnCompleted(completed) => completed.turn.status.clone(),
        other => panic!("{other:?}"),
    }
}

fn a_turn_streams_from_start_to_end<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    harness
        .responses()
        .enqueue(Reply::streaming(["Hello", ", ", "world"]));
    let client: F = start(&harness, &Setup::default());
    let info = client.info();
    assert_eq!(
        info.version.unwrap().to_string(),
        codex_client::types::RUNTIME_VERSION
    );
    assert!(
        info.codex_home
            .ends_with(harness.codex_home().file_name().unwrap())
    );
    let thread = thread_id(&client, &json!({}));
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    let events = client.rest(&mut turn);
    let methods: Vec<_> = events
        .iter()
        .map(|event| event.as_ref().unwrap().method())
        .collect();
    assert_eq!(methods[0], "turn/started");
    assert_eq!(methods.last(), Some(&COMPLETED));
    assert_eq!(texts(&events), "Hello, world");
    assert_eq!(ends_with_completed(&events), TurnStatus::Completed);
    assert!(
        events
            .iter()
            .flatten()
            .all(|event| event.decode_error().is_none())
    );
    assert_eq!(client.close().unwrap().code(), Some(0));
}

fn two_turns_of_one_connection_do_not_mix<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    let gates = [Gate::new(), Gate::new()];
    for (gate, letter) in gates.iter().zip(["a", "b"]) {
        harness
            .responses()
            .enqueue(Reply::streaming([letter; 5]).gate(gate));
    }
    let client: F = start(&harness, &Setup::default());
    let threads = [
        thread_id(&client, &json!({})),
        thread_id(&client, &json!({})),
    ];
    let (_, mut one) = client.start_turn(&threads[0]).unwrap();
    gates[0].wait_reached(crate::face::LIMIT).unwrap();
    let (_, mut two) = client.start_turn(&threads[1]).unwrap();
    gates[1].wait_reached(crate::face::LIMIT).unwrap();
    // Answered although two streams are open and unread.
    client.raw("model/list", &json!({})).unwrap();
    gates.iter().for_each(Gate::release);
    for (turn, thread, text) in [
        (&mut two, &threads[1], "bbbbb"),
        (&mut one, &threads[0], "aaaaa"),
    ] {
        let events = client.rest(turn);
        assert_eq!(texts(&events), text);
        assert!(
            events
                .iter()
                .flatten()
                .all(|event| event.thread_id() == Some(thread))
        );
    }
    client.close();
}

fn twenty_thousand_deltas_arrive<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    harness
        .responses()
        .enqueue(Reply::streaming(vec!["word"; 20_000]));
    let client: F = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    let methods = client.methods(&mut turn);
    assert_eq!(
        methods.iter().filter(|method| *method == DELTA).count(),
        20_000
    );
    client.close();
}

fn a_killed_runtime_fails_every_waiter<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    let gate = Gate::new();
    harness
        .responses()
        .enqueue(Reply::assistant("never").gate(&gate));
    let client: F = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    gate.wait_reached(crate::face::LIMIT).unwrap();
    let process = i32::try_from(client.process_id()).unwrap();
    let process = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    let last = client.rest(&mut turn).pop().unwrap().unwrap_err();
    let later = client.raw("model/list", &json!({})).unwrap_err();
    for error in [last, later] {
        let closed = error.closed().unwrap();
        assert_eq!(closed.reason(), &CloseReason::ByServer);
        let status = closed.exit_status().unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(9)
        );
    }
    client.close();
}

fn a_flood_of_log_lines_does_not_stall_a_turn<F: Face>() {
    let harness = AppServerHarness::builder()
        .env("RUST_LOG", "trace")
        .start()
        .unwrap();
    harness
        .responses()
        .enqueue(Reply::streaming(vec!["word"; 500]));
    let client: F = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    assert_eq!(texts(&client.rest(&mut turn)).len(), 2000);
    client.close();
}

fn a_burst_of_requests_is_answered_in_full<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    let client: F = start(&harness, &Setup::default());
    thread::scope(|scope| {
        let ask = || (0..10).for_each(|_| drop(client.raw("model/list", &json!({})).unwrap()));
        let asking: Vec<_> = (0..100).map(|_| scope.spawn(ask)).collect();
        for asking in asking {
            asking.join().unwrap();
        }
    });
    client.close();
}

/// The runtime refuses some of so many requests, and does not answer others at all.
fn a_burst_beyond_the_cap_never_hangs<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    let deadline = Duration::from_secs(3);
    let setup = Setup {
        max_in_flight: 4096,
        deadline,
        ..Setup::default()
    };
    let client: F = start(&harness, &setup);
    thread::scope(|scope| {
        let ask = || client.raw("model/list", &json!({}));
        let asking: Vec<_> = (0..1024).map(|_| scope.spawn(ask)).collect();
        for asking in asking {
            match asking.join().unwrap() {
                Err(error) if !error.is_retryable() => {
                    assert!(matches!(error, Error::Timeout { .. }), "{error}");
                }
                _ => {}
            }
        }
    });
    client.raw("model/list", &json!({})).unwrap();
    client.close();
}

fn a_file_of_48_mebibytes_comes_back<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    let path = harness.workspace().join("large");
    std::fs::write(&path, vec![b'x'; 48 << 20]).unwrap();
    let client: F = start(
        &harness,
        &Setup {
            experimental_api: true,
            ..Setup::default()
        },
    );
    let read = client.raw("fs/readFile", &json!({ "path": path })).unwrap();
    assert_eq!(read["dataBase64"].as_str().unwrap().len(), 64 << 20);
    client.close();
}

fn unknown_methods_and_gated_fields_are_recognized<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    let client: F = start(&harness, &Setup::default());
    let kind = |method: &str, params: &Value| {
        let error = client.raw(method, params).unwrap_err();
        (
            error.is_experimental_required(),
            error.server().unwrap().kind(),
        )
    };
    assert_eq!(
        kind("no/such", &json!({})),
        (false, ServerErrorKind::UnknownMethod)
    );
    assert_eq!(
        kind("turn/start", &json!({})),
        (false, ServerErrorKind::InvalidRequest)
    );
    assert_eq!(
        kind(
            "initialize",
            &json!({"clientInfo": {"name": "x", "version": "1"}})
        ),
        (false, ServerErrorKind::AlreadyInitialized)
    );
    let gated = |what: &str| {
        (
            true,
            ServerErrorKind::ExperimentalRequired { what: what.into() },
        )
    };
    assert_eq!(
        kind("collaborationMode/list", &json!({})),
        gated("collaborationMode/list")
    );
    let params = json!({"dynamicTools": []});
    assert_eq!(
        kind("thread/start", &params),
        gated("thread/start.dynamicTools")
    );
    let long = "x".repeat(1_048_577);
    let thread = thread_id(&client, &json!({}));
    let params = json!({"threadId": thread, "input": [{"type": "text", "text": long}]});
    assert_eq!(
        kind("turn/start", &params),
        (false, ServerErrorKind::InputTooLarge)
    );
    client.close();
}

fn an_interrupt_in_the_last_moment_does_not_hang<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("done"));
    let client: F = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (id, mut turn) = client.start_turn(&thread).unwrap();
    client.rest(&mut turn);
    // Answered, refused or never answered, depending on the moment: never without an end.
    let brief = client.with_deadline(Duration::from_millis(500));
    let interrupted = brief.raw("turn/interrupt", &json!({"threadId": thread, "turnId": id}));
    if let Err(error) = interrupted {
        assert!(!error.is_closed(), "{error}");
    }
    client.raw("model/list", &json!({})).unwrap();
    client.close();
}

/// Has the model ask for a command that needs an approval.
fn approved_run<F: Face>(handler: Behavior) -> bool {
    let harness = AppServerHarness::start().unwrap();
    let arguments = json!({
        "cmd": "touch proof", "sandbox_permissions": "require_escalated", "justification": "why not",
    });
    harness
        .responses()
        .enqueue(Reply::new().function_call("call", "exec_command", arguments));
    harness.responses().enqueue(Reply::assistant("done"));
    let client: F = start(
        &harness,
        &Setup {
            handler,
            ..Setup::default()
        },
    );
    let params = json!({"approvalPolicy": "on-request", "approvalsReviewer": "user"});
    let thread = thread_id(&client, &params);
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    assert_eq!(
        ends_with_completed(&client.rest(&mut turn)),
        TurnStatus::Completed
    );
    client.close();
    harness.workspace().join("proof").exists()
}

fn commands_are_declined_without_a_handler_and_run_with_one<F: Face>() {
    assert!(!approved_run::<F>(Behavior::None));
    assert!(!approved_run::<F>(Behavior::Fail));
    assert!(!approved_run::<F>(Behavior::Panic));
    assert!(approved_run::<F>(Behavior::Accept));
}

fn closing_in_the_middle_of_a_turn_is_clean<F: Face>() {
    let harness = AppServerHarness::start().unwrap();
    let gate = Gate::new();
    harness
        .responses()
        .enqueue(Reply::assistant("never").gate(&gate));
    let client: F = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    gate.wait_reached(crate::face::LIMIT).unwrap();
    assert_eq!(client.close().unwrap().code(), Some(0));
    assert!(
        client
            .rest(&mut turn)
            .pop()
            .unwrap()
            .unwrap_err()
            .is_closed()
    );
}
