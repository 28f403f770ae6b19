//! The work of a run, and the visible part of it.

use std::path::Path;

use codex_exec::Sandbox;
use codex_exec::event::{FileChangeKind, ItemDetails, ItemStatus};
use codex_exec::{ActionKind, ExecEvent, Phase};
use codex_testing::events::Usage;
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use super::{actions, assert_all_known, item, runner};
use crate::modes::{MODES, completed, started};

#[test]
fn a_message_is_the_answer() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let reply = Reply::assistant("Hello.").usage(Usage::new(7, 3));
        harness.responses().enqueue(reply);
        let events = mode.collect(&runner(&harness), None, "say \u{2028} hello\nplease");
        assert_all_known(&events);
        let outcome = completed(&events);
        assert!(outcome.ok, "{events:#?}");
        assert_eq!(outcome.answer.as_deref(), Some("Hello."));
        let usage = outcome.usage.as_ref().unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens), (7, 3));
        let started: Vec<_> = events
            .iter()
            .filter(|event| matches!(event, ExecEvent::Started(_)))
            .map(|event| &started(event).resume)
            .collect();
        assert_eq!(started, [outcome.resume.as_ref().unwrap()]);
        assert_eq!(actions(&events, &ActionKind::Turn).len(), 1);
        let request = harness.responses().single_request();
        assert_eq!(request.last_user_text(), Some("say \u{2028} hello\nplease"));
        harness.responses().assert_exhausted();
    }
}

#[test]
fn choices_reach_the_model() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        harness
            .responses()
            .enqueue(Reply::assistant("One."))
            .enqueue(Reply::assistant("Two."));
        let runner = harness
            .exec_runner()
            .model("gpt-5.5")
            .reasoning_effort("high")
            .sandbox(Sandbox::WorkspaceWrite)
            .build()
            .unwrap();
        let events = mode.collect(&runner, None, "hi");
        let session = completed(&events).resume.clone().unwrap();
        assert!(completed(&mode.collect(&runner, Some(&session), "again")).ok);
        let requests = harness.responses().requests();
        assert_eq!(requests.len(), 2);
        for request in requests {
            assert_eq!(request.model(), Some("gpt-5.5"));
            assert_eq!(request.body_json()["reasoning"]["effort"], "high");
            let told = request.message_texts("developer").join("\n");
            assert!(told.contains("workspace-write"), "{told}");
        }
    }
}

/// One command that succeeded, and one that failed.
fn assert_commands(events: &[ExecEvent]) {
    let commands = actions(events, &ActionKind::Command);
    let stages: Vec<_> = commands
        .iter()
        .map(|action| (action.phase, action.ok))
        .collect();
    assert_eq!(
        stages,
        [
            (Phase::Started, None),
            (Phase::Completed, Some(true)),
            (Phase::Started, None),
            (Phase::Completed, Some(false)),
        ],
        "{events:#?}"
    );
    assert_eq!(commands[0].id, commands[1].id);
    assert!(
        commands[0].title.contains("echo one"),
        "{}",
        commands[0].title
    );
    let ItemDetails::CommandExecution(run) = item(commands[1]) else {
        panic!("{commands:?}");
    };
    assert_eq!(run.aggregated_output, "one\ntwo\n");
    assert_eq!(
        (run.exit_code, &run.status),
        (Some(0), &ItemStatus::Completed)
    );
}

#[test]
fn a_command_is_an_action_from_start_to_end() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let call = |id: &str, command: &str| {
            Reply::new().function_call(id, "exec_command", json!({"cmd": command}))
        };
        harness
            .responses()
            .enqueue(call("call-1", "echo one; echo two"))
            .enqueue(call("call-2", "exit 3"))
            .enqueue(Reply::assistant("Both ran."));
        let runner = harness
            .exec_runner()
            .sandbox(Sandbox::DangerFullAccess)
            .build()
            .unwrap();
        let events = mode.collect(&runner, None, "run them");
        assert_all_known(&events);
        assert_commands(&events);
        assert_eq!(completed(&events).answer.as_deref(), Some("Both ran."));
        harness.responses().assert_exhausted();
    }
}

#[test]
fn a_file_change_names_its_files() {
    const PATCH: &str = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n";
    for mode in MODES {
        // Only models that the runtime recognizes have the tool.
        let harness = AppServerHarness::builder()
            .model("gpt-5.5")
            .start()
            .unwrap();
        harness
            .responses()
            .enqueue(Reply::new().custom_tool_call("call-1", "apply_patch", PATCH))
            .enqueue(Reply::assistant("Added."));
        let runner = harness
            .exec_runner()
            .sandbox(Sandbox::DangerFullAccess)
            .build()
            .unwrap();
        let events = mode.collect(&runner, None, "add a file");
        assert_all_known(&events);
        let changes = actions(&events, &ActionKind::FileChange);
        let last = changes.last().unwrap_or_else(|| panic!("{events:#?}"));
        assert_eq!((last.phase, last.ok), (Phase::Completed, Some(true)));
        let ItemDetails::FileChange(change) = item(last) else {
            panic!("{last:?}");
        };
        let [entry] = &change.changes[..] else {
            panic!("{change:?}");
        };
        assert_eq!(entry.kind, FileChangeKind::Add);
        let file = harness.workspace().join("new.txt");
        assert_eq!(Path::new(&entry.path), file);
        assert_eq!(last.title, entry.path);
        assert_eq!(std::fs::read_to_string(file).unwrap(), "hello\n");
    }
}

#[test]
fn an_output_schema_reaches_the_model() {
    let schema = json!({
        "type": "object",
        "properties": {"answer": {"type": "integer"}},
        "required": ["answer"],
        "additionalProperties": false,
    });
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        for _ in 0..2 {
            harness
                .responses()
                .enqueue(Reply::assistant(r#"{"answer":42}"#));
        }
        let runner = harness
            .exec_runner()
            .output_schema(schema.clone())
            .build()
            .unwrap();
        let events = mode.collect(&runner, None, "how much?");
        let outcome = completed(&events);
        assert_eq!(outcome.answer.as_deref(), Some(r#"{"answer":42}"#));
        let again = mode.collect(&runner, outcome.resume.as_ref(), "again?");
        assert!(completed(&again).ok, "{again:#?}");
        for request in harness.responses().requests() {
            let format = &request.body_json()["text"]["format"];
            assert_eq!(format["schema"], schema, "{format}");
            assert_eq!(format["strict"], true);
        }
    }
}
