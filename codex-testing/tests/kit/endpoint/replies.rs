//! The wire form of replies, complete and malformed.

use std::io::Read as _;

use codex_testing::events::{self, Phase, Usage};
use codex_testing::{MockResponses, Reply};
use serde_json::{Value, json};

use super::{ask, ask_text, kinds, parse};

#[test]
fn cut_reply_breaks_the_connection_after_its_events() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::streaming(["x".repeat(100_000), "last words".to_owned()]).cut());
    let mut response = ask(&model);
    let mut received = Vec::new();
    let error = response.body_mut().as_reader().read_to_end(&mut received);
    assert!(error.is_err(), "the body ended in good order");
    let received = String::from_utf8(received).unwrap();
    let events = parse(&received);
    assert_eq!(events.last().unwrap()["delta"], "last words");
}

#[test]
fn a_reply_without_ending_ends_in_good_order() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::assistant("hello").without_ending());
    let events = parse(&ask_text(&model));
    assert_eq!(
        kinds(&events),
        ["response.created", "response.output_item.done"]
    );
}

#[test]
fn malformed_events_and_bare_event_lists_are_sent_as_they_are() {
    let model = MockResponses::start().unwrap();
    model.enqueue(
        Reply::events([])
            .raw("data: {broken\n\n")
            .event(events::created("mine")),
    );
    assert_eq!(
        ask_text(&model),
        format!("data: {{broken\n\n{}", events::created("mine"))
    );
}

#[test]
fn errors_carry_status_body_and_headers() {
    let model = MockResponses::start().unwrap();
    let body = json!({ "error": { "code": "server_is_overloaded" } });
    model.enqueue(Reply::http_error(503, body.clone()).header("Retry-After", "7"));
    let mut response = ask(&model);
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(
        response.body_mut().read_to_string().unwrap(),
        body.to_string()
    );
}

#[test]
fn invalid_http_is_a_fault() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::http_error(7, "no such status").header("a b", "c"));
    let response = ask(&model);
    assert_eq!(response.status(), 500);
    let faults: Vec<String> = model.faults().iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "invalid reply: the status 7",
            "invalid reply: the header `a b`"
        ]
    );
}

/// The items of the reply below, with their generated ids.
fn expected_items() -> [Value; 6] {
    [
        json!({
            "type": "reasoning", "id": "rsn-1-0",
            "summary": [{ "type": "summary_text", "text": "plan" }],
            "content": [{ "type": "reasoning_text", "text": "thoughts" }],
        }),
        json!({
            "type": "message", "role": "assistant", "id": "msg-1-1", "phase": "commentary",
            "content": [{ "type": "output_text", "text": "looking" }],
        }),
        json!({
            "type": "function_call", "call_id": "call-1", "name": "exec_command",
            "arguments": r#"{"cmd":"ls"}"#,
        }),
        json!({
            "type": "function_call", "call_id": "call-2", "namespace": "mcp__docs",
            "name": "search", "arguments": "{}",
        }),
        json!({
            "type": "custom_tool_call", "call_id": "call-3", "name": "apply_patch",
            "input": "*** Begin Patch",
        }),
        json!({
            "type": "message", "role": "assistant", "id": "msg-1-5", "phase": "final_answer",
            "content": [{ "type": "output_text", "text": "done" }],
        }),
    ]
}

#[test]
fn reply_has_the_events_of_the_model() {
    let model = MockResponses::start().unwrap();
    model.enqueue(
        Reply::new()
            .reasoning_with_content("plan", "thoughts")
            .open_message(Some(Phase::Commentary))
            .deltas(["loo", "king"])
            .function_call("call-1", "exec_command", json!({ "cmd": "ls" }))
            .mcp_call("call-2", "docs", "search", json!({}))
            .custom_tool_call("call-3", "apply_patch", "*** Begin Patch")
            .final_answer("done")
            .usage(Usage::new(10, 5).cached(4).reasoning(3)),
    );
    let events = parse(&ask_text(&model));
    let done = |event: &&Value| event["type"] == "response.output_item.done";
    let items: Vec<Value> = events
        .iter()
        .filter(done)
        .map(|event| event["item"].clone())
        .collect();
    assert_eq!(items, expected_items());
    assert_eq!(
        events.last().unwrap()["response"]["usage"],
        json!({
            "input_tokens": 10, "input_tokens_details": { "cached_tokens": 4 },
            "output_tokens": 5, "output_tokens_details": { "reasoning_tokens": 3 },
            "total_tokens": 15,
        })
    );
}

#[test]
fn replies_can_fail_and_stay_incomplete() {
    let model = MockResponses::start().unwrap();
    model.enqueue_all([
        Reply::failed("server_error", "no"),
        Reply::streaming(["half"]).incomplete("max_output_tokens"),
    ]);
    let failed = parse(&ask_text(&model));
    assert_eq!(
        failed.last().unwrap()["response"]["error"],
        json!({ "code": "server_error", "message": "no" })
    );
    let incomplete = parse(&ask_text(&model));
    assert_eq!(
        incomplete.last().unwrap()["response"]["incomplete_details"]["reason"],
        "max_output_tokens"
    );
}
