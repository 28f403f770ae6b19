//! Events as JSON, for browsers and logs.

use codex_exec::{ExecEvent, ResumeToken, RunErrorKind, Translator};
use serde_json::{Value, json, to_value};

fn events(lines: &[Value]) -> Vec<Value> {
    let mut translator = Translator::new(None);
    let translated = lines
        .iter()
        .flat_map(|line| translator.line(line.to_string().as_bytes()));
    translated.map(|event| to_value(event).unwrap()).collect()
}

#[test]
fn successful_run() {
    let item = json!({"id": "item_0", "type": "command_execution", "command": "ls", "aggregated_output": "", "exit_code": null, "status": "in_progress"});
    let events = events(&[
        json!({"type": "thread.started", "thread_id": "t-1"}),
        json!({"type": "item.started", "item": item}),
        json!({"type": "turn.completed", "usage": {"input_tokens": 1, "cached_input_tokens": 0, "output_tokens": 2}}),
    ]);
    assert_eq!(
        events[0],
        json!({"event": "started", "data": {"resume": "t-1"}})
    );
    assert_eq!(
        events[1],
        json!({"event": "action", "data": {
            "id": "item_0", "kind": "command", "title": "ls", "phase": "started", "ok": null,
            "detail": {"item": item}, "level": "info",
        }})
    );
    assert_eq!(
        events[2],
        json!({"event": "completed", "data": {
            "ok": true, "answer": null, "resume": "t-1", "error": null,
            "usage": {"input_tokens": 1, "cached_input_tokens": 0, "output_tokens": 2},
        }})
    );
}

#[test]
fn failed_run() {
    let message = "unexpected status 401 Unauthorized";
    let events = events(&[
        json!({"type": "thread.started", "thread_id": "t-1"}),
        json!({"type": "turn.failed", "error": {"message": message}}),
    ]);
    assert_eq!(
        events[1]["data"]["error"],
        json!({"kind": "not_logged_in", "message": message})
    );
}

#[test]
fn unknown_events_and_items_keep_their_json() {
    let unknown = json!({"type": "thread.renamed", "event": "mine", "data": [1]});
    let item = json!({"id": "item_0", "type": "hologram", "depth": 3});
    let events = events(&[
        unknown.clone(),
        json!({"type": "item.completed", "item": item}),
    ]);
    assert_eq!(events[0], json!({"event": "unrecognized", "data": unknown}));
    assert_eq!(events[1]["data"]["kind"], "hologram");
    assert_eq!(events[1]["data"]["detail"], json!({"item": item}));
}

#[test]
fn stderr_stays_out() {
    let mut translator = Translator::new(None);
    let end = translator.exited(3);
    let [ExecEvent::Completed(completed)] = end.as_slice() else {
        panic!("not the end: {end:?}")
    };
    assert_eq!(
        completed.error.as_ref().unwrap().kind(),
        RunErrorKind::Other
    );
    let json = to_value(completed).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["answer", "error", "ok", "resume", "usage"]);
    assert_eq!(
        json["error"],
        json!({"kind": "other", "message": "codex exec failed (rc=3)."})
    );
}

#[test]
fn tokens_are_read_back_if_they_are_valid() {
    let token = ResumeToken::new("t-1").unwrap();
    let json = to_value(&token).unwrap();
    assert_eq!(json, "t-1");
    assert_eq!(serde_json::from_value::<ResumeToken>(json).unwrap(), token);
    for invalid in ["", "--last", "a b", "`t`"] {
        assert!(serde_json::from_value::<ResumeToken>(json!(invalid)).is_err());
    }
}
