//! Steering and interrupting.

use codex_client::types::{TurnInterruptParams, TurnStatus, TurnSteerParams, UserInput};
use codex_client::{Error, ServerErrorKind};
use codex_testing::{AppServerHarness, Gate, Reply};

use crate::support::{LIMIT, blocking_codex, codex, harness_with};

fn held() -> (Gate, AppServerHarness) {
    let gate = Gate::new();
    let harness = harness_with([
        Reply::streaming(["Working"]).gate(&gate).delta(" on"),
        Reply::assistant("Now differently."),
    ]);
    (gate, harness)
}

fn kind(error: &Error) -> ServerErrorKind {
    error.server().expect("a refusal").kind()
}

#[tokio::test]
async fn steering_adds_input_to_the_turn() {
    let (gate, harness) = held();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread.turn("start").await.unwrap();
    gate.wait_reached_async(LIMIT).await.unwrap();
    let answer = turn.steer("differently, please").await.unwrap();
    assert_eq!(answer.turn_id, *turn.id());
    gate.release();
    let result = turn.run().await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Now differently."));
    let requests = harness.responses().requests();
    assert_eq!(requests[1].last_user_text(), Some("differently, please"));

    let error = turn.steer("too late").await.unwrap_err();
    assert_eq!(kind(&error), ServerErrorKind::NoActiveTurn);
    let error = turn.interrupt().await.unwrap_err();
    assert_eq!(kind(&error), ServerErrorKind::NoActiveTurn);
}

#[test]
fn blocking_steering_adds_input_to_the_turn() {
    let (gate, harness) = held();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut turn = thread.turn("start").call().unwrap();
    gate.wait_reached(LIMIT).unwrap();
    turn.steer("differently, please").call().unwrap();
    gate.release();
    let result = turn.run().unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Now differently."));
    let error = turn.steer("too late").call().unwrap_err();
    assert_eq!(kind(&error), ServerErrorKind::NoActiveTurn);
}

#[tokio::test]
async fn interrupted_turn_is_a_result() {
    let (gate, harness) = held();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let turn = thread.turn("start").await.unwrap();
    gate.wait_reached_async(LIMIT).await.unwrap();
    // From another task, while this one reads.
    let (control, mut stream) = turn.split();
    let interrupting = tokio::spawn(async move { control.interrupt().await });
    let result = stream.run().await.unwrap();
    interrupting.await.unwrap().unwrap();
    assert_eq!(result.status, TurnStatus::Interrupted);
    gate.release();
    let result = thread.run("again").await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Now differently."));
}

#[test]
fn interrupted_blocking_turn_is_a_result() {
    let (gate, harness) = held();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut turn = thread.turn("start").call().unwrap();
    gate.wait_reached(LIMIT).unwrap();
    turn.interrupt().call().unwrap();
    assert_eq!(turn.run().unwrap().status, TurnStatus::Interrupted);
    gate.release();
    let result = thread.run("again").call().unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Now differently."));
}

#[tokio::test]
async fn another_turn_is_distinguished_from_none() {
    let (gate, harness) = held();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let turn = thread.turn("start").await.unwrap();
    gate.wait_reached_async(LIMIT).await.unwrap();
    let active = turn.id().as_str().to_owned();
    let client = codex.client();
    let params = TurnSteerParams::new(thread.id(), Vec::<UserInput>::new(), "other");
    let steered = client.turn_steer(params).await.unwrap_err();
    let params = TurnInterruptParams::new(thread.id(), "other");
    let interrupted = client.turn_interrupt(params).await.unwrap_err();
    for error in [steered, interrupted] {
        let expected = ServerErrorKind::OtherTurnActive {
            active: active.clone(),
        };
        assert_eq!(kind(&error), expected, "{error}");
    }
    turn.interrupt().await.unwrap();
    gate.release();
}
