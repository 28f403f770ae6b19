//! Retries and isolated homes of the real runtime.

use std::time::Duration;

use codex_exec::{IsolatedHome, Retry};
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use crate::modes::{MODES, Mode, block_on};

#[test]
fn an_overloaded_model_is_asked_again_by_a_new_process() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let overloaded = json!({ "error": { "code": "server_is_overloaded", "message": "busy" } });
        harness
            .responses()
            .enqueue(Reply::http_error(503, overloaded))
            .enqueue(Reply::new().cut())
            .enqueue(Reply::assistant("Here I am."));
        let moment = Duration::from_millis(1);
        let builder = harness.exec_runner();
        let builder = builder.retry(Retry::times(3).backoff(moment, moment));
        let runner = builder.build().unwrap();
        let done = match mode {
            Mode::Async => block_on(runner.run("hi").finish()),
            Mode::Blocking => runner.run_blocking("hi").finish(),
        };
        assert_eq!(done.unwrap().answer.as_deref(), Some("Here I am."));
        let requests = harness.responses().requests();
        assert_eq!(requests.len(), 3);
        // In a new session each, so that the model sees the prompt once.
        let prompts = requests[2].message_texts("user");
        assert_eq!(prompts.iter().filter(|text| **text == "hi").count(), 1);
    }
}

#[test]
fn sessions_of_an_isolated_home_are_removed_with_the_runner() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        harness
            .responses()
            .enqueue_all(["one", "two"].map(Reply::assistant));
        let homes = tempfile::tempdir().unwrap();
        let home = IsolatedHome::new().with_config();
        let home = home.copied_from(harness.codex_home()).inside(homes.path());
        let builder = harness.exec_runner().isolated_home(home);
        let runner = builder.build().unwrap();
        let (first, second) = match mode {
            Mode::Async => {
                let first = block_on(runner.run("a").finish()).unwrap();
                let session = first.resume.clone().unwrap();
                (first, block_on(runner.resume(&session, "b").finish()))
            }
            Mode::Blocking => {
                let first = runner.run_blocking("a").finish().unwrap();
                let session = first.resume.clone().unwrap();
                (first, runner.resume_blocking(&session, "b").finish())
            }
        };
        assert_eq!(first.answer.as_deref(), Some("one"));
        assert_eq!(second.unwrap().answer.as_deref(), Some("two"));
        assert!(!harness.codex_home().join("sessions").exists());
        let count = || std::fs::read_dir(homes.path()).unwrap().count();
        assert_eq!(count(), 1);
        drop(runner);
        crate::wait::until("the home is removed", || count() == 0);
    }
}
