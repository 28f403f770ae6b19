//! Typed answers.

use codex_client::Error;
use codex_testing::{Gate, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::support::{LIMIT, blocking_codex, codex, harness_with};

/// The outcome of the tests.
#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
struct Verdict {
    /// True if they pass.
    passes: bool,
    reason: Option<String>,
    failures: Vec<Failure>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
struct Failure {
    line: u32,
}

const ANSWER: &str = r#"{"passes":false,"reason":null,"failures":[{"line":7}]}"#;

fn expected() -> Verdict {
    let failures = vec![Failure { line: 7 }];
    Verdict {
        passes: false,
        reason: None,
        failures,
    }
}

#[tokio::test]
async fn model_receives_the_schema_and_the_answer_is_decoded() {
    let harness = harness_with([Reply::assistant(ANSWER)]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let verdict = thread.run_as::<Verdict>("Do they pass?").await.unwrap();
    assert_eq!(verdict, expected());
    let request = harness.responses().single_request();
    let body = request.body_json();
    let schema = &body["text"]["format"]["schema"];
    assert_eq!(
        schema["required"],
        serde_json::json!(["failures", "passes", "reason"])
    );
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["$defs"]["Failure"]["additionalProperties"], false);
    assert!(!schema.to_string().contains("uint32"), "{schema}");
}

#[test]
fn a_blocking_answer_is_read() {
    let harness = harness_with([Reply::assistant(ANSWER)]);
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let verdict = thread.run_as::<Verdict>("Do they pass?").call().unwrap();
    assert_eq!(verdict, expected());
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_lost() {
    let harness = harness_with([Reply::assistant("They pass.")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let run = thread.run("Do they pass?").effort("low").typed::<Verdict>();
    let error = run.await.unwrap_err();
    let Error::Output(output) = error else {
        panic!("{error:?}");
    };
    assert_eq!(output.text(), Some("They pass."));
    assert!(output.result().usage.is_some());
}

#[tokio::test]
async fn an_answer_that_was_interrupted_is_named_so() {
    let gate = Gate::new();
    let harness = harness_with([Reply::new().gate(&gate).message(ANSWER)]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut events = thread.events().unwrap();
    let run = tokio::spawn(thread.run_as::<Verdict>("Do they pass?").into_future());
    let turn = loop {
        let event = events.next().await.unwrap().unwrap();
        if let Some(turn) = event.turn_id() {
            break turn.to_owned();
        }
    };
    gate.wait_reached(LIMIT).unwrap();
    thread
        .attach(turn)
        .await
        .unwrap()
        .interrupt()
        .await
        .unwrap();
    let error = run.await.unwrap().unwrap_err();
    gate.release();
    let text = "the answer is not what it was asked to be: there is none; the turn was interrupted";
    assert!(error.to_string().ends_with(text), "{error}");
}
