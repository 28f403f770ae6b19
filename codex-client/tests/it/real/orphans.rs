//! Processes of the runtime, after its end: commands and tool servers, which have process groups
//! and sessions of their own, and their descendants.

use std::env;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use codex_client::blocking::Codex;
use codex_client::transport::Server;
use codex_client::{ApprovalMode, Launch, Sandbox};
use codex_testing::{AppServerHarness, Reply};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{start, thread_id};
use crate::mode::{Mode, Setup, both_modes};
use crate::process_tree::ProcessTree;

both_modes! {
    dropping_leaves_no_command_behind;
    closing_leaves_no_command_behind;
    a_killed_runtime_leaves_no_command_behind;
    no_tool_server_is_left_behind;
}

/// Command lines of a model, with their number of sleepers.
const COMMANDS: [(&str, usize); 4] = [
    ("sleep 1007 | cat", 1),
    ("sh -c 'sleep 1005; : x'; echo", 1),
    ("sleep 1001 & (sleep 1002; :) | cat & wait", 2),
    (
        "setsid sleep 1003 & setsid sh -c 'sleep 1004; : x' & wait",
        2,
    ),
];

/// A tool server that does not answer, with descendants.
const TOOL_SERVER: &str = r#"
[mcp_servers.silent]
command = "/bin/sh"
args = ["-c", "sleep 1011 & sh -c 'sleep 1012; : x' & cat > /dev/null"]
"#;

#[derive(Clone, Copy, Debug)]
enum End {
    Drop,
    Close,
    Kill,
}

fn end<M: Mode>(how: End, client: M) {
    match how {
        End::Drop => {}
        End::Close => drop(client.close()),
        End::Kill => {
            let pid = i32::try_from(client.process_id()).unwrap();
            kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
            client.closed();
        }
    }
    drop(client);
}

fn commands_end_with_the_runtime<M: Mode>(how: End) {
    for (command, sleepers) in COMMANDS {
        let harness = AppServerHarness::start().unwrap();
        let call = json!({"cmd": command, "yield_time_ms": 60_000});
        let reply = Reply::new().function_call("call", "exec_command", call);
        harness.responses().enqueue(reply);
        let tree = ProcessTree::in_folder(&harness.workspace());
        let client: M = start(&harness, &Setup::default());
        let params = json!({"sandbox": "danger-full-access", "approvalPolicy": "never"});
        let thread = thread_id(&client, &params);
        let turn = client.start_turn(&thread).unwrap();
        tree.wait_for_sleepers(sleepers);
        drop(turn);
        end(how, client);
        tree.assert_empty_soon(command);
    }
}

fn dropping_leaves_no_command_behind<M: Mode>() {
    commands_end_with_the_runtime::<M>(End::Drop);
}

fn closing_leaves_no_command_behind<M: Mode>() {
    commands_end_with_the_runtime::<M>(End::Close);
}

fn a_killed_runtime_leaves_no_command_behind<M: Mode>() {
    commands_end_with_the_runtime::<M>(End::Kill);
}

fn no_tool_server_is_left_behind<M: Mode>() {
    for how in [End::Drop, End::Close, End::Kill] {
        let harness = AppServerHarness::builder()
            .config(TOOL_SERVER)
            .start()
            .unwrap();
        let tree = ProcessTree::in_folder(&harness.workspace());
        let client: M = start(&harness, &Setup::default());
        thread_id(&client, &json!({}));
        tree.wait_for_sleepers(2);
        if let End::Kill = how {
            // Tool servers have an environment of their own: they are found by the record, which is
            // updated at least every second.
            tree.wait_for_age(Duration::from_secs(4));
        }
        end(how, client);
        tree.assert_empty_soon(&format!("{how:?}"));
    }
}

#[test]
fn dropping_the_async_runtime_leaves_no_command_behind() {
    for (command, sleepers) in COMMANDS {
        let harness = AppServerHarness::start().unwrap();
        let call = json!({"cmd": command, "yield_time_ms": 60_000});
        let reply = Reply::new().function_call("call", "exec_command", call);
        harness.responses().enqueue(reply);
        let tree = ProcessTree::in_folder(&harness.workspace());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let launch = harness.launch();
        runtime.spawn(async move {
            let builder = codex_client::Codex::builder().launch(launch);
            let codex = builder.build().await.unwrap();
            let thread = codex
                .thread_start()
                .sandbox(Sandbox::FullAccess)
                .approval_mode(ApprovalMode::DenyAll);
            let _ = thread.await.unwrap().run("go").await;
        });
        tree.wait_for_sleepers(sleepers);
        drop(runtime);
        tree.assert_empty_soon(command);
    }
}

/// Names the binary of the runtime to the program that is killed.
const RUNTIME: &str = "CODEX_TEST_KILLED_PROGRAM";

/// Another program with a client, which is this one again; killed when the test fails.
struct Program(Child);

impl Program {
    fn start(harness: &AppServerHarness, test: &str) -> Self {
        let runtime = harness.command();
        let program = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env_clear()
            .envs(harness.environment())
            .env(RUNTIME, runtime.get_program())
            .env("CODEX_TEST_FOLDER", harness.workspace())
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Self(program.unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// What the program does: it waits for a turn that does not end.
fn wait_for_a_turn(runtime: std::ffi::OsString) {
    let folder = env::var_os("CODEX_TEST_FOLDER").unwrap();
    let launch = Launch::new().binary(runtime).cwd(folder);
    let codex = Codex::builder().launch(launch).build().unwrap();
    let thread = codex
        .thread_start()
        .sandbox(Sandbox::FullAccess)
        .approval_mode(ApprovalMode::DenyAll)
        .call();
    panic!("{:?}", thread.unwrap().run("go").call());
}

#[test]
fn killed_program_leaves_nothing_behind() {
    if let Some(runtime) = env::var_os(RUNTIME) {
        return wait_for_a_turn(runtime);
    }
    // Sessions of their own are found by the program alone.
    let commands = COMMANDS.iter().filter(|(it, _)| !it.contains("setsid"));
    for (command, sleepers) in commands.copied() {
        let harness = AppServerHarness::start().unwrap();
        let call = json!({"cmd": command, "yield_time_ms": 60_000});
        let reply = Reply::new().function_call("call", "exec_command", call);
        harness.responses().enqueue(reply);
        let tree = ProcessTree::in_folder(&harness.workspace());
        let test = "real::orphans::killed_program_leaves_nothing_behind";
        let program = Program::start(&harness, test);
        tree.wait_for_sleepers(sleepers);
        drop(program);
        tree.assert_empty_soon(command);
    }
}

/// What the owner of a listening server does: its turn does not end either.
fn own_a_server(runtime: std::ffi::OsString) {
    let folder = std::path::PathBuf::from(env::var_os("CODEX_TEST_FOLDER").unwrap());
    let launch = Launch::new().binary(runtime).cwd(&folder);
    let server = match env::var_os("CODEX_TEST_SOCKET") {
        Some(socket) => Server::at_socket_blocking(&launch, socket),
        None => Server::on_loopback_blocking(&launch),
    };
    let server = server.unwrap();
    let codex = Codex::builder().transport(server.endpoint()).build();
    let thread = codex
        .unwrap()
        .thread_start()
        .cwd(folder)
        .sandbox(Sandbox::FullAccess)
        .approval_mode(ApprovalMode::DenyAll)
        .call();
    panic!("{:?}", thread.unwrap().run("go").call());
}

#[test]
fn listening_server_ends_with_its_killed_owner() {
    if let Some(runtime) = env::var_os(RUNTIME) {
        return own_a_server(runtime);
    }
    for at_a_socket in [false, true] {
        let mut builder = AppServerHarness::builder();
        let folder = tempfile::tempdir().unwrap();
        if at_a_socket {
            builder = builder.env("CODEX_TEST_SOCKET", folder.path().join("codex.sock"));
        }
        let harness = builder.start().unwrap();
        let (command, sleepers) = COMMANDS[2];
        let call = json!({"cmd": command, "yield_time_ms": 60_000});
        let reply = Reply::new().function_call("call", "exec_command", call);
        harness.responses().enqueue(reply);
        let tree = ProcessTree::in_folder(&harness.workspace());
        let test = "real::orphans::listening_server_ends_with_its_killed_owner";
        let program = Program::start(&harness, test);
        tree.wait_for_sleepers(sleepers);
        drop(program);
        tree.assert_empty_soon("a listening server");
    }
}
