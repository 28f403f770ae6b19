//! Turns and requests that succeed, and that are rejected.

use std::time::Duration;

use codex_client::ServerErrorKind;
use codex_client::types::TurnStatus;
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::{Value, json};

use super::{asking_thread, ends_with_completed, start, texts, thread_id};
use crate::mode::{Behavior, LIMIT, Mode, Setup, both_modes};
use crate::talk::COMPLETED;

both_modes! {
    a_turn_streams_from_start_to_end;
    two_turns_of_one_connection_do_not_mix;
    an_interrupt_in_the_last_moment_does_not_hang;
    commands_are_declined_without_a_handler_and_run_with_one;
    unknown_methods_and_gated_fields_are_recognized;
}

fn a_turn_streams_from_start_to_end<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    harness
        .responses()
        .enqueue(Reply::streaming(["Hello", ", ", "world"]));
    let client: M = start(&harness, &Setup::default());
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

fn two_turns_of_one_connection_do_not_mix<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    let gates = [Gate::new(), Gate::new()];
    for (gate, letter) in gates.iter().zip(["a", "b"]) {
        harness
            .responses()
            .enqueue(Reply::streaming([letter; 5]).gate(gate));
    }
    let client: M = start(&harness, &Setup::default());
    let threads = [
        thread_id(&client, &json!({})),
        thread_id(&client, &json!({})),
    ];
    let (_, mut one) = client.start_turn(&threads[0]).unwrap();
    gates[0].wait_reached(LIMIT).unwrap();
    let (_, mut two) = client.start_turn(&threads[1]).unwrap();
    gates[1].wait_reached(LIMIT).unwrap();
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

fn an_interrupt_in_the_last_moment_does_not_hang<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("done"));
    let client: M = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (id, mut turn) = client.start_turn(&thread).unwrap();
    client.rest(&mut turn);
    // Accepted, rejected or without a response, depending on the timing: but it never hangs.
    let brief = client.with_deadline(Duration::from_millis(500));
    let interrupted = brief.raw("turn/interrupt", &json!({"threadId": thread, "turnId": id}));
    if let Err(error) = interrupted {
        assert!(!error.is_closed(), "{error}");
    }
    client.raw("model/list", &json!({})).unwrap();
    client.close();
}

/// Returns whether a command that needs an approval has run.
fn approved_run<M: Mode>(handler: Behavior) -> bool {
    let harness = AppServerHarness::start().unwrap();
    let setup = Setup {
        handler,
        ..Setup::default()
    };
    let client: M = start(&harness, &setup);
    let thread = asking_thread(&harness, &client);
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    assert_eq!(
        ends_with_completed(&client.rest(&mut turn)),
        TurnStatus::Completed
    );
    client.close();
    harness.workspace().join("proof").exists()
}

fn commands_are_declined_without_a_handler_and_run_with_one<M: Mode>() {
    assert!(!approved_run::<M>(Behavior::None));
    assert!(!approved_run::<M>(Behavior::Fail));
    assert!(!approved_run::<M>(Behavior::Panic));
    assert!(approved_run::<M>(Behavior::Accept));
}

/// Rejected requests, their error responses, and the derived kinds.
fn refusals() -> Vec<(&'static str, Value, ServerErrorKind)> {
    let again = json!({"clientInfo": {"name": "x", "version": "1"}});
    let gated = |what: &str| ServerErrorKind::ExperimentalRequired { what: what.into() };
    vec![
        ("no/such", json!({}), ServerErrorKind::UnknownMethod),
        ("turn/start", json!({}), ServerErrorKind::InvalidRequest),
        ("initialize", again, ServerErrorKind::AlreadyInitialized),
        (
            "collaborationMode/list",
            json!({}),
            gated("collaborationMode/list"),
        ),
        (
            "thread/start",
            json!({"dynamicTools": []}),
            gated("thread/start.dynamicTools"),
        ),
    ]
}

fn unknown_methods_and_gated_fields_are_recognized<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    let client: M = start(&harness, &Setup::default());
    for (method, params, expected) in refusals() {
        let error = client.raw(method, &params).unwrap_err();
        let is_gated = matches!(expected, ServerErrorKind::ExperimentalRequired { .. });
        assert_eq!(error.is_experimental_required(), is_gated, "{error}");
        assert_eq!(error.server().unwrap().kind(), expected, "{error}");
    }
    let long = "x".repeat(1_048_577);
    let thread = thread_id(&client, &json!({}));
    let params = json!({"threadId": thread, "input": [{"type": "text", "text": long}]});
    let error = client.raw("turn/start", &params).unwrap_err();
    let kind = error.server().unwrap().kind();
    assert_eq!(kind, ServerErrorKind::InputTooLarge, "{error}");
    client.close();
}
