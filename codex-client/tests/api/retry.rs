//! Turns that are run again, and values with the turn beside them.

use std::time::Duration;

use codex_client::{Cancellation, Codex, Error, Retry, Thread, TurnResult, blocking};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::{LIMIT, blocking_codex, codex, harness_with};

fn overloaded() -> Reply {
    Reply::failed("server_is_overloaded", "too much to do")
}

/// Overloaded, then cut, then well.
fn recovering() -> AppServerHarness {
    harness_with([overloaded(), Reply::new().cut(), Reply::assistant("Hello.")])
}

fn quick(times: usize) -> Retry {
    let pause = Duration::from_millis(1);
    Retry::on_overload(times).backoff(pause, pause)
}

#[tokio::test]
async fn a_turn_without_effects_is_run_again() {
    let harness = recovering();
    let thread = codex(&harness).await.thread_start().await.unwrap();
    let result = thread.run("hello").retry(quick(2)).await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Hello."));
    assert_eq!(harness.responses().requests().len(), 3);
}

#[test]
fn blocking_turn_without_effects_is_run_again() {
    let harness = recovering();
    let thread = blocking_codex(&harness).thread_start().call().unwrap();
    let result = thread.run("hello").retry(quick(2)).call().unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Hello."));
    assert_eq!(harness.responses().requests().len(), 3);
}

#[tokio::test]
async fn retries_are_limited_and_off_by_default() {
    let harness = harness_with([overloaded(), overloaded(), overloaded()]);
    let thread = codex(&harness).await.thread_start().await.unwrap();
    let error = thread.run("hello").await.unwrap_err();
    assert!(matches!(error, Error::TurnFailed(_)), "{error:?}");
    assert_eq!(harness.responses().requests().len(), 1);
    let error = thread.run("hello").retry(quick(1)).await.unwrap_err();
    assert!(matches!(error, Error::TurnFailed(_)), "{error:?}");
    assert_eq!(harness.responses().requests().len(), 3);
}

#[tokio::test]
async fn a_turn_with_effects_is_not_run_again() {
    let call = json!({ "cmd": "echo effect" });
    let command = Reply::new().function_call("c", "exec_command", call);
    let harness = harness_with([command, overloaded()]);
    let thread = codex(&harness).await.thread_start().await.unwrap();
    let error = thread.run("hello").retry(quick(5)).await.unwrap_err();
    assert!(matches!(error, Error::TurnFailed(_)), "{error:?}");
    assert_eq!(harness.responses().requests().len(), 2);
}

/// One retry, after a pause that no test waits for.
fn slow() -> Retry {
    Retry::on_overload(1).backoff(Duration::from_secs(3600), Duration::from_secs(3600))
}

#[tokio::test]
async fn pause_between_retries_ends_with_the_cancellation() {
    let harness = harness_with([overloaded()]);
    let thread = codex(&harness).await.thread_start().await.unwrap();
    let mut events = thread.events().unwrap();
    let cancellation = Cancellation::new();
    let run = thread.run("hello").retry(slow());
    let running = tokio::spawn(run.cancellation(&cancellation).into_future());
    while events.next().await.unwrap().unwrap().method() != "turn/completed" {}
    cancellation.cancel();
    let cancelled = tokio::time::timeout(LIMIT, running).await.unwrap().unwrap();
    assert!(
        matches!(cancelled, Err(Error::Cancelled { .. })),
        "{cancelled:?}"
    );
}

#[test]
fn pause_between_blocking_retries_ends_with_the_cancellation() {
    let harness = harness_with([overloaded()]);
    let codex = blocking_codex(&harness);
    let cancellation = Cancellation::new();
    // That of the client holds for its turns as well.
    let client = codex.client().with_cancellation(&cancellation);
    let thread = blocking::Codex::from_client(client);
    let thread = thread.thread_start().call().unwrap();
    let mut events = thread.events().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = sender.send(thread.run("hello").retry(slow()).call());
    });
    while events.next().unwrap().unwrap().method() != "turn/completed" {}
    cancellation.cancel();
    let cancelled = receiver.recv_timeout(LIMIT).unwrap();
    assert!(
        matches!(cancelled, Err(Error::Cancelled { .. })),
        "{cancelled:?}"
    );
}

/// A run in the pause after its first attempt.
async fn pausing(
    harness: &AppServerHarness,
) -> (Codex, Thread, JoinHandle<Result<TurnResult, Error>>) {
    let codex = codex(harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut events = codex.events().unwrap();
    let run = tokio::spawn(thread.run("hello").retry(slow()).into_future());
    while events.next().await.unwrap().unwrap().method() != "turn/completed" {}
    (codex, thread, run)
}

#[tokio::test]
async fn the_end_of_the_connection_ends_the_pause_between_attempts() {
    let harness = harness_with([overloaded()]);
    let (codex, _thread, run) = pausing(&harness).await;
    codex.close().await.unwrap();
    let error = run.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Closed(_)), "{error:?}");
}

#[tokio::test]
async fn a_run_that_is_dropped_in_a_pause_is_not_run_again() {
    let harness = harness_with([overloaded()]);
    let (_codex, thread, run) = pausing(&harness).await;
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    // The thread is free, and its next turn the second request.
    harness.responses().enqueue(Reply::assistant("next"));
    let result = thread.run("next").await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("next"));
    assert_eq!(harness.responses().requests().len(), 2);
}

#[cfg(feature = "schemars")]
#[tokio::test]
async fn a_value_comes_with_its_turn() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Answer {
        number: i64,
    }
    let harness = harness_with([r#"{"number":7}"#, r#"{"number":8}"#].map(Reply::assistant));
    let thread = codex(&harness).await.thread_start().await.unwrap();
    let (answer, result) = thread
        .run_as::<Answer>("which?")
        .with_result()
        .await
        .unwrap();
    assert_eq!(answer.number, 7);
    assert_eq!(result.final_response.as_deref(), Some(r#"{"number":7}"#));
    assert!(result.usage.is_some());
    let codex = blocking::Codex::builder().launch(harness.launch()).build();
    let thread = codex.unwrap().thread_start().call().unwrap();
    let run = thread.run_as::<Answer>("which?").with_result().call();
    let (answer, result) = run.unwrap();
    assert_eq!((answer.number, result.items.len()), (8, 2));
}
