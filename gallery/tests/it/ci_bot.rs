//! The bot for continuous integration: its output and its exit codes.

use std::process::Command;

use codex_testing::events::Usage;
use codex_testing::{AppServerHarness, Reply};
use serde_json::{Value, json};

use crate::support::{Ended, run};

const LOG: &str = "test sums::empty ... FAILED\n";

fn bot(harness: &AppServerHarness, arguments: &[&str]) -> Command {
    let mut command = harness.program(env!("CARGO_BIN_EXE_ci-bot"));
    command.args(["--pause", "1"]).args(arguments);
    command
}

fn verdict() -> Value {
    json!({"cause": "A typo.", "kind": "change", "file": null, "remedy": "Correct it."})
}

fn report(ended: &Ended) -> Value {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.output).unwrap()
}

#[test]
fn a_verdict_has_its_type_and_its_cost() {
    let harness = AppServerHarness::start().unwrap();
    let reply = Reply::assistant(verdict().to_string()).usage(Usage::new(2_000_000, 500_000));
    harness.responses().enqueue(reply);
    let prices = ["--price-input", "1.5", "--price-output", "10"];
    let report = report(&run(&mut bot(&harness, &prices), LOG));
    assert_eq!(report["verdict"], verdict());
    assert_eq!(report["usage"]["output_tokens"], 500_000);
    assert_eq!(report["cost"], 3.0 + 5.0);
    assert!(report["session"].is_string());

    let asked = harness.responses().single_request();
    assert!(asked.last_user_text().unwrap().contains("sums::empty"));
    let schema = &asked.body_json()["text"]["format"]["schema"];
    assert_eq!(
        schema["required"],
        json!(["cause", "file", "kind", "remedy"]),
        "{schema}"
    );
}

#[test]
fn a_cost_without_prices_is_not_invented() {
    let harness = AppServerHarness::start().unwrap();
    harness
        .responses()
        .enqueue(Reply::assistant(verdict().to_string()));
    let report = report(&run(&mut bot(&harness, &[]), LOG));
    assert_eq!(report.get("cost"), None);
}

#[test]
fn a_cut_stream_is_tried_again() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue_all([
        Reply::new().cut(),
        Reply::failed("server_is_overloaded", "busy"),
        Reply::assistant(verdict().to_string()),
    ]);
    let ended = run(&mut bot(&harness, &[]), LOG);
    assert_eq!(report(&ended)["verdict"], verdict());
    assert!(ended.errors.contains("trying again in"), "{}", ended.errors);
    assert!(ended.errors.contains("(2/3)"), "{}", ended.errors);
    harness.responses().assert_exhausted();
}

#[test]
fn exit_codes_tell_ci_whether_another_run_may_help() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::new().cut());
    let ended = run(&mut bot(&harness, &["--retries", "0"]), LOG);
    assert_eq!(ended.code, Some(75), "{ended:?}");
    assert_eq!(ended.output, "");

    harness
        .responses()
        .enqueue(Reply::assistant("I would rather not."));
    let ended = run(&mut bot(&harness, &[]), LOG);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.errors.contains("the answer is no verdict"),
        "{}",
        ended.errors
    );

    harness
        .responses()
        .enqueue(Reply::http_error(400, "no such model"));
    let ended = run(&mut bot(&harness, &[]), LOG);
    assert_eq!(ended.code, Some(1), "{ended:?}");

    // Nothing is sent without a log.
    let ended = run(&mut bot(&harness, &[]), " \n");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.errors.contains("no log on standard input"),
        "{}",
        ended.errors
    );
    harness.responses().assert_exhausted();
}

#[test]
fn of_a_long_log_the_end_is_read() {
    let harness = AppServerHarness::start().unwrap();
    harness
        .responses()
        .enqueue(Reply::assistant(verdict().to_string()));
    let log = format!("the beginning{}\u{e9} the end", "x".repeat(500));
    // In the middle of a character.
    report(&run(&mut bot(&harness, &["--log-size", "9"]), &log));
    let asked = harness.responses().single_request();
    let prompt = asked.last_user_text().unwrap();
    assert!(
        prompt.contains("the end") && !prompt.contains("the beginning"),
        "{prompt}"
    );
}
