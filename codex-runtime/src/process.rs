//! Running a short-lived command to its end, with a limit and without a terminal.
//!
//! Output goes through temporary files: no threads, no pipe that a grandchild could keep open.
//! Does not know what the command means.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How much of a command's output is kept for an error message, in bytes from its end.
const TAIL: u64 = 4096;
/// How often, and after how long a pause, a binary that is still open for writing is tried
/// again. The writer may be a child another thread has just forked: it lets go on `exec`.
const BUSY_RETRIES: u32 = 50;
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause between two looks at a running command.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Why a command has no end to tell of.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It never ran, or the system lost sight of it.
    Start(io::Error),
    /// It took too long and was killed.
    TimedOut { stderr: String },
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Start(error)
    }
}

/// Runs the command to its end, killing it after `limit`.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<Finished, Failure> {
    let mut stdout = tempfile::tempfile()?;
    let mut stderr = tempfile::tempfile()?;
    command
        .stdin(Stdio::null())
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?);
    let mut child = spawn(command)?;
    match wait(&mut child, limit)? {
        Some(status) => Ok(Finished {
            status,
            stdout: tail(&mut stdout)?,
            stderr: tail(&mut stderr)?,
        }),
        None => Err(Failure::TimedOut {
            stderr: tail(&mut stderr)?,
        }),
    }
}

fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 0..BUSY_RETRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => sleep(BUSY_PAUSE),
            result => return result,
        }
    }
    command.spawn()
}

/// Waits for the end; `None` when the limit passed and the child was killed.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn tail(file: &mut File) -> io::Result<String> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
