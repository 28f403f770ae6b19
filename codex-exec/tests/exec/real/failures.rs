//! Every kind of failure that can be provoked in the real runtime.

use codex_exec::{ExecRunnerBuilder, Prompt, ResumeToken, RunError, RunErrorKind};
use codex_testing::{AppServerHarness, Gate, Reply};

use crate::modes::{MODES, Mode, block_on};

fn fails(
    mode: Mode,
    options: impl FnOnce(ExecRunnerBuilder) -> ExecRunnerBuilder,
    resume: Option<&str>,
    prompt: impl Into<Prompt>,
) -> RunError {
    let harness = AppServerHarness::start().unwrap();
    let runner = options(harness.exec_runner()).build().unwrap();
    let session = resume.map(|id| ResumeToken::new(id).unwrap());
    let result = match (mode, session) {
        (Mode::Async, Some(session)) => block_on(runner.resume(&session, prompt).finish()),
        (Mode::Async, None) => block_on(runner.run(prompt).finish()),
        (Mode::Blocking, Some(session)) => runner.resume_blocking(&session, prompt).finish(),
        (Mode::Blocking, None) => runner.run_blocking(prompt).finish(),
    };
    let error = result.unwrap_err();
    assert!(!error.stderr_tail().contains('\u{1b}'));
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
    error
}

#[test]
fn failures_have_distinct_kinds() {
    for mode in MODES {
        let plain = |builder: ExecRunnerBuilder| builder;
        let invalid = |builder: ExecRunnerBuilder| builder.config("sandbox_mode", "bogus");
        let error = fails(mode, invalid, None, "hi");
        assert_eq!(error.kind(), RunErrorKind::Configuration);
        assert_eq!(error.to_string(), "codex exec failed (rc=1).");
        assert!(error.stderr_tail().contains("sandbox_mode"), "{error:?}");

        let unknown = |builder: ExecRunnerBuilder| builder.exec_arg("--no-such-option");
        let error = fails(mode, unknown, None, "hi");
        assert_eq!(error.kind(), RunErrorKind::Arguments);
        assert_eq!(error.to_string(), "codex exec failed (rc=2).");

        let checked = |builder: ExecRunnerBuilder| builder.git_repo_check(true);
        let error = fails(mode, checked, None, "hi");
        assert_eq!(error.kind(), RunErrorKind::NotTrustedFolder);

        let gone = "019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc";
        let error = fails(mode, plain, Some(gone), "hi");
        assert_eq!(error.kind(), RunErrorKind::NoSuchSession);

        let error = fails(mode, plain, None, "");
        assert_eq!(error.kind(), RunErrorKind::EmptyPrompt);

        let error = fails(mode, plain, None, "x".repeat(2 << 20));
        assert_eq!(error.kind(), RunErrorKind::InputTooLarge);

        let nowhere = |builder: ExecRunnerBuilder| builder.cwd("/nowhere/at/all");
        let error = fails(mode, nowhere, None, "hi");
        assert_eq!(error.kind(), RunErrorKind::NotStarted);
        assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    }
}

#[test]
fn missing_named_or_last_session_is_an_error() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let gate = Gate::new();
        // Such a run is ended, even if it has not reached the model.
        harness.responses().respond_with({
            let gate = gate.clone();
            move |_| Some(Reply::assistant("Too late.").held_by(&gate))
        });
        let runner = harness.exec_runner().build().unwrap();
        // Names that are options of the runtime, too.
        for name in [
            "no-such-name",
            "--last",
            "--dangerously-bypass-approvals-and-sandbox",
        ] {
            let named = match mode {
                Mode::Async => block_on(runner.resume_named(name, "hi").finish()),
                Mode::Blocking => runner.resume_named_blocking(name, "hi").finish(),
            };
            let error = named.unwrap_err();
            assert_eq!(error.kind(), RunErrorKind::NoSuchSession, "{name}: {error}");
            assert!(error.to_string().contains(name), "{error}");
            assert!(runner.session_locks().is_empty());
        }
        gate.release();
    }
    let harness = AppServerHarness::start().unwrap();
    let runner = harness.exec_runner().build().unwrap();
    let error = runner.resume_last_blocking("hi").finish().unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::NoSuchSession);
}
