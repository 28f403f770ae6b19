//! Whole turns of fake executables, through both APIs.

use codex_exec::{ActionKind, ExecEvent, Failure, Phase, RunError};
use codex_runtime::RuntimeSource;
use serde_json::{Value, json};

use crate::fake::{
    Fake, THREAD, error, message, message_in_phase, thread_started, token, turn_completed,
    turn_started,
};
use crate::modes::{MODES, action, completed, error_text, gist, started};

/// Runs the lines through both APIs, which must agree; returns the events.
fn run(lines: &[Value], code: i32) -> Vec<ExecEvent> {
    let [first, second] = MODES.map(|mode| {
        let fake = Fake::printing(lines, code);
        let events = mode.collect(&fake.runner(), None, "hi");
        assert_eq!(fake.read("prompt"), "hi");
        events
    });
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    first
}

#[test]
fn warnings_keep_their_place() {
    let events = run(
        &[
            error("warning one"),
            thread_started(),
            message("item_0", "ok"),
            turn_completed(),
        ],
        0,
    );
    assert_eq!(events.len(), 3);
    assert_eq!(
        gist(&events[0]),
        (
            ActionKind::Warning,
            "warning one",
            Phase::Completed,
            Some(false)
        )
    );
    assert_eq!(started(&events[1]).resume.id(), THREAD);
    let completed = completed(&events);
    assert_eq!(completed.resume.as_ref(), Some(&started(&events[1]).resume));
    assert_eq!(completed.answer.as_deref(), Some("ok"));
    assert!(completed.ok);
}

#[test]
fn a_reconnection_is_not_fatal() {
    let events = run(
        &[
            error("Reconnecting... 1/5"),
            thread_started(),
            message("item_0", "ok"),
            turn_completed(),
        ],
        0,
    );
    assert_eq!(events.len(), 3);
    assert_eq!(
        gist(&events[0]),
        (
            ActionKind::Note,
            "Reconnecting... 1/5",
            Phase::Started,
            None
        )
    );
    assert_eq!(started(&events[1]).resume.id(), THREAD);
    assert_eq!(completed(&events).answer.as_deref(), Some("ok"));
    assert_eq!(completed(&events).resume, Some(token(THREAD)));
}

#[test]
fn a_repeated_reconnection_updates_its_action() {
    let events = run(
        &[
            error("Reconnecting... 1/5"),
            error("Reconnecting... 2/5"),
            thread_started(),
            message("item_0", "ok"),
            turn_completed(),
        ],
        0,
    );
    assert_eq!(events.len(), 4);
    let (first, second) = (action(&events[0]), action(&events[1]));
    assert_eq!(
        (first.phase, second.phase),
        (Phase::Started, Phase::Updated)
    );
    assert_eq!(first.id, "codex.reconnect");
    assert_eq!(second.id, "codex.reconnect");
    started(&events[2]);
    assert!(completed(&events).ok);
}

#[test]
fn the_final_answer_is_preferred() {
    let events = run(
        &[
            thread_started(),
            turn_started(),
            message_in_phase("item_0", "commentary", "Working through the task."),
            message_in_phase("item_1", "final_answer", "Done."),
            turn_completed(),
        ],
        0,
    );
    assert_eq!(events.len(), 4);
    started(&events[0]);
    assert_eq!(action(&events[1]).kind, ActionKind::Turn);
    assert_eq!(
        gist(&events[2]),
        (
            ActionKind::Note,
            "Working through the task.",
            Phase::Completed,
            Some(true)
        )
    );
    assert_eq!(completed(&events).answer.as_deref(), Some("Done."));
}

#[test]
fn without_phases_the_last_message_is_the_answer() {
    let events = run(
        &[
            thread_started(),
            turn_started(),
            message("item_0", "first"),
            message("item_1", "second"),
            turn_completed(),
        ],
        0,
    );
    assert_eq!(completed(&events).answer.as_deref(), Some("second"));
    // The first is not lost.
    assert_eq!(
        gist(&events[2]),
        (ActionKind::Note, "first", Phase::Completed, Some(true))
    );
    assert_eq!(events.len(), 4);
}

#[test]
fn work_with_other_agents_does_not_break_the_stream() {
    let call = |event: &str, states: &Value, status: &str| {
        json!({"type": event, "item": {
            "id": "item_0", "type": "collab_tool_call", "tool": "spawn_agent",
            "sender_thread_id": "main", "receiver_thread_ids": ["worker"],
            "prompt": "check tests", "agents_states": states, "status": status}})
    };
    let events = run(
        &[
            thread_started(),
            turn_started(),
            call("item.started", &json!({}), "in_progress"),
            call(
                "item.completed",
                &json!({"worker": {"status": "completed", "message": "ok"}}),
                "completed",
            ),
            message("item_1", "ok"),
            turn_completed(),
        ],
        0,
    );
    assert_eq!(
        gist(&events[2]),
        (ActionKind::Subagent, "spawn_agent", Phase::Started, None)
    );
    assert_eq!(
        gist(&events[3]),
        (
            ActionKind::Subagent,
            "spawn_agent",
            Phase::Completed,
            Some(true)
        )
    );
    assert_eq!(completed(&events).answer.as_deref(), Some("ok"));
}

#[test]
fn unknown_items_do_not_break_the_stream() {
    let events = run(
        &[
            thread_started(),
            turn_started(),
            json!({"type": "item.completed", "item": {"id": "item_0", "type": "future_item", "foo": "bar"}}),
            json!({"type": "future.event", "foo": "bar"}),
            message("item_1", "ok"),
            turn_completed(),
        ],
        0,
    );
    assert_eq!(
        action(&events[2]).kind,
        ActionKind::Unrecognized("future_item".to_owned())
    );
    assert!(matches!(&events[3], ExecEvent::Unrecognized(event) if event.fields["foo"] == "bar"));
    assert!(completed(&events).ok);
    assert_eq!(completed(&events).answer.as_deref(), Some("ok"));
}

#[test]
fn failed_process_is_reported_by_its_exit_code() {
    const REASON: &str =
        "Not inside a trusted directory and --skip-git-repo-check was not specified.";
    for mode in MODES {
        let fake = Fake::new(&format!("echo '{REASON}' >&2\nexit 1"));
        let events = mode.collect(&fake.runner(), None, "hi");
        let completed = completed(&events);
        assert!(!completed.ok);
        assert_eq!(error_text(completed), "codex exec failed (rc=1).");
        assert!(!format!("{events:?}").contains("trusted"), "{events:?}");
    }
}

#[test]
fn a_signal_is_a_negative_code() {
    for mode in MODES {
        let fake = Fake::new("kill -9 $$");
        let events = mode.collect(&fake.runner(), None, "hi");
        assert_eq!(error_text(completed(&events)), "codex exec failed (rc=-9).");
    }
}

#[test]
fn a_failed_process_keeps_what_is_known() {
    let events = run(&[thread_started(), message("item_0", "so far")], 3);
    let completed = completed(&events);
    assert_eq!(error_text(completed), "codex exec failed (rc=3).");
    assert_eq!(completed.answer.as_deref(), Some("so far"));
    assert_eq!(completed.resume, Some(token(THREAD)));
}

#[test]
fn success_without_a_session_is_an_error() {
    let events = run(&[message("item_0", "ok")], 0);
    let completed = completed(&events);
    assert!(matches!(
        completed.error.as_ref().map(RunError::failure),
        Some(Failure::NoSession)
    ));
    assert_eq!(
        error_text(completed),
        "codex exec finished but no session_id/thread_id was captured"
    );
}

#[test]
fn lines_after_the_end_of_the_turn_are_dropped() {
    let events = run(
        &[
            thread_started(),
            message("item_0", "ok"),
            turn_completed(),
            message("item_1", "late"),
            turn_completed(),
            error("late"),
        ],
        1,
    );
    assert_eq!(events.len(), 2);
    // The outcome of the turn was reported before the process failed.
    assert!(completed(&events).ok);
    assert_eq!(completed(&events).answer.as_deref(), Some("ok"));
}

#[test]
fn failed_turn_has_the_message_of_the_runtime() {
    let failed = json!({"type": "turn.failed", "error": {"message": "usage limit"}});
    let events = run(
        &[
            thread_started(),
            turn_started(),
            error("usage limit"),
            failed,
        ],
        1,
    );
    assert_eq!(action(&events[2]).kind, ActionKind::Warning);
    assert_eq!(error_text(completed(&events)), "usage limit");
}

#[test]
fn failed_start_is_reported_in_the_completed_event() {
    for mode in MODES {
        let fake = Fake::new("exit 0");
        let runner = fake.runner();
        std::fs::remove_file(fake.path("codex")).unwrap();
        let events = mode.collect(&runner, Some(&token(THREAD)), "hi");
        let outcome = completed(&events);
        assert!(matches!(
            outcome.error.as_ref().map(RunError::failure),
            Some(Failure::Start { .. })
        ));
        assert_eq!(outcome.resume, Some(token(THREAD)));
        assert!(runner.session_locks().is_empty());

        let fake = Fake::new("exit 0");
        let runner = fake.builder().cwd(fake.path("missing")).build().unwrap();
        let text = error_text(completed(&mode.collect(&runner, None, "hi")));
        assert!(text.contains("working folder"), "{text}");
    }
}

#[test]
fn missing_runtime_is_reported_at_once() {
    let missing = RuntimeSource::Binary("/nowhere/codex".into());
    let result = codex_exec::ExecRunner::builder().runtime(missing).build();
    let error = result.unwrap_err().to_string();
    assert!(error.contains("/nowhere/codex"), "{error}");
}
