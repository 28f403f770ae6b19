//! Starting: its duration, and the errors without a runtime.

use std::process::Command;
use std::time::{Duration, Instant};

use codex_runtime::RuntimeSource;
use codex_testing::{AppServerHarness, HarnessError, Reply};

use crate::wire::Wire;

/// From nothing to the end of a first turn, on an idle machine.
const FIRST_TURN: Duration = Duration::from_secs(1);
/// Other tests run beside this one: of so many attempts one is as on an idle machine.
const ATTEMPTS: usize = 20;

#[test]
fn a_first_turn_runs_within_a_second() {
    let mut times = Vec::new();
    while times.iter().all(|time| *time >= FIRST_TURN) {
        assert!(times.len() < ATTEMPTS, "never within a second: {times:?}");
        times.push(first_turn());
    }
}

/// The time from the start of the harness to `turn/completed`.
fn first_turn() -> Duration {
    let start = Instant::now();
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue(Reply::assistant("Hello back."));
    let turn = Wire::start(harness.app_server_command()).first_turn("hello");
    let elapsed = start.elapsed();
    assert_eq!(turn["status"], "completed", "{turn}");
    elapsed
}

#[test]
fn missing_runtime_is_one_sentence() {
    let missing = RuntimeSource::Binary("/no/such/codex".into());
    let error = AppServerHarness::builder()
        .runtime(missing)
        .start()
        .unwrap_err();
    assert!(matches!(error, HarnessError::Runtime(_)));
    let shown = format!("{error:?}");
    assert!(
        shown.starts_with("there is no codex binary at /no/such/codex"),
        "{shown}"
    );
    assert!(!shown.contains('{'), "{shown}");
}

/// Set in the copy of a test that runs without npm.
const WITHOUT_NPM: &str = "CODEX_KIT_WITHOUT_NPM";

#[test]
fn missing_npm_error_has_a_remedy() {
    if std::env::var_os(WITHOUT_NPM).is_some() {
        AppServerHarness::start().unwrap();
        return;
    }
    let nothing = tempfile::tempdir().unwrap();
    let name = "start::missing_npm_error_has_a_remedy";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(WITHOUT_NPM, "1")
        .env("PATH", nothing.path())
        .env("CODEX_RUNTIME_DIR", nothing.path().join("runtimes"))
        .env("RUST_BACKTRACE", "0")
        .env_remove("CODEX_BIN")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let sentence = "cannot find `npm`, which fetches the codex runtime; install Node.js with npm, \
                    or name a codex binary with CODEX_BIN";
    let line = said.lines().find(|line| line.contains(sentence));
    assert!(
        line.is_some_and(|line| line.ends_with(sentence)),
        "nothing but a sentence: {said}"
    );
}
