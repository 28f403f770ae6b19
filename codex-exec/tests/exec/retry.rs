//! Runs that are started again: on the kinds of failure that were chosen, without an effect before.

use std::time::{Duration, Instant};

use codex_exec::{
    ActionKind, Completed, Detail, ExecEvent, ExecRunner, Failure, Level, ResumeToken, Retry,
    RunError, RunErrorKind,
};
use serde_json::json;

use crate::fake::{Fake, THREAD, thread_started, turn_completed};
use crate::modes::{MODES, Mode, block_on};

/// The events of a run up to its end.
fn events(mode: Mode, runner: &ExecRunner) -> Vec<ExecEvent> {
    match mode {
        Mode::Async => block_on(async {
            let mut run = runner.run("hi");
            let mut events = Vec::new();
            while let Some(event) = run.next().await {
                events.push(event);
            }
            events
        }),
        Mode::Blocking => runner.run_blocking("hi").collect(),
    }
}

fn end(events: &[ExecEvent]) -> &Completed {
    let completed = |event: &&ExecEvent| matches!(event, ExecEvent::Completed(_));
    assert_eq!(events.iter().filter(completed).count(), 1);
    match events.last() {
        Some(ExecEvent::Completed(completed)) => completed,
        other => panic!("{other:?}"),
    }
}

fn quick(times: usize) -> Retry {
    Retry::times(times).backoff(Duration::from_millis(1), Duration::from_millis(1))
}

/// A process that fails with a message until its third start, and counts its starts.
fn recovering(message: &str, before: &str) -> Fake {
    let failed = json!({ "type": "turn.failed", "error": { "message": message } });
    Fake::new(&format!(
        "echo start >> $here/starts\ncat >> $here/prompts\necho '{}'\n{before}\n\
         if [ $(wc -l < $here/starts) -lt 3 ]; then echo '{failed}'; exit 1; fi\necho '{}'",
        thread_started(),
        turn_completed(),
    ))
}

fn starts(fake: &Fake) -> usize {
    fake.read("starts").lines().count()
}

#[test]
fn an_overload_is_retried_and_reported() {
    for mode in MODES {
        let fake = recovering("the servers are overloaded", "");
        let runner = fake.builder().retry(quick(4)).build().unwrap();
        let events = events(mode, &runner);
        assert!(end(&events).ok, "{events:?}");
        assert_eq!(starts(&fake), 3);
        assert_eq!(fake.read("prompts").matches("hi").count(), 3);
        let mut attempts = Vec::new();
        for event in &events {
            let ExecEvent::Action(action) = event else {
                continue;
            };
            if let Detail::Retry(retried) = &action.detail {
                assert_eq!(
                    (action.kind.clone(), action.level),
                    (ActionKind::Warning, Level::Warning)
                );
                assert!(action.title.contains("overloaded"), "{}", action.title);
                assert_eq!((retried.kind, retried.max), (RunErrorKind::Overloaded, 4));
                attempts.push(retried.attempt);
            }
        }
        assert_eq!(attempts, [1, 2]);
        let json = serde_json::to_string(&events).unwrap();
        assert!(
            json.contains(r#""retry":{"attempt":1,"max":4,"kind":"overloaded""#),
            "{json}"
        );
        assert!(runner.session_locks().is_empty());
    }
}

fn is_pause(event: &ExecEvent) -> bool {
    match event {
        ExecEvent::Action(action) => matches!(action.detail, Detail::Retry(_)),
        _ => false,
    }
}

#[test]
fn the_next_attempt_is_after_the_pause() {
    let pause = Duration::from_millis(400);
    for mode in MODES {
        let fake = recovering("overloaded", "");
        let builder = fake.builder().retry(Retry::times(1).backoff(pause, pause));
        let runner = builder.build().unwrap();
        let waited = match mode {
            Mode::Async => block_on(async {
                let mut run = runner.run("hi");
                while !is_pause(&run.next().await.unwrap()) {}
                let begin = Instant::now();
                run.next().await.unwrap();
                begin.elapsed()
            }),
            Mode::Blocking => {
                let mut run = runner.run_blocking("hi");
                while !is_pause(&run.next().unwrap()) {}
                let begin = Instant::now();
                run.next().unwrap();
                begin.elapsed()
            }
        };
        // Jitter takes up to a half of it; a part has passed when the event is read.
        assert!(waited >= pause / 4, "{waited:?}");
    }
}

fn error(events: &[ExecEvent]) -> &RunError {
    end(events).error.as_ref().unwrap()
}

#[test]
fn retries_are_limited_and_off_by_default() {
    for mode in MODES {
        for (retry, expected) in [(None, 1), (Some(quick(0)), 1), (Some(quick(1)), 2)] {
            let fake = recovering("stream disconnected before completion", "");
            let builder = match retry {
                Some(retry) => fake.builder().retry(retry),
                None => fake.builder(),
            };
            let events = events(mode, &builder.build().unwrap());
            assert_eq!(error(&events).kind(), RunErrorKind::Network);
            assert_eq!(starts(&fake), expected);
        }
    }
}

#[test]
fn only_chosen_kinds_are_retried() {
    for mode in MODES {
        let fake = recovering("401 Unauthorized", "");
        let runner = fake.builder().retry(quick(5)).build().unwrap();
        let failed = events(mode, &runner);
        assert_eq!(error(&failed).kind(), RunErrorKind::NotLoggedIn);
        assert_eq!(starts(&fake), 1);

        let chosen = quick(5).on([RunErrorKind::NotLoggedIn, RunErrorKind::Killed]);
        let fake = recovering("401 Unauthorized", "");
        let runner = fake.builder().retry(chosen.clone()).build().unwrap();
        assert!(end(&events(mode, &runner)).ok);

        let fake = recovering("x", "[ $(wc -l < $here/starts) -ge 3 ] || kill -9 $$");
        let runner = fake.builder().retry(chosen).build().unwrap();
        assert!(end(&events(mode, &runner)).ok);
        assert_eq!(starts(&fake), 3);
    }
}

#[test]
fn a_run_with_an_effect_is_not_repeated() {
    for item in [
        json!({ "id": "i", "type": "command_execution", "command": "ls", "aggregated_output": "", "status": "in_progress" }),
        json!({ "id": "i", "type": "file_change", "changes": [], "status": "completed" }),
        json!({ "id": "i", "type": "mcp_tool_call", "server": "s", "tool": "t", "status": "in_progress" }),
        json!({ "id": "i", "type": "something_new" }),
    ] {
        let started = json!({ "type": "item.started", "item": item });
        let fake = recovering("overloaded", &format!("echo '{started}'"));
        let runner = fake.builder().retry(quick(5)).build().unwrap();
        let events = events(Mode::Blocking, &runner);
        assert_eq!(error(&events).kind(), RunErrorKind::Overloaded);
        assert_eq!(starts(&fake), 1, "{item}");
    }
    // Notes and reconnections are no effects.
    let note = json!({ "id": "i", "type": "reasoning", "text": "Hm." });
    let note = json!({ "type": "item.completed", "item": note });
    let again = json!({ "type": "error", "message": "Reconnecting... 1/5" });
    let fake = recovering("overloaded", &format!("echo '{note}'\necho '{again}'"));
    let runner = fake.builder().retry(quick(5)).build().unwrap();
    assert!(end(&events(Mode::Blocking, &runner)).ok);
    assert_eq!(starts(&fake), 3);
}

#[test]
fn a_resumed_session_is_resumed_again() {
    for mode in MODES {
        let fake = recovering("overloaded", "echo \"$@\" >> $here/arguments");
        let runner = fake.builder().retry(quick(5)).build().unwrap();
        let session = ResumeToken::new(THREAD).unwrap();
        let done = match mode {
            Mode::Async => block_on(runner.resume(&session, "hi").finish()),
            Mode::Blocking => runner.resume_blocking(&session, "hi").finish(),
        };
        assert_eq!(done.unwrap().resume, Some(session));
        let arguments = fake.read("arguments");
        assert_eq!(arguments.matches(&format!("resume {THREAD}")).count(), 3);
        assert!(runner.session_locks().is_empty());
    }
}

#[test]
fn the_deadline_is_that_of_all_attempts() {
    let hour = Duration::from_secs(3600);
    let patient = Retry::times(5).backoff(hour, hour);
    for mode in MODES {
        let fake = recovering("overloaded", "");
        let builder = fake.builder().retry(patient.clone());
        let runner = builder.deadline(Duration::from_secs(60)).build().unwrap();
        let events = events(mode, &runner);
        // There is no time for another one: the reason of the last is the more useful one.
        assert!(matches!(error(&events).failure(), Failure::Turn { .. }));
        assert_eq!(starts(&fake), 1);
    }
}

#[test]
fn cancelling_or_dropping_ends_a_pause() {
    let hour = Duration::from_secs(3600);
    let patient = Retry::times(5).backoff(hour, hour);
    for drops in [false, true] {
        let fake = recovering("overloaded", "");
        let runner = fake.builder().retry(patient.clone()).build().unwrap();
        block_on(async {
            let mut run = runner.run("hi");
            while !is_pause(&run.next().await.unwrap()) {}
            if drops {
                drop(run);
            } else {
                run.cancel().await;
            }
        });
        let mut run = runner.run_blocking("hi");
        while !is_pause(&run.next().unwrap()) {}
        if drops {
            drop(run);
        } else {
            run.cancel();
        }
        assert_eq!(starts(&fake), 2);
        assert!(runner.session_locks().is_empty());
    }
    #[cfg(target_os = "linux")]
    crate::wait::until("no thread pauses any more", || pausing() == 0);
}

/// The number of threads of this process that pause; the system cuts off their name.
#[cfg(target_os = "linux")]
fn pausing() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| {
        let file = task.ok()?.path().join("comm");
        std::fs::read_to_string(file).ok()
    });
    names
        .filter(|name| name.starts_with("codex-exec-paus"))
        .count()
}
