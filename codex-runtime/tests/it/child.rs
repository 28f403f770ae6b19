//! Running child processes: how they are started, ended and cleaned up after.

#[cfg(target_os = "linux")]
mod descendants;
mod ending;
mod starting;

use std::io::{BufRead as _, BufReader};
use std::process::{ChildStdin, ChildStdout};
use std::time::Duration;

use codex_runtime::child::{Child, ChildCommand, ChildPipes, ChildWatch, SpawnOptions};

/// Limit of every wait.
const LIMIT: Duration = Duration::from_secs(60);

/// A shell script that is running, and its output.
struct Script {
    child: Child,
    output: BufReader<ChildStdout>,
    input: Option<ChildStdin>,
}

impl Script {
    fn start(script: &str) -> Self {
        Self::with_options(script, &SpawnOptions::default())
    }

    fn with_options(script: &str, options: &SpawnOptions) -> Self {
        Self::spawn(&ChildCommand::new("/bin/sh").args(["-c", script]), options)
    }

    fn spawn(command: &ChildCommand, options: &SpawnOptions) -> Self {
        let (child, pipes) = command.spawn(options, |_| {}).unwrap();
        let ChildPipes { stdin, stdout, .. } = pipes;
        Self {
            child,
            output: BufReader::new(stdout),
            input: Some(stdin),
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// The next line of its output, a PID.
    fn pid(&mut self) -> i32 {
        self.line().parse().unwrap()
    }

    fn watch(&self) -> ChildWatch {
        self.child.watch()
    }
}

fn signal_of(watch: &ChildWatch) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt as _;
    watch.wait(LIMIT).expect("the child ends").signal()
}
