//! Numbers beyond those that `serde_json` holds are kept exactly, wherever no model describes them.

use codex_types::rpc::{ClientMessage, Envelope, ServerMessage};
use codex_types::{AgentMessageThreadItem, McpToolCallThreadItem, ThreadItem, Turn};
use serde_json::Value;

/// Each is written again token by token.
const NUMBERS: &[&str] = &[
    "18446744073709551615",
    "18446744073709551616",
    "18446744073709551617",
    "-9223372036854775809",
    "-18446744073709551616",
    "-18446744073709551617",
    "340282366920938463463374607431768211456",
    "-340282366920938463463374607431768211457",
    "123456789012345678901234567890123456789012345678901234567890",
    "1e400",
    "-1e400",
    "1e999999999999",
    "1e-400",
    "-2.5e-999",
    "3.14159265358979323846264338327950288419716939937510",
    "-0.1000000000000000055511151231257827021181583404541015625",
    "9007199254740993.0",
    "9007199254740993.5",
    "1.7976931348623159e308",
];

#[test]
fn numbers_in_unknown_fields_are_exact() {
    for number in NUMBERS {
        for place in ["NUMBER", "[1,NUMBER,2]", r#"{"a":{"b":[NUMBER]}}"#] {
            let value = place.replace("NUMBER", number);
            let text = format!(r#"{{"type":"agentMessage","id":"i","text":"t","x":{value}}}"#);
            let item: ThreadItem = serde_json::from_str(&text).expect("it is read");
            assert_eq!(serde_json::to_string(&item).expect("it is written"), text);
        }
    }
}

#[test]
fn numbers_in_unknown_variants_and_messages_are_exact() {
    for number in NUMBERS {
        let variant = format!(r#"{{"type":"dream","id":"i","x":[{number}]}}"#);
        let item: ThreadItem = serde_json::from_str(&variant).expect("it is read");
        assert_eq!(
            serde_json::to_string(&item).expect("it is written"),
            variant
        );
        let message = format!(r#"{{"method":"dream/seen","params":{{"depth":{number}}}}}"#);
        let read = ServerMessage::parse(&message).expect("it is read");
        assert_eq!(
            serde_json::to_string(&read).expect("it is written"),
            message
        );
        let read = ClientMessage::parse(&message).expect("it is read");
        assert_eq!(
            serde_json::to_string(&read).expect("it is written"),
            message
        );
        let envelope = Envelope::parse(&message).expect("it is read");
        assert!(envelope.params.expect("parameters").get().contains(number));
    }
}

#[test]
fn numbers_in_untyped_fields_are_exact() {
    for number in NUMBERS {
        let text = format!(
            r#"{{"type":"mcpToolCall","id":"i","server":"s","tool":"t","status":"completed","arguments":{{"n":{number}}}}}"#
        );
        let item: McpToolCallThreadItem = serde_json::from_str(&text).expect("it is read");
        let written = serde_json::to_string(&item).expect("it is written");
        assert!(
            written.contains(&format!(r#"{{"n":{number}}}"#)),
            "{written}"
        );
    }
}

#[test]
fn numbers_in_malformed_elements_are_exact() {
    for number in NUMBERS {
        let item = format!(r#"{{"type":"plan","id":"i","text":{number}}}"#);
        let text = format!(r#"{{"id":"u","items":[{item}],"status":"completed"}}"#);
        let turn: Turn = serde_json::from_str(&text).expect("it is read");
        let written = serde_json::to_string(&turn).expect("it is written");
        assert!(written.contains(&item), "{written}");
    }
}

/// What was changed is written as it is, not as it was.
#[test]
fn changed_numbers_are_written() {
    let text = r#"{"type":"agentMessage","id":"i","text":"","x":18446744073709551616}"#;
    let mut item: AgentMessageThreadItem = serde_json::from_str(text).expect("it is read");
    item.extra_mut().insert("x".to_owned(), Value::from(1));
    let written = serde_json::to_value(&item).expect("it is written");
    assert_eq!(written["x"], 1);
}
