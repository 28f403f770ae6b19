//! A program that runs, with a person in front of it.

use std::io::{BufReader, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use codex_testing::{AppServerHarness, Reply};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;

/// Time limit of everything that is waited for.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A running program. Dropping it kills the program.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Vec<u8>>,
    /// The output so far, and how much of it was expected already.
    seen: String,
    expected: usize,
}

impl Running {
    /// Starts a program in a process group of its own, like a shell does.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let (sender, output) = channel();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = stdout.read(&mut bytes) {
                if sender.send(bytes[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            output,
            seen: String::new(),
            expected: 0,
        }
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
    }

    /// Waits until the program has printed a text, after the last expected one. Returns the output
    /// before it.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) -> String {
        let until = Instant::now() + LIMIT;
        loop {
            let rest = &self.seen[self.expected..];
            if let Some(place) = rest.find(text) {
                let before = rest[..place].to_owned();
                self.expected += place + text.len();
                return before;
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.seen += &String::from_utf8_lossy(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("no `{text}` in:\n{}", self.seen),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended, no `{text}` in:\n{}", self.seen)
                }
            }
        }
    }

    /// Ends the input, as a pipe does.
    pub(crate) fn ends_its_input(&mut self) {
        self.input = None;
    }

    /// Presses Ctrl-C: the terminal sends it to the whole process group.
    pub(crate) fn presses_ctrl_c(&self) {
        self.signal(Signal::INT);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process_group(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Ends the input, waits for the end of the program, and returns its status and the rest of its
    /// output.
    #[track_caller]
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        self.input = None;
        let until = Instant::now() + LIMIT;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.seen += &String::from_utf8_lossy(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it did not end:\n{}", self.seen),
            }
        }
        let status = self.child.wait().unwrap();
        (status, self.seen.split_off(self.expected))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end with this input.
pub(crate) fn run(command: &mut Command, input: &str) -> Ended {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input may have ended before it is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// The model asks for a command outside of the sandbox.
pub(crate) fn escalated(id: &str, command: &str) -> Reply {
    let arguments = json!({
        "cmd": command,
        "sandbox_permissions": "require_escalated",
        "justification": "to see what happens",
    });
    Reply::new().function_call(id, "exec_command", arguments)
}

/// A harness whose model is offered a tool for patches.
pub(crate) fn patching_harness() -> AppServerHarness {
    let builder = AppServerHarness::builder().model("gpt-5.5");
    builder.start().unwrap()
}
