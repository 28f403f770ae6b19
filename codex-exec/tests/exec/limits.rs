//! Deadlines and idle limits.

use std::time::Duration;

use codex_exec::{ExecRunner, Failure, RunError, RunErrorKind};

use crate::fake::{Fake, thread_started, turn_completed, wait_until_gone};
use crate::modes::{MODES, Mode, block_on};

const SHORT: Duration = Duration::from_millis(200);

fn error_of(mode: Mode, runner: &ExecRunner) -> RunError {
    match mode {
        Mode::Async => block_on(runner.run("hi").finish()).unwrap_err(),
        Mode::Blocking => runner.run_blocking("hi").finish().unwrap_err(),
    }
}

#[test]
fn a_run_ends_with_its_deadline() {
    for mode in MODES {
        // It is never silent.
        let fake = Fake::new(
            "echo $$ > $here/leader; while :; do echo '{\"type\":\"future.event\"}'; sleep 0.01; done",
        );
        let runner = fake.builder().deadline(SHORT).build().unwrap();
        let error = error_of(mode, &runner);
        assert!(matches!(error.failure(), Failure::Deadline { after } if *after == SHORT));
        assert_eq!(error.kind(), RunErrorKind::TimedOut);
        wait_until_gone(&fake.read("leader"));
    }
}

#[test]
fn a_silent_run_ends_with_its_idle_limit() {
    for mode in MODES {
        let fake = Fake::new(&format!(
            "echo '{}'; echo $$ > $here/leader; sleep 1000",
            thread_started()
        ));
        let runner = fake.builder().idle_limit(SHORT).build().unwrap();
        let error = error_of(mode, &runner);
        assert!(matches!(error.failure(), Failure::Idle { after } if *after == SHORT));
        assert!(error.resume().is_some());
        wait_until_gone(&fake.read("leader"));
    }
}

#[test]
fn limits_of_any_length_let_a_run_finish() {
    let fake = Fake::printing(&[thread_started(), turn_completed()], 0);
    let builder = fake.builder().deadline(Duration::MAX);
    let runner = builder.idle_limit(Duration::MAX).stop_grace(Duration::MAX);
    let runner = runner.build().unwrap();
    assert!(runner.run_blocking("hi").finish().unwrap().ok);
}
