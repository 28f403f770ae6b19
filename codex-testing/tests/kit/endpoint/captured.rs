//! The recorded parts of a request.

use codex_testing::{CapturedRequest, MockResponses, Reply, RequestKind};
use serde_json::{Value, json};

use super::{ask, client, post};

#[test]
fn requests_are_captured_with_their_parts() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::assistant("ok"));
    let image = "data:image/png;base64,AAAA";
    let body = json!({
        "model": "mock-model",
        "instructions": "be brief",
        "tools": [{ "type": "function", "name": "exec_command" }, { "type": "web_search" }],
        "input": [
            { "type": "message", "role": "developer", "content": [{ "type": "input_text", "text": "rules" }] },
            { "type": "message", "role": "user", "content": "environment" },
            { "type": "message", "role": "user", "content": [
                { "type": "input_text", "text": "look" },
                { "type": "input_image", "image_url": image },
            ] },
            { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "seen" }] },
            { "type": "function_call", "call_id": "call-1", "name": "exec_command", "arguments": "{}" },
            { "type": "function_call_output", "call_id": "call-1", "output": "done" },
        ],
    });
    post(&model, "/responses?a=1", &body);
    let request = model.single_request();
    assert_eq!(request.kind(), RequestKind::Responses);
    assert_eq!(request.method(), "POST");
    assert_eq!(request.path(), "/v1/responses");
    assert_eq!(request.query(), Some("a=1"));
    assert_eq!(request.header("x-TRACE"), Some("abc"));
    assert!(request.headers().any(|header| header == ("x-trace", "abc")));
    assert_eq!(request.body(), body.to_string().as_bytes());
    assert_eq!(request.body_json(), &body);
    assert_eq!(request.model(), Some("mock-model"));
    assert_eq!(request.instructions(), Some("be brief"));
    assert_eq!(request.tool_names(), ["exec_command", "web_search"]);
    assert_eq!(request.input().len(), 6);
    assert_eq!(request.message_texts("developer"), ["rules"]);
    assert_eq!(request.message_texts("user"), ["environment", "look"]);
    assert_eq!(request.last_user_text(), Some("look"));
    assert_eq!(request.message_texts("assistant"), ["seen"]);
    assert_eq!(request.image_urls("user"), [image]);
    assert_eq!(request.tool_output("call-1"), Some(&json!("done")));
    assert_eq!(request.tool_output("call-2"), None);
}

#[test]
fn instructions_may_be_the_first_text_of_the_developer() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::assistant("ok"));
    let text = |text: &str| json!({ "type": "message", "role": "developer", "content": text });
    let body = json!({ "input": [text("be brief"), text("more")] });
    post(&model, "/responses", &body);
    assert_eq!(model.single_request().instructions(), Some("be brief"));
}

#[test]
fn a_body_that_is_no_json_reads_as_empty() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::assistant("ok"));
    client()
        .post(format!("{}/responses", model.base_url()))
        .send("not json")
        .unwrap();
    let request = model.single_request();
    assert_eq!(request.body(), b"not json");
    assert_eq!(request.body_json(), &Value::Null);
    assert!(request.input().is_empty() && request.last_user_text().is_none());
}

#[test]
fn secrets_are_not_printed() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::assistant("ok"));
    ask(&model);
    assert_eq!(
        model.single_request().header("authorization"),
        Some("Bearer secret-token")
    );
    let printed = format!("{model:?} {:?} {:?}", model.requests(), model.faults());
    assert!(
        printed.contains("authorization") && printed.contains("abc"),
        "{printed}"
    );
    assert!(!printed.contains("secret-token"), "{printed}");
}

#[test]
fn every_path_has_its_kind_and_telemetry_is_forgotten() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::json(json!({ "output": [] })));
    let mut compacted = post(&model, "/responses/compact", &json!({}));
    assert_eq!(compacted.headers()["content-type"], "application/json");
    assert_eq!(
        compacted.body_mut().read_to_string().unwrap(),
        r#"{"output":[]}"#
    );
    let mut models = client()
        .get(format!("{}/models", model.base_url()))
        .call()
        .unwrap();
    assert!(
        models
            .body_mut()
            .read_to_string()
            .unwrap()
            .contains("mock-model")
    );
    assert_eq!(post(&model, "/analytics/events", &json!({})).status(), 404);
    assert_eq!(post(&model, "/elsewhere", &json!({})).status(), 404);

    let kinds: Vec<_> = model
        .all_requests()
        .iter()
        .map(CapturedRequest::kind)
        .collect();
    assert_eq!(
        kinds,
        [
            RequestKind::Compact,
            RequestKind::Models,
            RequestKind::Other
        ]
    );
    assert_eq!(model.single_request().kind(), RequestKind::Compact);
}
