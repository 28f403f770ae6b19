//! Turns of the blocking API that another thread cancels.

use std::thread;

use codex_client::Error;
use codex_client::blocking::{Cancellation, Codex};
use codex_client::types::TurnStatus;
use codex_testing::scripted::{Script, ScriptedPeer};
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::{Value, json};

use crate::support::{LIMIT, blocking_codex, harness_with};

/// A model that streams some text and then waits at a gate.
fn held() -> (AppServerHarness, Gate) {
    let gate = Gate::new();
    let harness = harness_with([
        Reply::streaming(["Working"]).gate(&gate).delta(" on"),
        Reply::assistant("As you wish."),
    ]);
    (harness, gate)
}

#[test]
fn another_thread_cancels_a_run() {
    let (harness, gate) = held();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let cancellation = Cancellation::new();
    let run = thread.run("Do it all.").cancellation(&cancellation);
    let running = thread::spawn(move || run.call());
    gate.wait_reached(LIMIT).unwrap();
    cancellation.cancel();
    let result = running.join().unwrap().unwrap();
    assert_eq!(result.status, TurnStatus::Interrupted);
    gate.release();
    // The thread is free again, and the cancellation is permanent.
    let again = thread.run("And now?").cancellation(&cancellation).call();
    assert!(matches!(again, Err(Error::Cancelled { .. })), "{again:?}");
    let next = thread.run("And now?").call().unwrap();
    assert_eq!(next.final_response.as_deref(), Some("As you wish."));
}

#[test]
fn another_thread_cancels_a_turn_while_it_is_read() {
    let (harness, gate) = held();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let cancellation = Cancellation::new();
    let turn = thread.turn("Do it all.").cancellation(&cancellation);
    let mut turn = turn.call().unwrap();
    let canceller = thread::spawn({
        let gate = gate.clone();
        move || {
            gate.wait_reached(LIMIT).unwrap();
            cancellation.cancel();
        }
    });
    let last = turn.by_ref().last().unwrap().unwrap();
    assert_eq!(last.method(), "turn/completed");
    assert_eq!(turn.run().unwrap().status, TurnStatus::Interrupted);
    canceller.join().unwrap();
    gate.release();
}

#[test]
fn another_thread_interrupts_a_turn_by_its_control() {
    let (harness, gate) = held();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut turn = thread.turn("Do it all.").call().unwrap();
    let control = turn.control();
    let interrupter = thread::spawn({
        let gate = gate.clone();
        move || {
            gate.wait_reached(LIMIT).unwrap();
            control.interrupt().call()
        }
    });
    assert_eq!(turn.run().unwrap().status, TurnStatus::Interrupted);
    interrupter.join().unwrap().unwrap();
    gate.release();
}

#[test]
fn a_turn_that_begins_after_it_was_cancelled_is_interrupted() {
    let cancellation = Cancellation::new();
    let cancel = cancellation.clone();
    let turn = json!({"id": "u", "items": [], "status": "inProgress"});
    let interrupted = |params: &Value| assert_eq!(params["turnId"], "u");
    let script = Script::new()
        .handshake()
        // Canceled while the response is on its way.
        .expect_with("turn/start", move |_| cancel.cancel())
        .reply(json!({"turn": turn}))
        .expect_with("turn/interrupt", interrupted)
        .reply(json!({}));
    let (peer, transport) = ScriptedPeer::play(script);
    let (reader, writer) = transport.split();
    let codex = Codex::builder()
        .transport((reader, writer))
        .build()
        .unwrap();
    let run = codex.thread("t").run("Do it all.");
    let error = run.cancellation(&cancellation).call();
    // Or, if the response was quicker, the turn is known and its end is awaited.
    peer.finish(LIMIT);
    assert!(matches!(error, Err(Error::Cancelled { .. })), "{error:?}");
}
