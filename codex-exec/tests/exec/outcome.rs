//! The outcome of runs, and the details of failures.

use codex_exec::{Completed, Failure, RunError, RunErrorKind};

use crate::fake::{Fake, message, thread_started, turn_completed, turn_started};
use crate::modes::{MODES, Mode, block_on};

fn finish(mode: Mode, fake: &Fake) -> Result<Completed, RunError> {
    match mode {
        Mode::Async => block_on(fake.runner().run("hi").finish()),
        Mode::Blocking => fake.runner().run_blocking("hi").finish(),
    }
}

#[test]
fn success_needs_a_completed_turn() {
    let lines = [
        thread_started(),
        turn_started(),
        message("item_0", "half of it"),
    ];
    for mode in MODES {
        for count in 1..=lines.len() {
            let error = finish(mode, &Fake::printing(&lines[..count], 0)).unwrap_err();
            assert_eq!(error.kind(), RunErrorKind::Incomplete);
            assert!(matches!(error.failure(), Failure::Incomplete));
            assert!(error.resume().is_some());
            let answer = (count == lines.len()).then_some("half of it");
            assert_eq!(error.answer(), answer);
        }
        let complete = [&lines[..], &[turn_completed()]].concat();
        let done = finish(mode, &Fake::printing(&complete, 0)).unwrap();
        assert!(done.ok && done.error.is_none());
        assert_eq!(done.answer.as_deref(), Some("half of it"));
    }
}

#[test]
fn a_truncated_last_line_is_no_success() {
    for mode in MODES {
        let fake = Fake::new(&format!(
            "echo '{}'; printf '%s' '{{\"type\":\"turn.comp'; exit 0",
            thread_started()
        ));
        let error = finish(mode, &fake).unwrap_err();
        assert_eq!(error.kind(), RunErrorKind::Incomplete);
    }
}

#[test]
fn a_wrapper_does_not_hide_that_its_process_was_killed() {
    for mode in MODES {
        let fake = Fake::new(&format!(
            "(echo '{}'; echo 'last words' >&2; sh -c 'kill -9 $$'; exit 137) | tee $here/log",
            thread_started()
        ));
        let error = finish(mode, &fake).unwrap_err();
        assert_eq!(error.kind(), RunErrorKind::Incomplete);
        assert!(error.stderr_tail().contains("last words"), "{error:?}");
    }
}

#[test]
fn the_reason_is_in_reach_and_not_in_the_text() {
    let reasons = [
        ("Error loading config.toml: oh", RunErrorKind::Configuration),
        (
            "error: unexpected argument '--x' found",
            RunErrorKind::Arguments,
        ),
        ("something new", RunErrorKind::Other),
    ];
    for mode in MODES {
        for (reason, kind) in reasons {
            let fake = Fake::new(&format!(
                "printf '\\033[31m%s\\033[0m\\n' \"{reason}\" >&2; exit 1"
            ));
            let error = finish(mode, &fake).unwrap_err();
            assert_eq!(error.to_string(), "codex exec failed (rc=1).");
            assert_eq!(error.kind(), kind);
            assert_eq!(error.stderr_tail(), reason);
            assert!(!format!("{error:?}").contains(reason), "{error:?}");
        }
        for (script, kind) in [
            ("kill -9 $$", RunErrorKind::Killed),
            ("exit 137", RunErrorKind::Killed),
            ("exit 3", RunErrorKind::Other),
        ] {
            assert_eq!(finish(mode, &Fake::new(script)).unwrap_err().kind(), kind);
        }
    }
}

#[test]
fn the_result_is_there_also_after_the_last_event() {
    let fake = Fake::printing(&[thread_started(), turn_completed()], 0);
    let mut events = fake.runner().run_blocking("hi");
    assert_eq!(events.by_ref().count(), 2);
    assert!(events.finish().unwrap().ok);
    let fake = Fake::new("echo oh >&2; exit 1");
    let mut stream = fake.runner().run("hi");
    let error = block_on(async {
        while stream.next().await.is_some() {}
        stream.finish().await.unwrap_err()
    });
    assert_eq!(error.stderr_tail(), "oh");
}

#[test]
fn a_failed_completion_has_its_stderr_too() {
    let events = Mode::Async.collect(&Fake::new("echo oh >&2; exit 1").runner(), None, "hi");
    let completed = crate::modes::completed(&events);
    assert_eq!(completed.stderr_tail(), "oh");
    assert!(!format!("{completed:?}").contains("oh\""), "{completed:?}");
}
