//! The choice of a reply for a request, and the error when there is none.

use codex_testing::{Fault, MockResponses, Reply, RequestKind};
use serde_json::json;

use super::{ask, ask_text, client, kinds, parse, post};

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
fn responder_takes_precedence_over_the_queue() {
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
fn empty_queue_is_an_error_and_a_recorded_fault() {
    let model = MockResponses::start().unwrap();
    let mut response = ask(&model);
    assert_eq!(response.status(), 400);
    let body = response.body_mut().read_to_string().unwrap();
    let told = "has no reply left for POST /v1/responses, which ends with no input";
    assert!(body.contains(told), "{body}");
    assert!(
        matches!(&model.faults()[..], [Fault::NoReply { request }] if request.path() == "/v1/responses")
    );
    assert_panics("no reply left", || model.assert_exhausted());
}

#[test]
fn fault_has_the_end_of_the_request() {
    let model = MockResponses::start().unwrap();
    let user = |text: &str| json!({ "type": "message", "role": "user", "content": text });
    let output = json!({ "type": "function_call_output", "call_id": "call-1", "output": "done" });
    let cases = [
        (
            json!([user("first"), user("hello")]),
            "the user's \"hello\"",
        ),
        (
            json!([user("first"), output]),
            "the output of the call `call-1`, \"done\"",
        ),
        (json!([user(&"é".repeat(1000))]), "ééé...\""),
        (json!([{ "type": "new" }]), r#"{"type":"new"}"#),
    ];
    for (input, expected) in cases {
        post(&model, "/responses", &json!({ "input": input }));
        let told = model.faults().pop().unwrap().to_string();
        assert!(
            told.contains(&format!("{expected}; enqueue one more")),
            "{told}"
        );
    }
}

#[test]
fn an_unused_reply_fails_the_final_assertion() {
    let model = MockResponses::start().unwrap();
    model.enqueue(Reply::assistant("never asked for"));
    assert_panics("1 unused replies; 0 model requests came", || {
        model.assert_exhausted();
    });
}

#[test]
fn a_panicking_responder_costs_one_request_only() {
    let model = MockResponses::start().unwrap();
    let mut first = true;
    model.respond_with(move |_| {
        assert!(!std::mem::take(&mut first), "not today");
        Some(Reply::assistant("fine"))
    });
    assert_eq!(ask(&model).status(), 400);
    assert!(ask_text(&model).contains("fine"));
    assert!(
        matches!(&model.faults()[..], [Fault::ResponderPanicked { message, .. }] if message == "not today")
    );
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

#[track_caller]
fn assert_panics(message: &str, check: impl FnOnce()) {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap();
    assert!(said.contains(message), "{said}");
}
