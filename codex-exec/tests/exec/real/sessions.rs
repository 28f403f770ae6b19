//! Sessions that continue, and runs that fail.

use codex_exec::{Action, ActionKind, Detail, Failure, Phase, ResumeToken, RunError};
use codex_testing::{AppServerHarness, Gate, Reply};

use super::{actions, assert_all_known, runner};
use crate::modes::{MODES, completed, error_text};

#[test]
fn failed_turn_has_its_reason() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        harness
            .responses()
            .enqueue(Reply::failed("invalid_prompt", "boom from the mock"));
        let events = mode.collect(&runner(&harness), None, "fail");
        assert_all_known(&events);
        let outcome = completed(&events);
        assert!(!outcome.ok);
        assert!(matches!(
            outcome.error.as_ref().map(RunError::failure),
            Some(Failure::Turn { .. })
        ));
        let text = error_text(outcome);
        assert!(text.contains("boom from the mock"), "{text}");
        assert!(outcome.resume.is_some());
    }
}

#[test]
fn resumed_session_continues() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        harness
            .responses()
            .enqueue(Reply::assistant("First answer."))
            .enqueue(Reply::assistant("Second answer."));
        let runner = runner(&harness);
        let first = mode.collect(&runner, None, "first question");
        let line = completed(&first).resume.as_ref().unwrap().to_string();
        let session = ResumeToken::find(&format!("First answer.\n\n`{line}`")).unwrap();
        let second = mode.collect(&runner, Some(&session), "second question");
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
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let gate = Gate::new();
        // A run on the wrong session is ended, even if it has not reached the model.
        harness.responses().respond_with({
            let gate = gate.clone();
            move |_| Some(Reply::assistant("Too late.").held_by(&gate))
        });
        let runner = runner(&harness);
        let unknown = ResumeToken::new("019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc").unwrap();
        let events = mode.collect(&runner, Some(&unknown), "hi");
        assert_eq!(error_text(completed(&events)), "codex exec failed (rc=1).");

        let name = ResumeToken::new("no-such-name").unwrap();
        let events = mode.collect(&runner, Some(&name), "hi");
        let outcome = completed(&events);
        assert!(
            matches!(outcome.error.as_ref().map(RunError::failure), Some(Failure::ResumeMismatch { expected, .. }) if expected == "no-such-name"),
            "{events:#?}"
        );
        gate.release();
    }
}

#[test]
fn a_lost_connection_is_a_note() {
    for mode in MODES {
        let harness = AppServerHarness::builder()
            .stream_max_retries(2)
            .start()
            .unwrap();
        harness
            .responses()
            .enqueue(Reply::streaming(["Hal"]).cut())
            .enqueue(Reply::assistant("Hello."));
        let events = mode.collect(&runner(&harness), None, "hi");
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
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let runner = harness
            .exec_runner()
            .args(["-c", "sandbox_mode=no-such-mode"])
            .build()
            .unwrap();
        let events = mode.collect(&runner, None, "hi");
        let outcome = completed(&events);
        assert_eq!(error_text(outcome), "codex exec failed (rc=1).");
        assert!(outcome.resume.is_none());
    }
}
