//! Running a turn to its end.

use codex_client::types::{CodexErrorInfo, ThreadItem, TurnStatus};
use codex_client::{Error, TurnResult};
use codex_testing::events::Usage;
use codex_testing::{AppServerHarness, Gate, Reply};

use crate::support::{LIMIT, blocking_codex, codex, harness, harness_with, messages};

fn hello() -> AppServerHarness {
    harness_with([Reply::new()
        .message("Hello back.")
        .usage(Usage::new(100, 20).cached(40).reasoning(5))])
}

/// The result of a simple run, and the request to the model.
fn check_hello(harness: &AppServerHarness, result: &TurnResult) {
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(result.error, None);
    assert_eq!(result.final_response.as_deref(), Some("Hello back."));
    assert!(matches!(result.items[0], ThreadItem::UserMessage(_)));
    assert_eq!(messages(&result.items), ["Hello back."]);
    assert!(result.started_at.unwrap() <= result.completed_at.unwrap());
    assert!(result.duration_ms.is_some());
    let usage = result.usage.as_ref().unwrap();
    let of_thread = result.thread_usage.as_ref().unwrap();
    for tokens in [usage, &of_thread.last, &of_thread.total] {
        assert_eq!(tokens.input_tokens, 100);
        assert_eq!(tokens.output_tokens, 20);
        assert_eq!(tokens.cached_input_tokens, 40);
        assert_eq!(tokens.reasoning_output_tokens, 5);
    }
    let request = harness.responses().single_request();
    assert_eq!(request.model(), Some("mock-model"));
    assert_eq!(request.body_json()["stream"], true);
    assert_eq!(request.last_user_text(), Some("hello"));
    harness.responses().assert_exhausted();
}

#[tokio::test]
async fn run_returns_the_answer_the_items_and_the_usage() {
    let harness = hello();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let result = thread.run("hello").await.unwrap();
    check_hello(&harness, &result);
    assert_eq!(result.thread_id, *thread.id());
    assert!(codex.close().await.unwrap().success());
}

#[test]
fn blocking_run_returns_the_answer_the_items_and_the_usage() {
    let harness = hello();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let result = thread.run("hello").call().unwrap();
    check_hello(&harness, &result);
    assert!(codex.close().unwrap().success());
}

#[tokio::test]
async fn a_handle_runs_to_the_same_result() {
    let harness = hello();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread.turn("hello").await.unwrap();
    // Some of it is read before.
    turn.next().await.unwrap().unwrap();
    let result = turn.run().await.unwrap();
    check_hello(&harness, &result);
    assert_eq!(result.id, *turn.id());
    assert_eq!(turn.run().await.unwrap(), result, "the same again");
}

#[test]
fn a_blocking_handle_runs_to_the_same_result() {
    let harness = hello();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut turn = thread.turn("hello").call().unwrap();
    turn.next().unwrap().unwrap();
    check_hello(&harness, &turn.run().unwrap());
}

fn failing() -> AppServerHarness {
    harness_with([Reply::new()
        .commentary("I will try.")
        .fail("context_length_exceeded", "too long")])
}

fn check_failure(error: Error) {
    let Error::TurnFailed(failed) = error else {
        panic!("{error:?}");
    };
    assert!(matches!(
        failed.info(),
        Some(CodexErrorInfo::ContextWindowExceeded)
    ));
    assert_eq!(failed.result.status, TurnStatus::Failed);
    assert_eq!(failed.result.error.as_ref(), Some(&failed.error));
    assert_eq!(messages(&failed.result.items), ["I will try."]);
    assert_eq!(
        failed.result.final_response, None,
        "commentary is no answer"
    );
    assert!(!failed.is_retryable());
}

#[tokio::test]
async fn a_failed_turn_is_an_error_that_has_everything_in_it() {
    let harness = failing();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    check_failure(thread.run("hello").await.unwrap_err());
}

#[test]
fn a_failed_blocking_turn_is_an_error_that_has_everything_in_it() {
    let harness = failing();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    check_failure(thread.run("hello").call().unwrap_err());
}

/// Replies, and the resulting answer.
fn answers() -> Vec<(Reply, Option<&'static str>)> {
    vec![
        (
            Reply::new().commentary("one").final_answer("two"),
            Some("two"),
        ),
        (
            Reply::new().final_answer("answer").commentary("and so on"),
            Some("answer"),
        ),
        (Reply::new().message("one").message("two"), Some("two")),
        (Reply::new().message("one").message(""), Some("")),
        (Reply::new().commentary("only this"), None),
    ]
}

#[tokio::test]
async fn the_answer_is_chosen_by_phase() {
    let harness = harness();
    let codex = codex(&harness).await;
    for (reply, expected) in answers() {
        harness.responses().enqueue(reply);
        let thread = codex.thread_start().await.unwrap();
        let result = thread.run("hello").await.unwrap();
        assert_eq!(result.final_response.as_deref(), expected);
    }
}

#[test]
fn the_answer_is_chosen_by_phase_in_the_blocking_api() {
    let harness = harness();
    let codex = blocking_codex(&harness);
    for (reply, expected) in answers() {
        harness.responses().enqueue(reply);
        let thread = codex.thread_start().call().unwrap();
        let result = thread.run("hello").call().unwrap();
        assert_eq!(result.final_response.as_deref(), expected);
    }
}

#[tokio::test]
async fn a_turn_that_takes_too_long_is_interrupted() {
    let gate = Gate::new();
    let harness = harness_with([Reply::new().commentary("Hm.").gate(&gate).message("late")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread
        .turn("hello")
        .deadline(std::time::Duration::from_secs(2))
        .await
        .unwrap();
    let error = turn.run().await.unwrap_err();
    let Error::TurnTimedOut(timed_out) = error else {
        panic!("{error:?}");
    };
    assert_eq!(timed_out.result.status, TurnStatus::Interrupted);
    assert_eq!(messages(&timed_out.result.items), ["Hm."]);
    gate.release();
}

#[test]
fn a_blocking_turn_that_takes_too_long_is_interrupted() {
    let gate = Gate::new();
    let harness = harness_with([Reply::new().commentary("Hm.").gate(&gate).message("late")]);
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let deadline = std::time::Duration::from_secs(2);
    let error = thread.run("hello").deadline(deadline).call().unwrap_err();
    let Error::TurnTimedOut(timed_out) = error else {
        panic!("{error:?}");
    };
    assert_eq!(timed_out.result.status, TurnStatus::Interrupted);
    gate.release();
}

#[tokio::test]
async fn dropped_run_continues_or_is_interrupted() {
    let (first, second) = (Gate::new(), Gate::new());
    let harness = harness_with([
        Reply::new().gate(&first).message("still here"),
        Reply::new().gate(&second).message("never said"),
    ]);
    let codex = codex(&harness).await;

    let thread = codex.thread_start().await.unwrap();
    let mut events = thread.events().unwrap();
    let run = tokio::spawn(thread.run("hello").into_future());
    first.wait_reached_async(LIMIT).await.unwrap();
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    first.release();
    assert_eq!(end(&mut events).await, TurnStatus::Completed);

    let thread = codex.thread_start().await.unwrap();
    let mut events = thread.events().unwrap();
    let run = tokio::spawn(thread.run("hello").interrupt_on_drop().into_future());
    second.wait_reached_async(LIMIT).await.unwrap();
    run.abort();
    assert_eq!(end(&mut events).await, TurnStatus::Interrupted);
    second.release();
}

async fn end(events: &mut codex_client::Events) -> TurnStatus {
    use codex_client::types::ServerNotification;
    loop {
        let event = events.next().await.unwrap().unwrap();
        if let ServerNotification::TurnCompleted(completed) = event.notification() {
            return completed.turn.status.clone();
        }
    }
}
