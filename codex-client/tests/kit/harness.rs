//! The harness, with the real runtime in it.

use std::path::Path;
use std::time::{Duration, Instant};

use codex_client::testing::events::Usage;
use codex_client::testing::{AppServerHarness, Gate, HarnessError, Reply};
use codex_runtime::RuntimeSource;
use serde_json::json;

use crate::wire::Wire;

const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn a_first_turn_runs_within_a_second() {
    // What the first of all tests pays, and no other: reading the binary from disk.
    AppServerHarness::start()
        .unwrap()
        .runtime()
        .version()
        .unwrap();

    let start = Instant::now();
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("Hello back."));
    let mut wire = Wire::start(harness.app_server_command());
    let turn = wire.first_turn("hello");
    let elapsed = start.elapsed();
    println!("harness start to first turn/completed: {elapsed:?}");

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
    // One second on an idle machine; other tests run beside this one.
    assert!(elapsed < 5 * Duration::from_secs(1), "took {elapsed:?}");
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
fn the_runtime_knows_every_key_of_the_configuration() {
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
fn the_runtime_sees_nothing_of_the_callers_environment_but_the_basics() {
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
fn dropping_the_harness_removes_its_folders_even_under_a_running_turn() {
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
fn the_model_can_be_one_the_runtime_knows() {
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
fn retries_are_off_unless_asked_for() {
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

#[test]
fn the_runtime_understands_what_replies_say() {
    let harness = AppServerHarness::builder()
        .model("gpt-5.5")
        .config("sandbox_mode = \"danger-full-access\"\nshow_raw_agent_reasoning = true")
        .start()
        .unwrap();
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+content\n*** End Patch";
    harness.responses().enqueue_all([
        Reply::new()
            .reasoning_with_content("summary", "content")
            .commentary("working")
            .function_call(
                "call-1",
                "exec_command",
                json!({ "cmd": "echo from the tool" }),
            ),
        Reply::new().custom_tool_call("call-2", "apply_patch", patch),
        Reply::new()
            .open_message(None)
            .deltas(["al", "most"])
            .final_answer("done")
            .usage(Usage::new(120, 30).cached(100).reasoning(20)),
    ]);
    let mut wire = Wire::start(harness.app_server_command());
    let turn = wire.first_turn("work");
    assert_eq!(turn["status"], "completed", "{turn}");
    harness.responses().assert_exhausted();

    let deltas = |method: &str| -> String {
        let deltas = wire.notified(method);
        deltas
            .iter()
            .map(|params| params["delta"].as_str().unwrap())
            .collect()
    };
    assert_eq!(deltas("item/reasoning/summaryTextDelta"), "summary");
    assert_eq!(deltas("item/reasoning/textDelta"), "content");
    assert_eq!(deltas("item/agentMessage/delta"), "almost");

    let completed = wire.notified("item/completed");
    let items: Vec<_> = completed
        .iter()
        .map(|params| &params["item"])
        .map(|item| {
            (
                item["type"].as_str().unwrap(),
                item["text"].as_str(),
                item["phase"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        items,
        [
            ("userMessage", None, None),
            ("reasoning", None, None),
            ("agentMessage", Some("working"), Some("commentary")),
            ("commandExecution", None, None),
            ("fileChange", None, None),
            ("agentMessage", Some("almost"), None),
            ("agentMessage", Some("done"), Some("final_answer")),
        ]
    );

    let requests = harness.responses().requests();
    let output = requests[1].tool_output("call-1").unwrap();
    assert!(output.to_string().contains("from the tool"), "{output}");
    let output = requests[2].tool_output("call-2").unwrap();
    assert!(output.to_string().contains("new.txt"), "{output}");
    let written = std::fs::read_to_string(harness.workspace().join("new.txt")).unwrap();
    assert_eq!(written, "content\n");

    let usage = wire.notified("thread/tokenUsage/updated");
    let last = &usage.last().unwrap()["tokenUsage"]["last"];
    assert_eq!(
        [
            &last["inputTokens"],
            &last["cachedInputTokens"],
            &last["outputTokens"],
            &last["reasoningOutputTokens"],
            &last["totalTokens"],
        ],
        [120, 100, 30, 20, 150]
    );
}

#[test]
fn the_runtime_understands_how_replies_end() {
    let cases = [
        (
            Reply::failed("context_length_exceeded", "too long"),
            "contextWindowExceeded",
        ),
        (
            Reply::streaming(["half"]).incomplete("max_output_tokens"),
            "reason: max_output_tokens",
        ),
        (
            Reply::assistant("no end").without_ending(),
            "stream closed before response.completed",
        ),
        (Reply::assistant("no end").cut(), "Transport error"),
        (
            Reply::http_error(403, "not you"),
            "unexpected status 403 Forbidden: not you",
        ),
    ];
    for (reply, expected) in cases {
        let harness = AppServerHarness::start().unwrap();
        harness.responses().enqueue(reply);
        let turn = Wire::start(harness.app_server_command()).first_turn("hello");
        assert_eq!(turn["status"], "failed", "{turn}");
        let error = turn["error"].to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_missing_runtime_is_told_in_a_sentence() {
    let missing = RuntimeSource::Binary("/no/such/codex".into());
    let error = AppServerHarness::builder()
        .runtime(missing)
        .start()
        .unwrap_err();
    assert!(matches!(error, HarnessError::Runtime(_)));
    let shown = format!("{error:?}");
    assert!(
        shown.starts_with("there is no codex binary at /no/such/codex"),
        "{shown}"
    );
    assert!(!shown.contains('{'), "{shown}");
}

#[test]
fn malformed_events_are_passed_over() {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(
        Reply::new()
            .raw("event: response.output_item.done\ndata: {broken\n\n")
            .message("fine"),
    );
    let turn = Wire::start(harness.app_server_command()).first_turn("hello");
    assert_eq!(turn["items"][0]["text"], "fine", "{turn}");
}
