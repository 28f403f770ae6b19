//! The raw layer: open to unknown data, strict with known data.

use codex_exec::event::{ItemDetails, ItemStatus, MessagePhase, RawEvent};

fn decode(line: &str) -> RawEvent {
    serde_json::from_str(line).unwrap()
}

fn error(line: &str) -> String {
    serde_json::from_str::<RawEvent>(line)
        .unwrap_err()
        .to_string()
}

#[test]
fn unknown_events_are_kept() {
    let line = r#"{"type":"thread.archived","by":{"name":"me"},"item":[1]}"#;
    let event = decode(line);
    let RawEvent::Unrecognized(unknown) = &event else {
        panic!("{event:?}");
    };
    assert_eq!(unknown.event_type, "thread.archived");
    assert_eq!(unknown.fields["by"]["name"], "me");
    assert_eq!(serde_json::to_string(&event).unwrap(), line);
}

#[test]
fn unknown_items_fields_and_values_are_kept() {
    for line in [
        r#"{"type":"item.completed","item":{"id":"item_0","type":"future_item","foo":"bar"}}"#,
        r#"{"type":"item.started","item":{"id":"item_0","type":"todo_list","items":[{"text":"a","completed":false,"new":1}],"new":2},"new":3}"#,
        r#"{"type":"item.completed","item":{"id":"item_0","type":"file_change","changes":[{"path":"a","kind":"rename"}],"status":"postponed"}}"#,
        r#"{"type":"turn.completed","usage":{"input_tokens":1,"cached_input_tokens":2,"output_tokens":3,"new_tokens":4}}"#,
        r#"{"type":"turn.started","new":null}"#,
    ] {
        assert_eq!(serde_json::to_string(&decode(line)).unwrap(), line);
    }
}

#[test]
fn of_two_ids_the_first_is_the_items() {
    let line = r#"{"type":"item.started","item":{"id":"item_1","type":"web_search","id":"ws_1","query":"rust","action":{"type":"other"}}}"#;
    let event = decode(line);
    let RawEvent::ItemStarted(started) = &event else {
        panic!("{event:?}");
    };
    assert_eq!(started.item.id, "item_1");
    let ItemDetails::WebSearch(search) = &started.item.details else {
        panic!("{started:?}");
    };
    assert_eq!(search.search_id.as_deref(), Some("ws_1"));
    assert_eq!(search.query, "rust");
    assert_eq!(serde_json::to_string(&event).unwrap(), line);
}

#[test]
fn the_type_need_not_come_first() {
    let event = decode(
        r#"{"item":{"text":"Hi","phase":"final_answer","type":"agent_message","id":"item_0"},"type":"item.completed"}"#,
    );
    let RawEvent::ItemCompleted(completed) = &event else {
        panic!("{event:?}");
    };
    let ItemDetails::AgentMessage(message) = &completed.item.details else {
        panic!("{completed:?}");
    };
    assert_eq!(message.phase, Some(MessagePhase::FinalAnswer));
}

#[test]
fn statuses_are_open() {
    assert_eq!(
        ItemStatus::from("declined".to_owned()),
        ItemStatus::Declined
    );
    let unknown = ItemStatus::from("postponed".to_owned());
    assert_eq!(unknown, ItemStatus::Unrecognized("postponed".to_owned()));
    assert_eq!(unknown.as_str(), "postponed");
}

#[test]
fn malformed_known_event_is_an_error_with_a_path() {
    for (line, expected) in [
        (
            r#"{"type":"thread.started"}"#,
            "thread.started: missing field `thread_id`",
        ),
        (
            r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message"}}"#,
            "agent_message: missing field `text`",
        ),
        (
            r#"{"type":"item.completed"}"#,
            "item.completed: missing field `item`",
        ),
        (
            r#"{"type":"item.completed","item":{"type":"error","message":"m"}}"#,
            "missing field `id`",
        ),
        (r#"{"thread_id":"t"}"#, "missing field `type`"),
        ("42", "expected an event: an object with a `type`"),
        ("not json", "expected ident"),
    ] {
        let error = error(line);
        assert!(error.contains(expected), "{line}: {error}");
    }
}
