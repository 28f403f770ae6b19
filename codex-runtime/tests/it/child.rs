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

/// A shell that runs this script. What ignores INT when it starts, as jobs in the background do,
/// hands that down, and a shell cannot trap what it was started ignoring: where `env` can, the
/// default is restored, so that the tests behave alike wherever they are started.
fn shell(script: &str) -> ChildCommand {
    if cfg!(target_os = "linux") {
        let arguments = ["--default-signal=INT,TERM", "/bin/sh", "-c", script];
        ChildCommand::new("env").args(arguments)
    } else {
        ChildCommand::new("/bin/sh").args(["-c", script])
    }
}

impl Script {
    fn start(script: &str) -> Self {
        Self::with_options(script, &SpawnOptions::default())
    }

    fn with_options(script: &str, options: &SpawnOptions) -> Self {
        Self::spawn(&shell(script), options)
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
