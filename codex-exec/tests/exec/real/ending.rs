//! Ending a run in the middle of its turn. Finds the processes in /proc.

use std::path::Path;
use std::time::Duration;

use codex_exec::Sandbox;
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::json;

use super::runner;
use crate::fake::is_alive;
use crate::modes::{MODES, Mode, begin_async, begin_blocking, block_on, completed, started};
use crate::wait::{self, LIMIT};

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
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let gate = Gate::new();
        harness
            .responses()
            .enqueue(Reply::streaming(["Hel"]).gate(&gate).delta("lo"))
            .enqueue(Reply::assistant("Here again."));
        let runner = runner(&harness);
        let (session, group) = match mode {
            Mode::Async => block_on(async {
                let mut stream = begin_async(&runner, None, "hi");
                let session = started(&stream.next().await.unwrap()).resume.clone();
                gate.wait_reached_async(LIMIT).await.unwrap();
                let group = leader(&harness);
                assert!(is_alive(&group));
                stream.cancel().await;
                (session, group)
            }),
            Mode::Blocking => {
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
        let events = mode.collect(&runner, Some(&session), "still there?");
        assert_eq!(completed(&events).answer.as_deref(), Some("Here again."));
    }
}

#[test]
fn a_dropped_turn_takes_its_commands_along() {
    for mode in MODES {
        let harness = AppServerHarness::start().unwrap();
        let command = "echo $$ > running; exec sleep 1000";
        let call = json!({"cmd": command, "yield_time_ms": 60_000});
        harness
            .responses()
            .enqueue(Reply::new().function_call("call-1", "exec_command", call));
        let runner = harness
            .exec_runner()
            .sandbox(Sandbox::DangerFullAccess)
            .stop_grace(Duration::from_secs(10))
            .build()
            .unwrap();
        let file = harness.workspace().join("running");
        let is_running = || std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n'));
        let mut blocking = None;
        let mut stream = None;
        match mode {
            Mode::Async => {
                let stream = stream.insert(begin_async(&runner, None, "sleep"));
                block_on(async {
                    while !is_running() {
                        let _event = stream.next().await.unwrap();
                    }
                });
            }
            Mode::Blocking => {
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
