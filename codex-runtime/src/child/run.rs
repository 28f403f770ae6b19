//! Running a short-lived command to its end, with a limit and without input.

use std::process::ExitStatus;
use std::time::Duration;

use super::tail::Tail;
use super::{ChildCommand, Escalation, STDERR_DRAIN_TIMEOUT, SpawnOptions};
use crate::Error;

/// Limit for a killed command to be reaped and its output to end.
const END_LIMIT: Duration = Duration::from_secs(5);

/// The exit status of a command, with the end of its output.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The reason why a command has no exit status.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It never ran.
    Start(Error),
    /// It took too long and was killed, with everything that it had started.
    TimedOut { stderr: String },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Start(error)
    }
}

/// Runs a command to its end, killing it after `limit`. What it has started ends with it.
pub(crate) fn run(command: &ChildCommand, limit: Duration) -> Result<Finished, Failure> {
    let (child, pipes) = command.spawn(&SpawnOptions::default(), |_| {})?;
    drop(pipes.stdin);
    let stdout = Tail::default();
    let drained = stdout.drain(pipes.stdout, "stdout", false);
    drained.map_err(|source| Error::Start {
        binary: command.program().to_path_buf(),
        source,
    })?;
    let watch = child.watch();
    let Some(status) = watch.wait(limit) else {
        child.shut_down(&Escalation::kill());
        let _ = watch.wait(END_LIMIT);
        return Err(Failure::TimedOut {
            stderr: watch.final_stderr_tail(),
        });
    };
    stdout.wait_for_end(STDERR_DRAIN_TIMEOUT);
    Ok(Finished {
        status,
        stdout: stdout.text(),
        stderr: watch.final_stderr_tail(),
    })
}
