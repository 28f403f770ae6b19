//! The logging proxy, below a client that does not know of it.

use std::fs;
use std::path::PathBuf;

use codex_client::{Codex, Launch};
use codex_testing::{AppServerHarness, Reply};
use serde_json::Value;

use crate::support::{escalated, run};

struct Proxied {
    harness: AppServerHarness,
    log: PathBuf,
}

impl Proxied {
    fn new() -> Self {
        let harness = AppServerHarness::start().unwrap();
        let log = harness.home().join("log.jsonl");
        Self { harness, log }
    }

    fn launch(&self) -> Launch {
        let runtime = self.harness.runtime().binary();
        let launch = self.harness.launch().binary(env!("CARGO_BIN_EXE_proxy"));
        launch
            .env("PROXY_RUNTIME", runtime)
            .env("PROXY_LOG", &self.log)
    }

    fn entries(&self) -> Vec<Value> {
        let log = fs::read_to_string(&self.log).unwrap();
        log.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn of<'a>(entries: &'a [Value], kind: &str, method: &str) -> Option<&'a Value> {
    entries
        .iter()
        .find(|it| it["kind"] == kind && it["method"] == method)
}

#[tokio::test]
async fn a_turn_passes_through_and_is_logged() {
    let proxied = Proxied::new();
    let responses = proxied.harness.responses();
    responses.enqueue_all([
        escalated("one", "date"),
        Reply::streaming(["A ", "secret plan."]),
    ]);
    let codex = Codex::builder()
        .launch(proxied.launch())
        .build()
        .await
        .unwrap();
    let mut turn = codex.thread_start().await.unwrap();
    let result = turn_with_refusal(&mut turn).await;
    assert_eq!(result.as_deref(), Some("A secret plan."));
    let id = turn.id().clone();
    codex.close().await;

    let entries = proxied.entries();
    let started = of(&entries, "request", "turn/start").unwrap();
    assert_eq!(started["from"], "client");
    assert_eq!(started["threadId"], id.as_str());
    let response = of(&entries, "response", "turn/start").unwrap();
    assert_eq!(response["from"], "runtime");
    assert!(response["took"].is_u64(), "{response}");
    let asked = of(&entries, "request", "item/commandExecution/requestApproval").unwrap();
    assert_eq!(asked["from"], "runtime");
    let decided = of(
        &entries,
        "response",
        "item/commandExecution/requestApproval",
    )
    .unwrap();
    assert_eq!(decided["from"], "client");
    assert!(of(&entries, "notification", "turn/completed").is_some());
    // Neither texts nor commands, unless messages are logged.
    let log = fs::read_to_string(&proxied.log).unwrap();
    assert!(!log.contains("secret plan") && !log.contains("to see what happens"));
}

async fn turn_with_refusal(thread: &mut codex_client::Thread) -> Option<String> {
    let mut turn = thread.turn("Go.").approvals_in_stream().await.unwrap();
    while let Some(event) = turn.next().await.transpose().unwrap() {
        if let Some(approval) = event.approval() {
            approval.decline().unwrap();
        }
    }
    turn.run().await.unwrap().final_response
}

#[tokio::test]
async fn secrets_are_not_in_the_log() {
    let proxied = Proxied::new();
    let launch = proxied.launch().env("PROXY_MESSAGES", "1");
    let codex = Codex::builder().launch(launch).build().await.unwrap();
    codex.login_api_key("sk-very-secret").await.unwrap();
    codex.close().await;
    let entries = proxied.entries();
    let login = of(&entries, "request", "account/login/start").unwrap();
    let message = login["message"].as_str().unwrap();
    assert!(message.contains("[redacted]"), "{message}");
    let log = fs::read_to_string(&proxied.log).unwrap();
    assert!(!log.contains("very-secret"), "{log}");
}

#[test]
fn bytes_are_forwarded_unchanged() {
    let harness = AppServerHarness::start().unwrap();
    let log = harness.home().join("log.jsonl");
    let mut proxy = harness.program(env!("CARGO_BIN_EXE_proxy"));
    // A program that sends back what it reads stands in for the runtime.
    let echo = harness.home().join("echo");
    fs::write(&echo, "#!/bin/sh\nexec cat\n").unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&echo, executable).unwrap();
    proxy
        .arg("app-server")
        .env("PROXY_RUNTIME", &echo)
        .env("PROXY_LOG", &log);
    let lines = "{\"method\":\"thread/dreamed\",  \"params\":{\"sheep\":3}}\nnot JSON at all\r\n\n\
                 {\"id\":1,\"method\":\"turn/interrupt\",\"params\":{\"threadId\":\"sk-hidden\"}}\nno end";
    let ended = run(&mut proxy, lines);
    assert_eq!((ended.code, ended.output.as_str()), (Some(0), lines));
    let log = fs::read_to_string(&log).unwrap();
    assert!(
        log.contains("\"thread/dreamed\"") && log.contains("\"not a message\""),
        "{log}"
    );
    let malformed = log
        .lines()
        .find(|line| line.contains("malformedAt"))
        .unwrap();
    assert!(
        malformed.contains("turn/interrupt") && !malformed.contains("sk-hidden"),
        "{log}"
    );
}

#[test]
fn other_commands_of_the_runtime_are_passed_on() {
    let harness = AppServerHarness::start().unwrap();
    let mut proxy = harness.program(env!("CARGO_BIN_EXE_proxy"));
    proxy
        .arg("--version")
        .env("PROXY_RUNTIME", harness.runtime().binary());
    let ended = run(&mut proxy, "");
    let version = codex_runtime_version();
    assert_eq!(ended.code, Some(0));
    assert!(ended.output.contains(&version), "{}", ended.output);
}

fn codex_runtime_version() -> String {
    codex_client::runtime::Pin::current().version().to_string()
}

#[test]
fn a_missing_log_is_an_error_before_anything_starts() {
    let harness = AppServerHarness::start().unwrap();
    let mut proxy = harness.program(env!("CARGO_BIN_EXE_proxy"));
    proxy
        .arg("app-server")
        .env("PROXY_RUNTIME", harness.runtime().binary());
    let ended = run(&mut proxy, "");
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.errors.contains("PROXY_LOG does not name a file"),
        "{}",
        ended.errors
    );
}
