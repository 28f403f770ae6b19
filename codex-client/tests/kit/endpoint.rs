//! The mock model endpoint, seen through a plain HTTP client.

use std::io::Read as _;
use std::thread;
use std::time::{Duration, Instant};

use codex_client::testing::events::{self, Phase, Usage};
use codex_client::testing::{CapturedRequest, Fault, Gate, MockResponses, Reply, RequestKind};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(10);

fn client() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(LIMIT))
        .build();
    config.into()
}

fn post(model: &MockResponses, path: &str, body: &Value) -> ureq::http::Response<ureq::Body> {
    client()
        .post(format!("{}{path}", model.base_url()))
        .header("Authorization", "Bearer secret-token")
        .header("X-Trace", "abc")
        .send(body.to_string())
        .unwrap()
}

fn ask(model: &MockResponses) -> ureq::http::Response<ureq::Body> {
    post(model, "/responses", &json!({ "input": [] }))
}

fn ask_text(model: &MockResponses) -> String {
    ask(model).body_mut().read_to_string().unwrap()
}

/// The JSON of each event of a stream.
#[track_caller]
fn parse(stream: &str) -> Vec<Value> {
    stream
        .split_terminator("\n\n")
        .map(|event| {
            let (kind, data) = event.split_once("\ndata: ").unwrap();
            let data: Value = serde_json::from_str(data).unwrap();
            assert_eq!(kind, format!("event: {}", data["type"].as_str().unwrap()));
            data
        })
        .collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}

#[test]
fn queued_replies_are_sent_in_order_with_ids_of_their_own() {
    let model = MockResponses::start().unwrap();
    let reply = Reply::assistant("again");
    model.enqueue_all([reply.clone(), reply]);
    for number in 1..=2 {
        let mut response = ask(&model);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let events = parse(&response.body_mut().read_to_string().unwrap());
        assert_eq!(
            kinds(&events),
            [
                "response.created",
                "response.output_item.done",
                "response.completed",
            ]
        );
        assert_eq!(events[0]["response"]["id"], format!("resp-{number}"));
        assert_eq!(events[1]["item"]["id"], format!("msg-{number}-0"));
        assert_eq!(events[1]["item"]["content"][0]["text"], "again");
        assert_eq!(events[2]["response"]["id"], format!("resp-{number}"));
    }
    model.assert_exhausted();
}

#[test]
fn a_responder_chooses_by_the_request_and_leaves_the_rest_to_the_queue() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::assistant("queued"));
    let mut calls = 0;
    model.respond_with(move |request| {
        calls += 1;
        (request.last_user_text() == Some("ping"))
            .then(|| Reply::assistant(format!("pong {calls}")))
    });
    let message =
        |text: &str| json!({ "input": [{ "type": "message", "role": "user", "content": text }] });
    for (asked, answer) in [("ping", "pong 1"), ("else", "queued"), ("ping", "pong 3")] {
        let mut response = post(&model, "/responses", &message(asked));
        let events = parse(&response.body_mut().read_to_string().unwrap());
        assert_eq!(events[1]["item"]["content"][0]["text"], answer);
    }
}

#[test]
fn an_empty_queue_is_an_error_that_says_so_and_is_remembered() {
    let model = MockResponses::start().unwrap();
    let mut response = ask(&model);
    assert_eq!(response.status(), 500);
    let body = response.body_mut().read_to_string().unwrap();
    assert!(
        body.contains("has no reply left for POST /v1/responses"),
        "{body}"
    );
    assert!(
        matches!(&model.faults()[..], [Fault::NoReply { request }] if request.path() == "/v1/responses")
    );
    assert_panics("no reply left", || model.assert_exhausted());
}

#[test]
fn an_unused_reply_fails_the_final_assertion() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::assistant("never asked for"));
    assert_panics("1 unused replies", || model.assert_exhausted());
}

#[test]
fn a_panicking_responder_costs_one_request_only() {
    let model = MockResponses::start().unwrap();
    let mut first = true;
    model.respond_with(move |_| {
        assert!(!std::mem::take(&mut first), "not today");
        Some(Reply::assistant("fine"))
    });
    assert_eq!(ask(&model).status(), 500);
    assert!(ask_text(&model).contains("fine"));
    assert!(
        matches!(&model.faults()[..], [Fault::ResponderPanicked { message, .. }] if message == "not today")
    );
}

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

#[test]
fn other_paths_can_be_answered() {
    let model = MockResponses::start().unwrap();
    model.answer_path("/oauth/token", Reply::json(json!({ "access_token": "t" })));
    let url = model.base_url().replace("/v1", "/oauth/token");
    let mut answer = client().post(&url).send_empty().unwrap();
    assert_eq!(
        answer.body_mut().read_to_string().unwrap(),
        r#"{"access_token":"t"}"#
    );
    let [request] = &model.all_requests()[..] else {
        panic!("one request")
    };
    assert_eq!(request.kind(), RequestKind::Other);
    assert!(model.requests().is_empty());
}

#[test]
fn the_list_of_models_can_be_replaced() {
    let model = MockResponses::start().unwrap();
    model.set_models(json!({ "models": ["mine"] }));
    let mut models = client()
        .get(format!("{}/models", model.base_url()))
        .call()
        .unwrap();
    assert_eq!(
        models.body_mut().read_to_string().unwrap(),
        r#"{"models":["mine"]}"#
    );
}

#[test]
fn a_gate_holds_exactly_what_is_behind_it() {
    let model = MockResponses::start().unwrap();
    let gate = Gate::new();
    model.enqueue(Reply::streaming(["be", "fore"]).gate(&gate).delta("behind"));
    let mut response = ask(&model);
    gate.wait_reached(LIMIT).unwrap();
    let mut stream = response.body_mut().as_reader();
    let mut early = String::new();
    while !early.contains("fore") {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "the stream ended at the gate: {early}");
        early.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
    }
    assert!(!early.contains("behind"), "{early}");
    gate.release();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    let events = parse(&(early + &rest));
    assert_eq!(
        kinds(&events),
        [
            "response.created",
            "response.output_item.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_item.done",
            "response.completed",
        ]
    );
    assert_eq!(events[5]["item"]["content"][0]["text"], "beforebehind");
}

#[test]
fn a_held_reply_does_not_even_send_its_status() {
    let model = MockResponses::start().unwrap();
    let gate = Gate::new();
    model.enqueue(Reply::http_error(429, "slow down").held_by(&gate));
    thread::scope(|scope| {
        let asking = scope.spawn(|| ask(&model));
        gate.wait_reached(LIMIT).unwrap();
        assert!(!asking.is_finished());
        gate.release();
        let mut response = asking.join().unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.body_mut().read_to_string().unwrap(), "slow down");
    });
}

#[test]
fn waiting_for_a_gate_or_a_request_that_never_comes_times_out() {
    let model = MockResponses::start().unwrap();
    let short = Duration::from_millis(20);
    let gate = Gate::new();
    let error = gate.wait_reached(short).unwrap_err();
    assert_eq!(
        error.to_string(),
        "waited 20ms for a reply to arrive at the gate"
    );
    let error = model.wait_for_requests(2, short).unwrap_err();
    assert_eq!(
        error.to_string(),
        "waited 20ms for 2 model requests, of which 0 came"
    );
}

#[test]
fn requests_can_be_waited_for() {
    let model = MockResponses::start().unwrap();
    let gate = Gate::new();
    model.enqueue_all([Reply::assistant("one"), Reply::assistant("two").gate(&gate)]);
    thread::scope(|scope| {
        scope.spawn(|| (ask_text(&model), ask_text(&model)));
        assert_eq!(model.wait_for_requests(2, LIMIT).unwrap().len(), 2);
        gate.release();
    });
}

#[tokio::test]
async fn gates_and_requests_can_be_awaited() {
    let model = std::sync::Arc::new(MockResponses::start().unwrap());
    let gate = Gate::new();
    model.enqueue(Reply::assistant("one").gate(&gate));
    let asking = tokio::task::spawn_blocking({
        let model = std::sync::Arc::clone(&model);
        move || ask_text(&model)
    });
    assert_eq!(
        model.wait_for_requests_async(1, LIMIT).await.unwrap().len(),
        1
    );
    gate.wait_reached_async(LIMIT).await.unwrap();
    gate.release();
    assert!(asking.await.unwrap().contains("one"));
    let error = model
        .wait_for_requests_async(2, Duration::from_millis(20))
        .await;
    assert!(error.unwrap_err().to_string().contains("of which 1 came"));
}

#[test]
fn a_cut_reply_breaks_the_connection_after_what_was_said() {
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
fn what_http_does_not_allow_is_a_fault() {
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

#[test]
fn a_reply_says_what_the_model_would_say() {
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
    let items: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "response.output_item.done")
        .map(|event| &event["item"])
        .collect();
    assert_eq!(
        items,
        [
            &json!({
                "type": "reasoning", "id": "rsn-1-0",
                "summary": [{ "type": "summary_text", "text": "plan" }],
                "content": [{ "type": "reasoning_text", "text": "thoughts" }],
            }),
            &json!({
                "type": "message", "role": "assistant", "id": "msg-1-1", "phase": "commentary",
                "content": [{ "type": "output_text", "text": "looking" }],
            }),
            &json!({
                "type": "function_call", "call_id": "call-1", "name": "exec_command",
                "arguments": r#"{"cmd":"ls"}"#,
            }),
            &json!({
                "type": "function_call", "call_id": "call-2", "namespace": "mcp__docs",
                "name": "search", "arguments": "{}",
            }),
            &json!({
                "type": "custom_tool_call", "call_id": "call-3", "name": "apply_patch",
                "input": "*** Begin Patch",
            }),
            &json!({
                "type": "message", "role": "assistant", "id": "msg-1-5", "phase": "final_answer",
                "content": [{ "type": "output_text", "text": "done" }],
            }),
        ]
    );
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

#[test]
fn pauses_and_paces_take_their_time() {
    let model = MockResponses::start().unwrap();
    let pause = Duration::from_millis(30);
    model.enqueue_all([
        Reply::assistant("paced").pace(pause),
        Reply::assistant("paused").pause(pause).delayed(pause),
    ]);
    for _ in 0..2 {
        let start = Instant::now();
        ask_text(&model);
        assert!(start.elapsed() >= 2 * pause, "{:?}", start.elapsed());
    }
}

#[test]
fn dropping_the_endpoint_breaks_what_is_open_and_frees_the_port() {
    let model = MockResponses::start().unwrap();
    let address = model.address();
    let gate = Gate::new();
    model.enqueue(Reply::streaming(["never"]).gate(&gate).delta("more"));
    let mut response = ask(&model);
    gate.wait_reached(LIMIT).unwrap();
    let start = Instant::now();
    drop(model);
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(response.body_mut().read_to_string().is_err());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[track_caller]
fn assert_panics(message: &str, check: impl FnOnce()) {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap();
    assert!(said.contains(message), "{said}");
}
