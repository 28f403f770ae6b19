//! The real runtime, with only the model mocked.

use std::path::Path;
use std::time::Duration;

use codex_client::exec::event::{FileChangeKind, ItemDetails, ItemStatus};
use codex_client::exec::{
    Action, ActionKind, Detail, ExecEvent, ExecRunner, ExecRunnerBuilder, Phase, ResumeToken,
    RunError,
};
use codex_client::testing::events::Usage;
use codex_client::testing::{AppServerHarness, Gate, Reply};
use codex_client::types::SandboxMode;
use codex_runtime::RuntimeSource;
use serde_json::json;

use crate::faces::{FACES, completed, error_text, started};
use crate::wait::LIMIT;

fn builder(harness: &AppServerHarness) -> ExecRunnerBuilder {
    let binary = harness.runtime().binary().to_path_buf();
    let builder = ExecRunner::builder()
        .runtime(RuntimeSource::Binary(binary))
        .cwd(harness.workspace())
        .env_clear();
    harness
        .environment()
        .fold(builder, |builder, (name, value)| builder.env(name, value))
}

fn runner(harness: &AppServerHarness) -> ExecRunner {
    builder(harness).build().unwrap()
}

/// The actions of one kind.
fn actions<'a>(events: &'a [ExecEvent], kind: &ActionKind) -> Vec<&'a Action> {
    events
        .iter()
        .filter_map(|event| match event {
            ExecEvent::Action(action) if action.kind == *kind => Some(action),
            _ => None,
        })
        .collect()
}

fn item(action: &Action) -> &ItemDetails {
    match &action.detail {
        Detail::Item(item) => &item.details,
        other => panic!("not an item: {other:?}"),
    }
}

/// The runtime says something only of things this crate knows.
fn assert_all_known(events: &[ExecEvent]) {
    let text = format!("{events:?}");
    for sign in ["Unrecognized", "cannot be read"] {
        assert!(!text.contains(sign), "{text}");
    }
    let (extras, empty) = ("extra: {", "extra: {}");
    assert_eq!(
        text.matches(extras).count(),
        text.matches(empty).count(),
        "{text}"
    );
}

#[test]
fn a_message_is_the_answer() {
    for face in FACES {
        let harness = AppServerHarness::start().unwrap();
        let reply = Reply::assistant("Hello.").usage(Usage::new(7, 3));
        harness.responses().enqueue(reply);
        let events = face.collect(&runner(&harness), None, "say \u{2028} hello\nplease");
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
    for face in FACES {
        let harness = AppServerHarness::start().unwrap();
        harness
            .responses()
            .enqueue(Reply::assistant("One."))
            .enqueue(Reply::assistant("Two."));
        let runner = builder(&harness)
            .model("gpt-5.5")
            .reasoning_effort("high")
            .sandbox(SandboxMode::WorkspaceWrite)
            .build()
            .unwrap();
        let events = face.collect(&runner, None, "hi");
        let session = completed(&events).resume.clone().unwrap();
        assert!(completed(&face.collect(&runner, Some(&session), "again")).ok);
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

#[test]
fn a_command_is_an_action_from_start_to_end() {
    for face in FACES {
        let harness = AppServerHarness::start().unwrap();
        let call = |id: &str, command: &str| {
            Reply::new().function_call(id, "exec_command", json!({"cmd": command}))
        };
        harness
            .responses()
            .enqueue(call("call-1", "echo one; echo two"))
            .enqueue(call("call-2", "exit 3"))
            .enqueue(Reply::assistant("Both ran."));
        let runner = builder(&harness)
            .sandbox(SandboxMode::DangerFullAccess)
            .build()
            .unwrap();
        let events = face.collect(&runner, None, "run them");
        assert_all_known(&events);
        let commands = actions(&events, &ActionKind::Command);
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
        assert_eq!(completed(&events).answer.as_deref(), Some("Both ran."));
        harness.responses().assert_exhausted();
    }
}

#[test]
fn a_file_change_names_its_files() {
    const PATCH: &str = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n";
    for face in FACES {
        // Only models the runtime knows have the tool.
        let harness = AppServerHarness::builder()
            .model("gpt-5.5")
            .start()
            .unwrap();
        harness
            .responses()
            .enqueue(Reply::new().custom_tool_call("call-1", "apply_patch", PATCH))
            .enqueue(Reply::assistant("Added."));
        let runner = builder(&harness)
            .sandbox(SandboxMode::DangerFullAccess)
            .build()
            .unwrap();
        let events = face.collect(&runner, None, "add a file");
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
fn a_failed_turn_says_why() {
    for face in FACES {
        let harness = AppServerHarness::start().unwrap();
        harness
            .responses()
            .enqueue(Reply::failed("invalid_prompt", "boom from the mock"));
        let events = face.collect(&runner(&harness), None, "fail");
        assert_all_known(&events);
        let outcome = completed(&events);
        assert!(!outcome.ok);
        assert!(matches!(outcome.error, Some(RunError::Turn { .. })));
        let text = error_text(outcome);
        assert!(text.contains("boom from the mock"), "{text}");
        assert!(outcome.resume.is_some());
    }
}

#[test]
fn a_resumed_session_goes_on() {
    for face in FACES {
        let harness = AppServerHarness::start().unwrap();
        harness
            .responses()
            .enqueue(Reply::assistant("First answer."))
            .enqueue(Reply::assistant("Second answer."));
        let runner = runner(&harness);
        let first = face.collect(&runner, None, "first question");
        let line = completed(&first).resume.as_ref().unwrap().to_string();
        let session = ResumeToken::find(&format!("First answer.\n\n`{line}`")).unwrap();
        let second = face.collect(&runner, Some(&session), "second question");
        assert_all_known(&second);
        let outcome = completed(&second);
        assert_eq!(outcome.answer.as_deref(), Some("Second answer."));
        assert_eq!(outcome.resume, Some(session));
        let requests = harness.responses().requests();
        let asked = requests[1].message_texts("user").join("\n");
        assert!(asked.contains("first question") && asked.contains("second question"));
        assert_eq!(requests[1].message_texts("assistant"), ["First answer."]);
    }
}

#[test]
fn a_session_that_does_not_exist_is_not_started_anew() {
    for face in FACES {
        let harness = AppServerHarness::start().unwrap();
        let gate = Gate::new();
        // A run on the wrong session is ended, whether or not it has reached the model.
        harness.responses().respond_with({
            let gate = gate.clone();
            move |_| Some(Reply::assistant("Too late.").held_by(&gate))
        });
        let runner = runner(&harness);
        let unknown = ResumeToken::new("019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc").unwrap();
        let events = face.collect(&runner, Some(&unknown), "hi");
        assert_eq!(error_text(completed(&events)), "codex exec failed (rc=1).");

        let name = ResumeToken::new("no-such-name").unwrap();
        let events = face.collect(&runner, Some(&name), "hi");
        let outcome = completed(&events);
        assert!(
            matches!(&outcome.error, Some(RunError::ResumeMismatch { expected, .. }) if expected == "no-such-name"),
            "{events:#?}"
        );
        gate.release();
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
    for face in FACES {
        let harness = AppServerHarness::start().unwrap();
        for _ in 0..2 {
            harness
                .responses()
                .enqueue(Reply::assistant(r#"{"answer":42}"#));
        }
        let runner = builder(&harness)
            .output_schema(schema.clone())
            .build()
            .unwrap();
        let events = face.collect(&runner, None, "how much?");
        let outcome = completed(&events);
        assert_eq!(outcome.answer.as_deref(), Some(r#"{"answer":42}"#));
        let again = face.collect(&runner, outcome.resume.as_ref(), "again?");
        assert!(completed(&again).ok, "{again:#?}");
        for request in harness.responses().requests() {
            let format = &request.body_json()["text"]["format"];
            assert_eq!(format["schema"], schema, "{format}");
            assert_eq!(format["strict"], true);
        }
    }
}

#[test]
fn a_lost_connection_is_a_note() {
    for face in FACES {
        let harness = AppServerHarness::builder()
            .stream_max_retries(2)
            .start()
            .unwrap();
        harness
            .responses()
            .enqueue(Reply::streaming(["Hal"]).cut())
            .enqueue(Reply::assistant("Hello."));
        let events = face.collect(&runner(&harness), None, "hi");
        assert_all_known(&events);
        let notes: Vec<&Action> = actions(&events, &ActionKind::Note);
        let [note] = notes[..] else {
            panic!("{events:#?}");
        };
        assert_eq!(note.id, "codex.reconnect");
        assert_eq!((note.phase, note.ok), (Phase::Started, None));
        let Detail::Reconnect(reconnect) = note.detail else {
            panic!("{note:?}");
        };
        assert_eq!((reconnect.attempt, reconnect.max), (Some(1), Some(2)));
        let outcome = completed(&events);
        assert!(outcome.ok);
        assert_eq!(outcome.answer.as_deref(), Some("Hello."));
        harness.responses().assert_exhausted();
    }
}

#[test]
fn a_bad_configuration_fails_without_its_reason() {
    for face in FACES {
        let harness = AppServerHarness::start().unwrap();
        let runner = builder(&harness)
            .args(["-c", "sandbox_mode=no-such-mode"])
            .build()
            .unwrap();
        let events = face.collect(&runner, None, "hi");
        let outcome = completed(&events);
        assert_eq!(error_text(outcome), "codex exec failed (rc=1).");
        assert!(outcome.resume.is_none());
    }
}

/// Ending a run in the middle of its turn. Finds the processes in /proc.
#[cfg(target_os = "linux")]
mod ending {
    use super::*;
    use crate::faces::{begin_async, begin_blocking, block_on};
    use crate::fake::is_alive;
    use crate::wait;

    /// The group of the runtime that works in the harness's folders.
    fn leader(harness: &AppServerHarness) -> String {
        let home = harness.codex_home();
        let home = home.to_str().unwrap();
        let leaders: Vec<String> = std::fs::read_dir("/proc")
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| {
                let environment = std::fs::read(entry.path().join("environ"));
                let environment =
                    String::from_utf8_lossy(&environment.unwrap_or_default()).into_owned();
                environment
                    .split('\0')
                    .any(|variable| variable.strip_prefix("CODEX_HOME=") == Some(home))
            })
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        leaders.first().expect("a runtime is running").clone()
    }

    #[test]
    fn a_cancelled_turn_leaves_no_process() {
        for face in FACES {
            let harness = AppServerHarness::start().unwrap();
            let gate = Gate::new();
            harness
                .responses()
                .enqueue(Reply::streaming(["Hel"]).gate(&gate).delta("lo"))
                .enqueue(Reply::assistant("Here again."));
            let runner = runner(&harness);
            let (session, group) = match face {
                crate::faces::Face::Async => block_on(async {
                    let mut stream = begin_async(&runner, None, "hi");
                    let session = started(&stream.next().await.unwrap()).resume.clone();
                    gate.wait_reached_async(LIMIT).await.unwrap();
                    let group = leader(&harness);
                    assert!(is_alive(&group));
                    stream.cancel().await;
                    (session, group)
                }),
                crate::faces::Face::Blocking => {
                    let mut events = begin_blocking(&runner, None, "hi");
                    let session = started(&events.next().unwrap()).resume.clone();
                    gate.wait_reached(LIMIT).unwrap();
                    let group = leader(&harness);
                    assert!(is_alive(&group));
                    events.cancel();
                    (session, group)
                }
            };
            assert!(!is_alive(&group));
            assert!(runner.session_locks().is_empty());
            // The session is as usable as before.
            let events = face.collect(&runner, Some(&session), "still there?");
            assert_eq!(completed(&events).answer.as_deref(), Some("Here again."));
        }
    }

    #[test]
    fn a_dropped_turn_takes_its_commands_along() {
        for face in FACES {
            let harness = AppServerHarness::start().unwrap();
            let command = "echo $$ > running; exec sleep 1000";
            let call = json!({"cmd": command, "yield_time_ms": 60_000});
            harness
                .responses()
                .enqueue(Reply::new().function_call("call-1", "exec_command", call));
            let runner = builder(&harness)
                .sandbox(SandboxMode::DangerFullAccess)
                .stop_grace(Duration::from_secs(10))
                .build()
                .unwrap();
            let file = harness.workspace().join("running");
            let is_running =
                || std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n'));
            let mut blocking = None;
            let mut stream = None;
            match face {
                crate::faces::Face::Async => {
                    let stream = stream.insert(begin_async(&runner, None, "sleep"));
                    block_on(async {
                        while !is_running() {
                            let _event = stream.next().await.unwrap();
                        }
                    });
                }
                crate::faces::Face::Blocking => {
                    let events = blocking.insert(begin_blocking(&runner, None, "sleep"));
                    started(&events.next().unwrap());
                    wait::until("the command runs", is_running);
                }
            }
            let pid = std::fs::read_to_string(&file).unwrap();
            let process = Path::new("/proc").join(pid.trim());
            let group = leader(&harness);
            assert!(process.exists());
            drop((blocking, stream));
            wait::until("the runtime is gone", || !is_alive(&group));
            wait::until("its command is gone", || !process.exists());
        }
    }
}
