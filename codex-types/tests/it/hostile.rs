//! Input that is meant to hurt: an error or a faithful value, never a panic.
//!
//! Nothing here measures time: every input is finite and read once, and what
//! would recurse is stopped by depth.

use codex_types::rpc::{Envelope, ServerMessage, decode};
use codex_types::{
    AgentMessageDeltaNotification, ByteRange, DecodeError, RequestId, ServerNotification,
    ThreadItem, TurnStartParams, UserInput,
};
use serde_json::Value;
use serde_json::value::RawValue;

/// Deeper than any stack could follow.
const DEPTH: usize = 10_000;

fn nested(open: &str, close: &str) -> String {
    open.repeat(DEPTH) + "1" + &close.repeat(DEPTH)
}

fn delta_message(params: &str) -> String {
    format!(r#"{{"method":"item/agentMessage/delta","params":{params},"emittedAtMs":1}}"#)
}

#[test]
fn deep_nesting_costs_only_what_is_typed() {
    for deep in [nested("[", "]"), nested(r#"{"a":"#, "}")] {
        assert!(serde_json::from_str::<ThreadItem>(&deep).is_err());
        assert!(ServerMessage::parse(&deep).is_err());
        // A known method: the message is still there, the payload is not.
        let message = delta_message(&deep);
        match ServerMessage::parse(&message) {
            Ok(ServerMessage::Undecodable(message)) => {
                assert_eq!(
                    message.envelope.method.as_deref(),
                    Some("item/agentMessage/delta")
                );
                assert_eq!(message.envelope.params.map(RawValue::get), Some(&*deep));
            }
            other => panic!("{:?}", other.map(|_| "accepted")),
        }
        // In an unknown field and in an unknown message, it is kept.
        let unknown = format!(r#"{{"type":"agentMessage","id":"i","text":"","x":{deep}}}"#);
        let item: ThreadItem = serde_json::from_str(&unknown).expect("it is read");
        let text = serde_json::to_string(&item).expect("it is written");
        assert!(text.contains(&deep));
        let unknown = format!(r#"{{"method":"notYet/known","params":{deep}}}"#);
        let message = ServerMessage::parse(&unknown).expect("it is read");
        let text = serde_json::to_string(&message).expect("it is written");
        assert_eq!(text, unknown);
    }
}

#[test]
fn deep_nesting_is_kept_where_it_is_raw() {
    let deep = nested("[", "]");
    let text = format!(r#"{{"id":1,"result":{deep}}}"#);
    let Ok(ServerMessage::Response { id, result, .. }) = ServerMessage::parse(&text) else {
        panic!("a response");
    };
    assert_eq!(id, RequestId::Integer(1));
    assert_eq!(result.get(), deep);
    assert!(decode::<Value>(result).is_err());
}

#[test]
fn a_huge_string_is_kept() {
    let huge = "x".repeat(64 << 20);
    let params = format!(r#"{{"threadId":"t","turnId":"u","itemId":"i","delta":"{huge}"}}"#);
    let text = delta_message(&params);
    let Ok(ServerMessage::Notification(notification)) = ServerMessage::parse(&text) else {
        panic!("a notification");
    };
    let written = serde_json::to_string(&notification).expect("it can be written");
    assert_eq!(written.len(), text.len());
    let ServerNotification::ItemAgentMessageDelta(delta) = notification.payload else {
        panic!("a delta");
    };
    assert!(delta.delta == huge, "the text is another one");
}

#[test]
fn of_duplicate_keys_the_last_one_counts() {
    let text = r#"{"threadId":"t","turnId":"u","itemId":"i","delta":"a","x":1,"delta":"b","x":2}"#;
    let delta: AgentMessageDeltaNotification = serde_json::from_str(text).expect("it is read");
    assert_eq!(delta.delta, "b");
    assert_eq!(delta.extra()["x"], 2);
}

/// A tag that comes first decides, and may not be contradicted, however it is written.
#[test]
fn a_repeated_tag_means_the_same_in_every_form() {
    for tag in [
        r#""type":"#,
        r#""type" :"#,
        r#" "type": "#,
        r#""\u0074ype":"#,
    ] {
        let text = format!(r#"{{{tag}"text","text":"t","text_elements":[],"type":"image"}}"#);
        let read = serde_json::from_str::<UserInput>(&text).map_err(DecodeError::from);
        let error = read.expect_err("it is two things").to_string();
        assert_eq!(error, "type: invalid value: expected `text`", "{text}");
    }
}

/// However the keys are ordered and repeated, the two ways to read a message agree.
#[test]
fn duplicate_parts_of_a_message_mean_the_same_everywhere() {
    let params = r#"{"threadId":"t","turnId":"u","itemId":"i","delta":"d"}"#;
    let known = r#""method":"item/agentMessage/delta""#;
    let parts = [
        known.to_owned(),
        r#""method":"notYet/known""#.to_owned(),
        format!(r#""params":{params}"#),
        r#""params":{}"#.to_owned(),
        r#""id":1"#.to_owned(),
        r#""id":null"#.to_owned(),
        r#""result":{}"#.to_owned(),
    ];
    for first in &parts {
        for second in &parts {
            for third in &parts {
                let text = format!("{{{first},{second},{third}}}");
                let in_one_pass = ServerMessage::parse(&text).map(|message| written(&message));
                let envelope = Envelope::parse(&text).expect("every part is well-formed");
                let in_two =
                    ServerMessage::from_envelope(envelope).map(|message| written(&message));
                assert_eq!(in_one_pass, in_two, "{text}");
            }
        }
    }
}

fn written(message: &ServerMessage<'_>) -> Value {
    serde_json::to_value(message).expect("a message can be written")
}

#[test]
fn invalid_unicode_is_an_error() {
    let mut bytes =
        delta_message(r#"{"threadId":"t","turnId":"u","itemId":"i","delta":"?"}"#).into_bytes();
    let at = bytes
        .iter()
        .position(|byte| *byte == b'?')
        .expect("it is there");
    bytes[at] = 0xff;
    assert!(serde_json::from_slice::<ServerNotification>(&bytes).is_err());
    for escape in [r"\ud800", r"\udc00", r"\ud800x", r"\u12"] {
        let text = delta_message(&format!(
            r#"{{"threadId":"t","turnId":"u","itemId":"i","delta":"{escape}"}}"#
        ));
        let read = ServerMessage::parse(&text);
        assert!(
            matches!(read, Ok(ServerMessage::Undecodable(_)) | Err(_)),
            "{escape}: {read:?}"
        );
    }
}

#[test]
fn numbers_out_of_range_are_errors() {
    for number in ["-1", "18446744073709551616", "1.5", "1e400", "1e5"] {
        let text = format!(r#"{{"start":{number},"end":1}}"#);
        let range = serde_json::from_str::<ByteRange>(&text);
        assert!(range.is_err(), "{number}: {range:?}");
    }
    let largest = format!(r#"{{"start":0,"end":{}}}"#, u64::MAX);
    let range: ByteRange = serde_json::from_str(&largest).expect("it fits");
    assert_eq!(range.end, u64::MAX);
    for id in ["9223372036854775808", "1.5", "true", "[]"] {
        let text = format!(r#"{{"id":{id},"result":{{}}}}"#);
        let read = ServerMessage::parse(&text);
        // A number that is no id of this protocol is kept, so that it can be answered.
        let kept = match &read {
            Ok(ServerMessage::Response { id: kept, .. }) => kept.to_string(),
            _ => id.to_owned(),
        };
        assert_eq!(kept, id);
    }
}

#[test]
fn invalid_messages_are_errors() {
    for text in [
        "",
        " ",
        "null",
        "42",
        "[]",
        "\"x\"",
        "{}",
        r#"{"id":1}"#,
        r#"{"params":{}}"#,
        "{}{}",
        "\u{feff}{}",
    ] {
        assert!(ServerMessage::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_key_of_any_length_is_only_a_key() {
    let key = "k".repeat(1 << 20);
    let text = format!(r#"{{"input":[],"threadId":"t","{key}":null}}"#);
    let params: TurnStartParams = serde_json::from_str(&text).expect("it is read");
    assert!(params.extra().contains_key(&key));
}
