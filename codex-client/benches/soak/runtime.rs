//! Work with the real runtime, whose model follows the prompt.

use std::time::Duration;

use codex_client::Error;
use codex_testing::{AppServerHarness, Reply};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::api::{Api, Then};
use crate::random::Random;
use crate::run::Worker;

/// A runtime with its folders and its model, for some connections.
pub(crate) fn one_harness<A: Api>(random: &mut Random, worker: &Worker) {
    worker.begins("start a harness");
    let harness = AppServerHarness::start().unwrap();
    harness.responses().respond_with(|request| {
        if request.tool_output("call").is_some() {
            return Some(Reply::assistant("The command is done."));
        }
        Some(match request.last_user_text()? {
            "command" => {
                let arguments = json!({
                    "cmd": "echo fresh air; sleep 0.1 | cat",
                    "sandbox_permissions": "require_escalated",
                    "justification": "it is stuffy in here",
                });
                Reply::new().function_call("call", "exec_command", arguments)
            }
            "fail" => Reply::http_error(400, json!({"error": {"message": "no"}})),
            "slow" => {
                let words = (0..600).map(|number| format!("word {number} "));
                Reply::streaming(words).pace(Duration::from_millis(50))
            }
            _ => Reply::streaming((0..40).map(|number| format!("word {number} "))),
        })
    });
    for _ in 0..=random.below(3) {
        one_connection::<A>(&harness, random, worker);
    }
    worker.begins("end a harness");
}

fn one_connection<A: Api>(harness: &AppServerHarness, random: &mut Random, worker: &Worker) {
    worker.begins("start the runtime");
    let api = A::spawn(harness.launch(), random.below(2) == 0).unwrap();
    for _ in 0..=random.below(3) {
        worker.begins("start a thread");
        let thread = api.new_thread().unwrap();
        worker.begins("work of the runtime");
        let result = match random.below(6) {
            0 => {
                worker.begins("interrupt the runtime");
                A::read(&thread, "slow", 1 + random.below(6), Then::Interrupt)
            }
            1 => {
                worker.begins("drop a turn of the runtime");
                A::read(&thread, "slow", random.below(6), Then::Drop)
            }
            2 => {
                let failed = A::run(&thread, "fail");
                assert!(matches!(failed, Err(Error::TurnFailed(_))), "{failed:?}");
                Ok(())
            }
            3 => A::run(&thread, "command"),
            _ => A::run(&thread, "answer"),
        };
        result.unwrap();
    }
    match random.below(3) {
        0 => {
            worker.begins("kill the runtime");
            kill(api.process_id().unwrap());
        }
        1 => {
            worker.begins("close the runtime");
            api.close();
        }
        _ => worker.begins("drop the runtime"),
    }
}

fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}
