//! Several reviewers at once.

use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::json;

use crate::support::{LIMIT, Running, run};

const CHANGE: &str = "--- a/sum.rs\n+++ b/sum.rs\n@@ -1 +1 @@\n-a + b\n+a - b\n";

fn nothing() -> Reply {
    Reply::assistant(r#"{"findings": []}"#)
}

fn finding(severity: &str, line: u32, problem: &str) -> Reply {
    let finding = json!({"file": "sum.rs", "line": line, "severity": severity, "problem": problem});
    Reply::assistant(json!({ "findings": [finding] }).to_string())
}

/// The reviewers are distinguished by their tasks.
fn answer(harness: &AppServerHarness, reply: impl Fn(&str) -> Reply + Send + 'static) {
    let tasks = [
        "behavior that is wrong",
        "attacker",
        "no test would notice",
        "mislead",
    ];
    harness.responses().respond_with(move |request| {
        let developer = request.message_texts("developer").join("\n");
        let task = tasks.into_iter().find(|task| developer.contains(task));
        Some(reply(task?))
    });
}

#[test]
fn findings_are_merged_with_the_worst_first() {
    let harness = AppServerHarness::start().unwrap();
    answer(&harness, |task| match task {
        "behavior that is wrong" => finding("severe", 7, "It subtracts."),
        "no test would notice" => finding("moderate", 7, "Nothing tests it."),
        "mislead" => finding("minor", 2, "Its name says sum."),
        _ => nothing(),
    });
    let ended = run(&mut harness.program(env!("CARGO_BIN_EXE_review")), CHANGE);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(
        ended.output,
        "severe sum.rs:7: It subtracts. (correctness)\n\
         moderate sum.rs:7: Nothing tests it. (tests)\n\
         minor sum.rs:2: Its name says sum. (clarity)\n"
    );
    assert!(
        ended.errors.contains("security: 0 findings"),
        "{}",
        ended.errors
    );
    assert!(ended.errors.contains(" tokens"), "{}", ended.errors);
    assert_eq!(harness.responses().requests().len(), 4);
}

#[test]
fn reviewers_work_at_the_same_time() {
    let harness = AppServerHarness::start().unwrap();
    let gate = Gate::new();
    let held = gate.clone();
    answer(&harness, move |_| nothing().held_by(&held));
    let mut review = Running::start(&mut harness.program(env!("CARGO_BIN_EXE_review")));
    review.types(CHANGE);
    review.ends_its_input();
    // All of them have asked before any was answered.
    harness.responses().wait_for_requests(4, LIMIT).unwrap();
    gate.release();
    let (status, _) = review.end();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_failed_reviewer_does_not_hide_the_others() {
    let harness = AppServerHarness::start().unwrap();
    answer(&harness, |task| match task {
        "attacker" => Reply::http_error(400, "refused"),
        "behavior that is wrong" => finding("minor", 1, "It overflows."),
        _ => nothing(),
    });
    let ended = run(&mut harness.program(env!("CARGO_BIN_EXE_review")), CHANGE);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.output.contains("It overflows. (correctness)"),
        "{}",
        ended.output
    );
    assert!(ended.errors.contains("security: ") && ended.errors.contains("refused"));
}

#[test]
fn ctrl_c_keeps_what_was_found() {
    let harness = AppServerHarness::start().unwrap();
    let gate = Gate::new();
    let held = gate.clone();
    answer(&harness, move |task| match task {
        "behavior that is wrong" => finding("severe", 1, "It subtracts."),
        _ => nothing().held_by(&held),
    });
    let mut command = harness.program(env!("CARGO_BIN_EXE_review"));
    // One after the other, so that the first has answered when the second asks.
    let mut review = Running::start(command.args(["--at-once", "1"]));
    review.types(CHANGE);
    review.ends_its_input();
    gate.wait_reached(LIMIT).unwrap();
    review.presses_ctrl_c();
    let (status, output) = review.end();
    assert_eq!(status.code(), Some(130));
    assert_eq!(output, "severe sum.rs:1: It subtracts. (correctness)\n");
}
