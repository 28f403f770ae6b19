//! The harness, with the real runtime in it: its folders, its settings, its clients.

use std::path::Path;
use std::time::Duration;

use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::json;

use crate::wire::Wire;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_first_turn_runs_and_the_model_is_asked_once() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("Hello back."));
    let turn = Wire::start(harness.app_server_command()).first_turn("hello");
    assert_eq!(turn["status"], "completed", "{turn}");
    assert_eq!(turn["items"][0]["text"], "Hello back.");
    let request = harness.responses().single_request();
    assert_eq!(request.model(), Some("mock-model"));
    assert_eq!(request.body_json()["stream"], true);
    assert_eq!(request.last_user_text(), Some("hello"));
    assert!(request.instructions().unwrap().contains("coding agent"));
    assert!(request.tool_names().contains(&"exec_command"));
    assert_eq!(request.header("authorization"), None);
    harness.responses().assert_exhausted();
}

#[test]
fn turn_without_a_reply_names_its_request() {
    let harness = AppServerHarness::start().unwrap();
    let turn = Wire::start(harness.app_server_command()).first_turn("unexpected");
    assert_eq!(turn["status"], "failed");
    let error = turn["error"]["message"].as_str().unwrap();
    assert!(error.contains("ends with the user's"), "{error}");
    assert!(error.contains("unexpected"), "{error}");
}

#[tokio::test]
async fn clients_and_all_on_top_of_them_attach() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("Hello back."));
    let client = harness.client().await.unwrap();
    let codex = harness.codex().await.unwrap();
    let home = harness.codex_home();
    assert_eq!(client.server_info().unwrap().codex_home, home);
    assert_eq!(codex.server_info().unwrap().codex_home, home);
    let thread = codex.thread_start().await.unwrap();
    let result = thread.run("hello").await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Hello back."));
}

#[test]
fn blocking_clients_and_all_on_top_of_them_attach() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("Hello back."));
    let client = harness.blocking_client().unwrap();
    let codex = harness.blocking_codex().unwrap();
    let home = harness.codex_home();
    assert_eq!(client.server_info().unwrap().codex_home, home);
    let thread = codex.thread_start().call().unwrap();
    let result = thread.run("hello").call().unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Hello back."));
    assert!(codex.close().unwrap().success());
}

#[test]
fn runtime_accepts_every_key_of_the_configuration() {
    let strict = |harness: &AppServerHarness| {
        let mut command = harness.app_server_command();
        command.arg("--strict-config");
        Wire::start(command)
    };
    let harness = AppServerHarness::start().unwrap();
    strict(&harness).initialize();

    let harness = AppServerHarness::builder()
        .config("no_such_key = 1")
        .start()
        .unwrap();
    let stderr = strict(&harness).end();
    assert!(stderr.contains("no_such_key"), "{stderr}");
}

#[test]
fn the_runtime_lives_in_the_folders_of_the_harness() {
    let harness = AppServerHarness::start().unwrap();
    let mut wire = Wire::start(harness.app_server_command());
    let initialized = wire.initialize();
    assert_eq!(
        Path::new(initialized["codexHome"].as_str().unwrap()),
        harness.codex_home()
    );
    let started = wire.request("thread/start", json!({}));
    assert_eq!(
        Path::new(started["cwd"].as_str().unwrap()),
        harness.workspace()
    );
    assert_eq!(std::fs::read_dir(harness.home()).unwrap().count(), 0);
}

#[test]
fn runtime_inherits_only_basic_variables() {
    let harness = AppServerHarness::builder()
        .env("MINE", "1")
        .env("RUST_LOG", "error")
        .start()
        .unwrap();
    let names: Vec<_> = harness.environment().map(|(name, _)| name).collect();
    let known = [
        "CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG",
        "CODEX_HOME",
        "COMSPEC",
        "HOME",
        "LANG",
        "LC_ALL",
        "MINE",
        "PATH",
        "PATHEXT",
        "RUST_LOG",
        "SYSTEMROOT",
        // Of the proxy that records.
        "ALL_PROXY",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        "all_proxy",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "TEMP",
        "TMP",
        "TMPDIR",
        "USERPROFILE",
        "WINDIR",
    ];
    let unknown: Vec<_> = names
        .iter()
        .filter(|name| !known.iter().any(|known| ***name == **known))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(
        harness
            .environment()
            .any(|pair| pair == ("MINE".as_ref(), "1".as_ref()))
    );
    assert!(
        harness
            .environment()
            .any(|pair| pair == ("RUST_LOG".as_ref(), "error".as_ref()))
    );
}

#[test]
fn dropped_harness_removes_its_folders() {
    let harness = AppServerHarness::start().unwrap();
    let gate = Gate::new();
    harness
        .responses()
        .enqueue(Reply::streaming(["never"]).gate(&gate));
    let mut wire = Wire::start(harness.app_server_command());
    wire.initialize();
    let thread = wire.start_thread();
    wire.start_turn(&thread, "hello");
    gate.wait_reached(LIMIT).unwrap();
    let root = harness.codex_home().parent().unwrap().to_path_buf();
    assert!(root.join("workspace").is_dir());
    drop(wire);
    drop(harness);
    assert!(!root.exists());
}

#[test]
fn model_may_be_known_to_the_runtime() {
    let harness = AppServerHarness::builder()
        .model("gpt-5.5")
        .start()
        .unwrap();
    harness.responses().enqueue(Reply::assistant("ok"));
    Wire::start(harness.app_server_command()).first_turn("hello");
    let request = harness.responses().single_request();
    assert_eq!(request.model(), Some("gpt-5.5"));
    assert!(request.tool_names().contains(&"apply_patch"));
}

#[test]
fn a_login_can_be_demanded_and_stays_in_the_harness() {
    let harness = AppServerHarness::builder()
        .requires_openai_auth()
        .start()
        .unwrap();
    harness.responses().enqueue(Reply::assistant("ok"));
    let mut wire = Wire::start(harness.app_server_command());
    wire.initialize();
    let login = json!({ "type": "apiKey", "apiKey": "sk-harness" });
    wire.request("account/login/start", login);
    let thread = wire.start_thread();
    wire.start_turn(&thread, "hello");
    assert_eq!(wire.completed_turn()["status"], "completed");
    let request = harness.responses().single_request();
    assert_eq!(request.header("authorization"), Some("Bearer sk-harness"));
    let credentials = std::fs::read_to_string(harness.codex_home().join("auth.json")).unwrap();
    assert!(credentials.contains("sk-harness"));
}

#[test]
fn retries_are_off_by_default() {
    let run = |harness: &AppServerHarness, first: Reply| {
        harness
            .responses()
            .enqueue_all([first, Reply::assistant("second")]);
        Wire::start(harness.app_server_command()).first_turn("hello")["status"].take()
    };
    let broken = || {
        [
            Reply::streaming(["half"]).cut(),
            Reply::http_error(500, "no"),
        ]
    };

    for reply in broken() {
        let harness = AppServerHarness::start().unwrap();
        assert_eq!(run(&harness, reply), "failed");
        assert_eq!(harness.responses().queued(), 1);
    }
    for reply in broken() {
        let harness = AppServerHarness::builder()
            .stream_max_retries(1)
            .start()
            .unwrap();
        assert_eq!(run(&harness, reply), "completed");
        harness.responses().assert_exhausted();
    }
    let harness = AppServerHarness::builder()
        .request_max_retries(1)
        .start()
        .unwrap();
    assert_eq!(run(&harness, Reply::http_error(500, "no")), "completed");
    harness.responses().assert_exhausted();
}
