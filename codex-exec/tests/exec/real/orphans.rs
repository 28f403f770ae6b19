//! Processes started by `codex exec`, after its end.

use codex_exec::Sandbox;
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use crate::modes::{MODES, Mode, begin_async, begin_blocking, block_on, started};
use crate::process_tree::ProcessTree;

/// Command lines of a model, with their number of sleepers.
const COMMANDS: [(&str, usize); 3] = [
    ("sleep 1007 | cat", 1),
    ("sh -c 'sleep 1005; : x'; echo", 1),
    (
        "setsid sleep 1003 & setsid sh -c 'sleep 1004; : x' & wait",
        2,
    ),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Drop,
    Cancel,
    Kill,
}

fn kill_runtime(tree: &ProcessTree) {
    let processes = tree.processes();
    let (pid, _) = processes
        .iter()
        .find(|(_, line)| line.contains("exec --json"))
        .expect("the runtime runs");
    let pid = rustix::process::Pid::from_raw(*pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn no_command_is_left_behind() {
    for mode in MODES {
        for how in [End::Drop, End::Cancel, End::Kill] {
            for (command, sleepers) in COMMANDS {
                let harness = AppServerHarness::start().unwrap();
                let call = json!({"cmd": command, "yield_time_ms": 60_000});
                let reply = Reply::new().function_call("call", "exec_command", call);
                harness.responses().enqueue(reply);
                let tree = ProcessTree::in_folder(&harness.workspace());
                let sandbox = Sandbox::DangerFullAccess;
                let runner = harness.exec_runner().sandbox(sandbox).build().unwrap();
                match mode {
                    Mode::Async => {
                        let mut stream = begin_async(&runner, None, "go");
                        started(&block_on(stream.next()).unwrap());
                        tree.wait_for_sleepers(sleepers);
                        match how {
                            End::Drop => drop(stream),
                            End::Cancel => block_on(stream.cancel()),
                            End::Kill => {
                                kill_runtime(&tree);
                                block_on(stream.finish()).unwrap_err();
                            }
                        }
                    }
                    Mode::Blocking => {
                        let mut events = begin_blocking(&runner, None, "go");
                        started(&events.next().unwrap());
                        tree.wait_for_sleepers(sleepers);
                        match how {
                            End::Drop => drop(events),
                            End::Cancel => events.cancel(),
                            End::Kill => {
                                kill_runtime(&tree);
                                events.finish().unwrap_err();
                            }
                        }
                    }
                }
                tree.assert_empty_soon(&format!("{how:?}: {command}"));
            }
        }
    }
}
