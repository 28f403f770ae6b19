//! Messages of clients, as read by a proxy or a test server.

use codex_types::rpc::ClientMessage;
use codex_types::{ClientRequest, ClientResponse, ServerResponse};
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn raw(text: &str) -> &RawValue {
    serde_json::from_str(text).expect("JSON")
}

fn rewritten(line: &str) -> Value {
    let message = ClientMessage::parse(line).expect("a message");
    serde_json::to_value(&message).expect("it can be written")
}

#[test]
fn other_members_and_null_params_survive() {
    for line in [
        r#"{"id":1,"method":"model/list","params":{"limit":3,"new":[1]},"trace":{"traceparent":"x"}}"#,
        r#"{"id":"1","method":"account/logout","params":null}"#,
        r#"{"id":1,"method":"account/logout"}"#,
        r#"{"method":"initialized","seq":18446744073709551616}"#,
        r#"{"method":"dreamed","params":{"sheep":3}}"#,
        r#"{"id":2,"result":{"decision":"accept"},"seq":1}"#,
        r#"{"error":{"code":-1,"message":"no","data":[1]},"id":2}"#,
    ] {
        assert_eq!(
            rewritten(line),
            serde_json::from_str::<Value>(line).unwrap(),
            "{line}"
        );
    }
}

#[test]
fn requests_know_their_thread_and_turn() {
    let ids = |line: &str| match ClientMessage::parse(line) {
        Ok(ClientMessage::Request { request, .. }) => (
            request.thread_id().map(str::to_owned),
            request.turn_id().map(str::to_owned),
        ),
        other => panic!("{other:?}"),
    };
    let text = |text: &str| Some(text.to_owned());
    let steer = json!({"id": 1, "method": "turn/steer", "params": {
        "threadId": "t", "expectedTurnId": "u", "input": [] }});
    assert_eq!(ids(&steer.to_string()).0, text("t"));
    let line = r#"{"id":1,"method":"turn/interrupt","params":{"threadId":"t","turnId":"u"}}"#;
    assert_eq!(ids(line), (text("t"), text("u")));
    // Optional parameters, optional fields, and a method of the future.
    let line = r#"{"id":1,"method":"account/usage/read","params":{"threadId":"t"}}"#;
    assert_eq!(ids(line), (text("t"), None));
    let line = r#"{"id":1,"method":"account/usage/read"}"#;
    assert_eq!(ids(line), (None, None));
    let line = r#"{"id":1,"method":"dream","params":{"threadId":"t","turn":{"id":"u"}}}"#;
    assert_eq!(ids(line), (text("t"), text("u")));
}

#[test]
fn a_malformed_request_keeps_its_method_and_ids() {
    for line in [
        r#"{"id":7,"method":"turn/interrupt","params":{"threadId":"t","turnId":5}}"#,
        r#"{"id":7,"method":"turn/interrupt","params":{"threadId":"t""#,
    ] {
        let Ok(ClientMessage::Undecodable(message)) = ClientMessage::parse(line) else {
            panic!("{line} was read");
        };
        assert_eq!(message.envelope.method.as_deref(), Some("turn/interrupt"));
        assert_eq!(message.ids.thread.as_deref(), Some("t"));
    }
    for text in ["", "[]", "{}", "7", r#"{"id":7}"#, "no JSON"] {
        assert!(ClientMessage::parse(text).is_err(), "{text}");
    }
}

#[test]
fn results_are_read_by_the_name_of_their_method() {
    let line = r#"{"data":[],"nextCursor":null,"new":1}"#;
    let response = ClientResponse::decode("model/list", raw(line)).unwrap();
    let ClientResponse::ModelList(models) = &response else {
        panic!("{response:?}");
    };
    assert!(models.data.is_empty());
    assert_eq!(response.method(), "model/list");
    assert_eq!(
        serde_json::to_value(&response).unwrap(),
        serde_json::from_str::<Value>(line).unwrap()
    );

    let response = ServerResponse::decode(
        "item/commandExecution/requestApproval",
        raw(r#"{"decision":"accept"}"#),
    );
    assert_eq!(
        response.unwrap().method(),
        "item/commandExecution/requestApproval"
    );

    let error = ClientResponse::decode("model/list", raw(r#"{"data":7}"#)).unwrap_err();
    assert_eq!(error.path(), "data");

    // A method of the future: any result, numbers beyond 64 bits included.
    let line = r#"{"sheep":18446744073709551616}"#;
    let response = ClientResponse::decode("dream", raw(line)).unwrap();
    assert!(matches!(&response, ClientResponse::Unrecognized(_)));
    assert_eq!(serde_json::to_string(&response).unwrap(), line);
}

#[test]
fn every_request_has_a_response() {
    assert_eq!(ClientResponse::METHODS, ClientRequest::METHODS);
}
