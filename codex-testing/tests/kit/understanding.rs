//! The runtime understands the output of the mock model.

use codex_testing::events::Usage;
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use crate::wire::Wire;

/// Every kind of output of a model, in three replies.
fn everything() -> [Reply; 3] {
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+content\n*** End Patch";
    let command = json!({ "cmd": "echo from the tool" });
    [
        Reply::new()
            .reasoning_with_content("summary", "content")
            .commentary("working")
            .function_call("call-1", "exec_command", command),
        Reply::new().custom_tool_call("call-2", "apply_patch", patch),
        Reply::new()
            .open_message(None)
            .deltas(["al", "most"])
            .final_answer("done")
            .usage(Usage::new(120, 30).cached(100).reasoning(20)),
    ]
}

#[test]
fn runtime_accepts_the_contents_of_replies() {
    let harness = AppServerHarness::builder()
        .model("gpt-5.5")
        .config("sandbox_mode = \"danger-full-access\"\nshow_raw_agent_reasoning = true")
        .start()
        .unwrap();
    harness.responses().enqueue_all(everything());
    let mut wire = Wire::start(harness.app_server_command());
    let turn = wire.first_turn("work");
    assert_eq!(turn["status"], "completed", "{turn}");
    harness.responses().assert_exhausted();

    assert_eq!(deltas(&wire, "item/reasoning/summaryTextDelta"), "summary");
    assert_eq!(deltas(&wire, "item/reasoning/textDelta"), "content");
    assert_eq!(deltas(&wire, "item/agentMessage/delta"), "almost");
    assert_items(&wire);
    assert_usage(&wire);

    let requests = harness.responses().requests();
    let output = requests[1].tool_output("call-1").unwrap();
    assert!(output.to_string().contains("from the tool"), "{output}");
    let output = requests[2].tool_output("call-2").unwrap();
    assert!(output.to_string().contains("new.txt"), "{output}");
    let written = std::fs::read_to_string(harness.workspace().join("new.txt")).unwrap();
    assert_eq!(written, "content\n");
}

/// The deltas, joined.
fn deltas(wire: &Wire, method: &str) -> String {
    let pieces = wire.notified(method).into_iter();
    pieces
        .map(|params| params["delta"].as_str().unwrap())
        .collect()
}

/// The items of the turn, in order.
fn assert_items(wire: &Wire) {
    let completed = wire.notified("item/completed");
    let of = |params: &&'_ serde_json::Value| {
        let text = |name: &str| params["item"][name].as_str().map(str::to_owned);
        (text("type").unwrap(), text("text"), text("phase"))
    };
    let items: Vec<_> = completed.iter().map(of).collect();
    let expected = [
        ("userMessage", None, None),
        ("reasoning", None, None),
        ("agentMessage", Some("working"), Some("commentary")),
        ("commandExecution", None, None),
        ("fileChange", None, None),
        ("agentMessage", Some("almost"), None),
        ("agentMessage", Some("done"), Some("final_answer")),
    ];
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let expected = expected.map(|(kind, text, phase)| (kind.to_owned(), owned(text), owned(phase)));
    assert_eq!(items, expected);
}

/// The tokens of the last request.
fn assert_usage(wire: &Wire) {
    let usage = wire.notified("thread/tokenUsage/updated");
    let last = &usage.last().unwrap()["tokenUsage"]["last"];
    let counts = [
        ("inputTokens", 120),
        ("cachedInputTokens", 100),
        ("outputTokens", 30),
        ("reasoningOutputTokens", 20),
        ("totalTokens", 150),
    ];
    for (name, count) in counts {
        assert_eq!(last[name], count, "{name} in {last}");
    }
}

#[test]
fn runtime_accepts_the_ends_of_replies() {
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
