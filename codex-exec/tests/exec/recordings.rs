//! Streams recorded from a real runtime: everything in them is known, and nothing is lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use codex_exec::event::RawEvent;
use codex_exec::{Completed, ExecEvent, Translator};
use serde_json::Value;

use crate::modes::completed;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exec/recordings")
}

/// Name and lines of every recording.
fn recordings() -> BTreeMap<String, Vec<String>> {
    let files = fs::read_dir(folder()).unwrap();
    files
        .map(|file| file.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(path).unwrap();
            (name, text.lines().map(str::to_owned).collect())
        })
        .collect()
}

fn kind(event: &RawEvent) -> String {
    match event {
        RawEvent::ThreadStarted(_) => "thread.started".to_owned(),
        RawEvent::TurnStarted(_) => "turn.started".to_owned(),
        RawEvent::TurnCompleted(_) => "turn.completed".to_owned(),
        RawEvent::TurnFailed(_) => "turn.failed".to_owned(),
        RawEvent::ItemStarted(event)
        | RawEvent::ItemUpdated(event)
        | RawEvent::ItemCompleted(event) => event.item.details.item_type().to_owned(),
        RawEvent::Error(_) => "top-level error".to_owned(),
        other => panic!("a recorded event is not known: {other:?}"),
    }
}

fn value(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

#[test]
fn every_line_decodes_and_encodes_to_the_same_json() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let recordings = recordings();
    for (name, lines) in &recordings {
        for line in lines {
            let event: RawEvent =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}"));
            let written = serde_json::to_string(&event).unwrap();
            // The order of fields may differ in untyped values; the length may not, and would if
            // one of two fields with the same name were lost.
            assert_eq!(value(&written), value(line), "{name}");
            assert_eq!(written.len(), line.len(), "{name}: {line}");
            let debug = format!("{event:?}");
            assert_eq!(
                debug.matches("extra: {").count(),
                debug.matches("extra: {}").count(),
                "{name} has fields that are not known: {line}"
            );
            *counts.entry(kind(&event)).or_default() += 1;
        }
    }
    let counts: Vec<(&str, usize)> = counts.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
    assert_eq!(
        counts,
        [
            ("agent_message", 13),
            ("error", 15),
            ("file_change", 2),
            ("mcp_tool_call", 4),
            ("thread.started", 15),
            ("todo_list", 3),
            ("top-level error", 6),
            ("turn.completed", 11),
            ("turn.failed", 3),
            ("turn.started", 15),
            ("web_search", 2),
        ]
    );
}

#[test]
fn every_recording_has_the_outcome_of_its_run() {
    let bad_request =
        r#"{"error": {"message": "bad request body", "type": "invalid_request_error"}}"#;
    // Name, exit code, events, and answer or error.
    let expected: [(&str, i32, usize, Result<&str, &str>); 18] = [
        (
            "command_needs_approval",
            1,
            1,
            Err("codex exec failed (rc=1)."),
        ),
        (
            "connection_refused_sigint",
            1,
            6,
            Err("codex exec failed (rc=1)."),
        ),
        ("failed_400", 1, 5, Err(bad_request)),
        ("failed_response", 1, 5, Err("boom from mock")),
        ("failed_usage_limit", 1, 5, Err("usage limit")),
        ("file_change", 0, 5, Ok("patched")),
        ("mcp_tool", 0, 8, Ok("ok")),
        ("no_prompt", 1, 1, Err("codex exec failed (rc=1).")),
        ("output_schema", 0, 4, Ok(r#"{"a":1}"#)),
        ("phases", 0, 5, Ok("Done.")),
        ("reconnect", 0, 5, Ok("full")),
        ("review", 0, 5, Ok("fine")),
        ("simple", 0, 4, Ok("Hello")),
        ("stdin_prompt_append", 0, 4, Ok("both")),
        ("todo_list", 0, 7, Ok("ok")),
        ("two_messages_no_phase", 0, 5, Ok("second")),
        ("web_search", 0, 6, Ok("ok")),
        ("empty", 0, 1, Err("no session_id/thread_id was captured")),
    ];
    let mut recordings = recordings();
    recordings.insert("empty".to_owned(), Vec::new());
    assert_eq!(recordings.len(), expected.len());
    for (name, code, count, outcome) in expected {
        let events = translate(&recordings[name], code);
        assert_eq!(events.len(), count, "{name}: {events:#?}");
        check(name, completed(&events), outcome);
    }
}

fn translate(lines: &[String], code: i32) -> Vec<ExecEvent> {
    let mut translator = Translator::new(None);
    let mut events: Vec<ExecEvent> = lines
        .iter()
        .flat_map(|line| translator.line(line.as_bytes()))
        .collect();
    events.extend(translator.exited(code));
    events
}

fn check(name: &str, completed: &Completed, outcome: Result<&str, &str>) {
    assert_eq!(completed.ok, outcome.is_ok(), "{name}");
    match outcome {
        Ok(answer) => {
            assert_eq!(completed.answer.as_deref(), Some(answer), "{name}");
            assert!(completed.error.is_none(), "{name}");
            assert!(completed.usage.is_some(), "{name}");
            assert!(completed.resume.is_some(), "{name}");
        }
        Err(part) => {
            let error = completed.error.as_ref().unwrap().to_string();
            assert!(error.contains(part), "{name}: {error}");
        }
    }
}
