//! The translation of lines, without a process: the state machine alone.

use codex_exec::event::ItemDetails;
use codex_exec::{
    Action, ActionKind, Detail, ExecEvent, Failure, Level, Phase, ResumeToken, RunError, Translator,
};
use serde_json::{Value, json};

use crate::modes::{action, completed, error_text, gist};

fn feed(translator: &mut Translator, line: &Value) -> Vec<ExecEvent> {
    translator.line(line.to_string().as_bytes())
}

fn thread(id: &str) -> Value {
    json!({"type": "thread.started", "thread_id": id})
}

fn item(event: &str, item: &Value) -> Value {
    json!({"type": event, "item": item})
}

/// The one action that a line produces.
fn single(line: &Value) -> ExecEvent {
    let events = feed(&mut Translator::new(None), line);
    let [event] = <[ExecEvent; 1]>::try_from(events).expect("one event");
    event
}

#[test]
fn every_item_becomes_an_action() {
    let failed_command = json!({"id": "item_0", "type": "command_execution", "command": "false",
        "aggregated_output": "", "exit_code": 1, "status": "completed"});
    let declined_command = json!({"id": "item_0", "type": "command_execution", "command": "rm",
        "aggregated_output": "", "exit_code": null, "status": "declined"});
    let cases = [
        (
            json!({"id": "item_0", "type": "command_execution", "command": "ls",
                "aggregated_output": "a\n", "exit_code": 0, "status": "completed"}),
            (ActionKind::Command, "ls", Some(true)),
        ),
        (failed_command, (ActionKind::Command, "false", Some(false))),
        (declined_command, (ActionKind::Command, "rm", Some(false))),
        (
            json!({"id": "item_0", "type": "file_change", "status": "completed", "changes":
                [{"path": "a", "kind": "add"}, {"path": "b", "kind": "delete"}]}),
            (ActionKind::FileChange, "a, b", Some(true)),
        ),
        (
            json!({"id": "item_0", "type": "file_change", "status": "failed", "changes": []}),
            (ActionKind::FileChange, "", Some(false)),
        ),
        (
            json!({"id": "item_0", "type": "mcp_tool_call", "server": "s", "tool": "t",
                "arguments": {}, "result": null, "error": null, "status": "completed"}),
            (ActionKind::Tool, "s.t", Some(true)),
        ),
        (
            json!({"id": "item_0", "type": "mcp_tool_call", "server": "s", "tool": "t",
                "arguments": {}, "result": null, "error": {"message": "no"}, "status": "failed"}),
            (ActionKind::Tool, "s.t", Some(false)),
        ),
        (
            json!({"id": "item_0", "type": "web_search", "query": "rust"}),
            (ActionKind::WebSearch, "rust", Some(true)),
        ),
        (
            json!({"id": "item_0", "type": "reasoning", "text": "hm"}),
            (ActionKind::Note, "hm", Some(true)),
        ),
        (
            json!({"id": "item_0", "type": "todo_list", "items":
                [{"text": "a", "completed": true}, {"text": "b", "completed": false}]}),
            (ActionKind::Note, "todo 1/2: b", Some(true)),
        ),
        (
            json!({"id": "item_0", "type": "todo_list", "items": [{"text": "a", "completed": true}]}),
            (ActionKind::Note, "todo 1/1: done", Some(true)),
        ),
        (
            json!({"id": "item_0", "type": "error", "message": "careful"}),
            (ActionKind::Warning, "careful", Some(false)),
        ),
        (
            json!({"id": "item_0", "type": "future_item", "foo": "bar"}),
            (
                ActionKind::Unrecognized("future_item".to_owned()),
                "future_item",
                None,
            ),
        ),
    ];
    for (value, (kind, title, ok)) in cases {
        let event = single(&item("item.completed", &value));
        assert_eq!(gist(&event), (kind, title, Phase::Completed, ok));
        let action = action(&event);
        assert_eq!(action.id, "item_0");
        let Detail::Item(detail) = &action.detail else {
            panic!("{action:?}");
        };
        assert_eq!(serde_json::to_value(detail).unwrap(), value);
        let is_warning = action.kind == ActionKind::Warning;
        assert_eq!(action.level == Level::Warning, is_warning);
    }
}

#[test]
fn an_item_under_way_is_neither_good_nor_bad() {
    let command = json!({"id": "item_0", "type": "command_execution", "command": "ls",
        "aggregated_output": "", "exit_code": null, "status": "in_progress"});
    for (event, phase) in [
        ("item.started", Phase::Started),
        ("item.updated", Phase::Updated),
    ] {
        let event = single(&item(event, &command));
        assert_eq!(gist(&event), (ActionKind::Command, "ls", phase, None));
    }
}

#[test]
fn incomplete_message_is_no_event() {
    let message = json!({"id": "item_0", "type": "agent_message", "text": "H"});
    let mut translator = Translator::new(None);
    assert!(feed(&mut translator, &item("item.started", &message)).is_empty());
    assert!(feed(&mut translator, &item("item.updated", &message)).is_empty());
}

#[test]
fn reconnections_are_recognized_in_all_their_forms() {
    for (message, attempt, max) in [
        ("Reconnecting... 1/5", Some(1), Some(5)),
        ("Reconnecting...2/5", Some(2), Some(5)),
        (
            "Reconnecting... 1/2 (stream disconnected before completion: closed)",
            Some(1),
            Some(2),
        ),
        (
            "Reconnecting... waiting for network (Connection failed: 1/2)",
            None,
            None,
        ),
    ] {
        let event = single(&json!({"type": "error", "message": message}));
        let action = action(&event);
        assert_eq!(action.id, "codex.reconnect");
        assert_eq!(action.level, Level::Info);
        let Detail::Reconnect(reconnect) = &action.detail else {
            panic!("{action:?}");
        };
        assert_eq!(
            (reconnect.attempt, reconnect.max),
            (attempt, max),
            "{message}"
        );
    }
    let other = single(&json!({"type": "error", "message": "Not Reconnecting... 1/5"}));
    assert_eq!(action(&other).kind, ActionKind::Warning);
}

#[test]
fn a_repeated_wait_for_the_network_updates_one_action() {
    let mut translator = Translator::new(None);
    let notice = json!({"type": "error", "message": "Reconnecting... waiting for network"});
    let phases: Vec<Phase> = (0..3)
        .flat_map(|_| feed(&mut translator, &notice))
        .map(|event| action(&event).phase)
        .collect();
    assert_eq!(phases, [Phase::Started, Phase::Updated, Phase::Updated]);
}

#[test]
fn superseded_answers_become_notes() {
    let message = |id: &str, phase: Value, text: &str| {
        item(
            "item.completed",
            &json!({"id": id, "type": "agent_message", "phase": phase, "text": text}),
        )
    };
    let mut translator = Translator::new(None);
    let mut notes = Vec::new();
    for line in [
        message("item_0", Value::Null, "one"),
        message("item_1", json!(""), "two"),
        message("item_2", json!("final_answer"), "three"),
        message("item_3", json!("some_day"), "four"),
        message("item_4", Value::Null, "five"),
        message("item_5", json!("final_answer"), "six"),
    ] {
        notes.extend(feed(&mut translator, &line));
    }
    let texts: Vec<&str> = notes.iter().map(|note| gist(note).1).collect();
    assert_eq!(texts, ["one", "two", "four", "five", "three"]);
    feed(&mut translator, &thread("t"));
    let last = translator.exited(0);
    assert_eq!(completed(&last).answer.as_deref(), Some("six"));
}

#[test]
fn new_turn_discards_the_previous_answer() {
    let mut translator = Translator::new(None);
    feed(&mut translator, &thread("t"));
    let turn = json!({"type": "turn.started"});
    assert_eq!(action(&feed(&mut translator, &turn)[0]).id, "turn_0");
    let said = json!({"id": "item_0", "type": "agent_message", "text": "old"});
    assert!(feed(&mut translator, &item("item.completed", &said)).is_empty());
    let events = feed(&mut translator, &turn);
    assert_eq!(gist(&events[0]).1, "old");
    assert_eq!(action(&events[1]).id, "turn_1");
    assert_eq!(completed(&translator.exited(0)).answer, None);
}

#[test]
fn failed_turn_keeps_its_answer() {
    let mut translator = Translator::new(None);
    feed(&mut translator, &thread("t"));
    let said = json!({"id": "item_0", "type": "agent_message", "text": "so far"});
    feed(&mut translator, &item("item.completed", &said));
    let failed = json!({"type": "turn.failed", "error": {"message": "boom"}});
    let events = feed(&mut translator, &failed);
    let completed = completed(&events);
    assert!(!completed.ok);
    assert_eq!(completed.answer.as_deref(), Some("so far"));
    assert_eq!(error_text(completed), "boom");
    assert!(
        matches!(completed.error.as_ref().map(RunError::failure), Some(Failure::Turn { message }) if message == "boom")
    );
}

#[test]
fn nothing_comes_after_the_completed_event() {
    let mut translator = Translator::new(None);
    feed(&mut translator, &thread("t"));
    let usage = json!({"input_tokens": 3, "cached_input_tokens": 2, "output_tokens": 1});
    let done = json!({"type": "turn.completed", "usage": usage});
    assert!(!translator.is_completed());
    let events = feed(&mut translator, &done);
    assert_eq!(completed(&events).usage.as_ref().unwrap().input_tokens, 3);
    assert!(translator.is_completed());
    for line in [
        thread("u"),
        done,
        json!({"type": "error", "message": "late"}),
    ] {
        assert!(feed(&mut translator, &line).is_empty());
    }
    assert!(translator.line(b"not json").is_empty());
    assert!(translator.exited(1).is_empty());
    assert!(translator.fail(Failure::NoSession).is_empty());
}

#[test]
fn a_second_start_of_the_same_thread_is_no_news() {
    let mut translator = Translator::new(None);
    assert_eq!(feed(&mut translator, &thread("t")).len(), 1);
    assert!(feed(&mut translator, &thread("t")).is_empty());
    assert_eq!(translator.session().unwrap().id(), "t");
    let events = feed(&mut translator, &thread("u"));
    let text = error_text(completed(&events));
    assert!(text.contains("`t`") && text.contains("`u`"), "{text}");
}

#[test]
fn another_session_than_the_resumed_one_is_an_error() {
    let wanted = ResumeToken::new("t").unwrap();
    let mut translator = Translator::new(Some(wanted.clone()));
    let events = feed(&mut translator, &thread("u"));
    let completed = completed(&events);
    assert!(!completed.ok);
    assert_eq!(completed.resume, Some(wanted));
    assert!(
        matches!(completed.error.as_ref().map(RunError::failure), Some(Failure::ResumeMismatch { expected, actual }) if expected == "t" && actual == "u"
        )
    );
}

#[test]
fn unknown_events_pass_and_unreadable_lines_warn() {
    let mut translator = Translator::new(None);
    let events = feed(&mut translator, &json!({"type": "thread.archived", "n": 1}));
    assert!(
        matches!(&events[..], [ExecEvent::Unrecognized(event)] if event.event_type == "thread.archived")
    );
    for (line, shown) in [
        (&b"not json"[..], "not json"),
        (
            &b"{\"type\":\"thread.started\"}"[..],
            "{\"type\":\"thread.started\"}",
        ),
        (&b"\"\xff\""[..], "\"\u{fffd}\""),
    ] {
        let events = translator.line(line);
        let action = action(&events[0]);
        assert_eq!(action.kind, ActionKind::Warning);
        assert_eq!(action.detail, Detail::Line(shown.to_owned()));
    }
    for blank in [&b""[..], b"  ", b"\r"] {
        assert!(translator.line(blank).is_empty());
    }
    // A carriage return before the end of a line does no harm.
    assert_eq!(translator.line(b"{\"type\":\"turn.started\"}\r").len(), 1);
}

/// The completed item of a line.
fn completed_item(item: &Value) -> Action {
    let line = json!({ "type": "item.completed", "item": item }).to_string();
    match &Translator::new(None).line(line.as_bytes())[..] {
        [ExecEvent::Action(action)] => action.clone(),
        other => panic!("{item}: {other:?}"),
    }
}

#[test]
fn absent_fields_are_those_that_are_null() {
    let mut command = json!({ "id": "i", "type": "command_execution", "command": "ls",
        "aggregated_output": "", "exit_code": null, "status": "completed" });
    let null = completed_item(&command);
    command.as_object_mut().unwrap().remove("exit_code");
    let absent = completed_item(&command);
    assert_eq!((null.ok, absent.ok), (Some(true), Some(true)));
    let mut call = json!({ "id": "i", "type": "mcp_tool_call", "server": "s", "tool": "t",
        "arguments": null, "result": null, "error": null, "status": "completed" });
    let null = completed_item(&call);
    for name in ["arguments", "result", "error"] {
        call.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(completed_item(&call), null);
    assert_eq!(null.ok, Some(true));
}

#[test]
fn results_of_tools_have_a_summary() {
    for (result, expected) in [
        (json!({ "content": [] }), (0, false)),
        (
            json!({ "content": [{}, {}], "structured_content": null }),
            (2, false),
        ),
        (
            json!({ "content": [{}], "structured_content": { "a": 1 } }),
            (1, true),
        ),
        (json!({ "structured_content": [] }), (0, true)),
    ] {
        let call = json!({ "id": "i", "type": "mcp_tool_call", "server": "s", "tool": "t",
            "result": result, "status": "completed" });
        let Detail::Item(item) = completed_item(&call).detail else {
            panic!("an item");
        };
        let ItemDetails::McpToolCall(call) = item.details else {
            panic!("a call of a tool");
        };
        let summary = call.result.unwrap().summary();
        assert_eq!((summary.content_blocks, summary.has_structured), expected);
        let json = serde_json::to_value(summary).unwrap();
        assert_eq!(
            json,
            json!({ "content_blocks": expected.0, "has_structured": expected.1 })
        );
    }
}
