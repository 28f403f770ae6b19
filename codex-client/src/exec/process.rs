//! One `codex exec` process: started, fed, read, and ended with everything it started.
//!
//! Blocking work is done by threads of its own, so the face above needs no particular async
//! runtime, and the process is ended and reaped even when there is no runtime left:
//!
//! - the *supervisor* starts the process and waits for its end;
//! - one thread writes the prompt, one reads lines (with back-pressure), one drains stderr;
//! - while a process is being ended, one more waits for the grace period to pass.
//!
//! Knows nothing of what the lines mean.

mod shared;
mod streams;

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use self::shared::Shared;
pub(super) use self::streams::StderrTail;
use super::launch::Launch;
use super::session::SessionGuard;
use crate::process_group;

/// How long a process may take to exit by itself once it has told how the turn ended.
const EXIT_PATIENCE: Duration = Duration::from_secs(5);
/// How long a killed group may take to vanish before it is left to itself.
const KILL_PATIENCE: Duration = Duration::from_secs(1);
/// How often a group is looked at that was asked to end. Nothing tells when it is empty.
const GROUP_POLL: Duration = Duration::from_millis(10);
/// How often, and after how long a pause, a binary is tried again that is still open for
/// writing. The writer may be a child another thread has just forked: it lets go on `exec`.
const BUSY_RETRIES: u32 = 50;
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// What a process has to tell next.
#[derive(Debug)]
pub(super) enum Output {
    /// A line of standard output, without its end.
    Line(Vec<u8>),
    /// The process is gone, and every line has been given out.
    Ended(End),
}

/// How a process ended.
#[derive(Debug)]
pub(super) enum End {
    /// With this exit code, or by a signal, as its negative number.
    Exited(i32),
    /// It never started.
    NotStarted(io::Error),
    /// The system lost sight of it.
    Lost(io::Error),
}

/// A process that is starting, running, or over. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Process {
    shared: Arc<Shared>,
}

impl Process {
    /// Starts the process, in the background. It holds the session until it is gone.
    pub(super) fn start(
        launch: Launch,
        stderr: Arc<StderrTail>,
        session: Option<SessionGuard>,
    ) -> Self {
        let shared = Arc::new(Shared::new(launch.stop_grace(), session));
        let supervised = Arc::clone(&shared);
        let supervisor = spawn_thread("supervisor", move || {
            let end = supervise(&supervised, &launch, stderr);
            supervised.end(end);
        });
        if let Err(error) = supervisor {
            shared.end(End::NotStarted(error));
        }
        Self { shared }
    }

    /// What comes next; wakes the context when there is something.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Output> {
        self.shared.poll(context)
    }

    /// Makes the process hold the session until it is gone.
    pub(super) fn hold(&self, session: SessionGuard) {
        self.shared.hold(session);
    }

    /// Ends the process, soon: asks its group to end, and forces it after the grace period.
    /// Lines not given out yet are lost.
    pub(super) fn stop(&self) {
        if self.shared.request_stop() {
            self.force_after_grace();
        }
    }

    /// Ends the process unless it exits by itself in due time.
    pub(super) fn expect_exit(&self) {
        let shared = Arc::clone(&self.shared);
        let waiting = spawn_thread("exit", move || {
            if !shared.wait_for_exit(EXIT_PATIENCE) {
                tracing::debug!("codex exec does not exit: ending it");
                shared.request_stop();
                force_after_grace(&shared);
            }
        });
        if waiting.is_err() {
            self.stop();
        }
    }

    fn force_after_grace(&self) {
        let shared = Arc::clone(&self.shared);
        let waiting = spawn_thread("stop", move || force_after_grace(&shared));
        if waiting.is_err() {
            // No thread to wait with: no grace either.
            self.shared.kill();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn force_after_grace(shared: &Shared) {
    if !shared.wait_for_exit(shared.stop_grace()) {
        shared.kill();
    }
}

/// The supervisor: from the start of the process until nothing more can come of it.
fn supervise(shared: &Arc<Shared>, launch: &Launch, stderr: Arc<StderrTail>) -> End {
    if shared.is_stopping() {
        return End::NotStarted(io::ErrorKind::Interrupted.into());
    }
    // The file of the output schema lives as long as this.
    let (mut child, _files) = match start(launch) {
        Ok(started) => started,
        Err(error) => return End::NotStarted(error),
    };
    let leader = child.id();
    shared.started(leader);
    if let Err(error) = streams::connect(&mut child, shared, launch.prompt(), stderr) {
        // Without its threads the process would block for ever.
        process_group::kill(leader);
        drop(child.wait());
        return End::NotStarted(error);
    }
    let exit = child.wait();
    shared.exited();
    if let Some(deadline) = shared.stop_deadline() {
        empty_group(leader, deadline);
    }
    shared.release_session();
    shared.wait_for_streams();
    match exit {
        Ok(status) => End::Exited(exit_code(status)),
        Err(error) => End::Lost(error),
    }
}

fn start(launch: &Launch) -> io::Result<(Child, Option<tempfile::TempPath>)> {
    let (mut command, files) = launch.command()?;
    process_group::isolate(&mut command);
    for _ in 0..BUSY_RETRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                thread::sleep(BUSY_PAUSE);
            }
            result => return Ok((result?, files)),
        }
    }
    Ok((command.spawn()?, files))
}

/// Waits until the group of a process that is gone is empty, and forces it at the deadline.
fn empty_group(leader: u32, deadline: Instant) {
    if !is_empty_by(leader, deadline) {
        process_group::kill(leader);
        is_empty_by(leader, Instant::now() + KILL_PATIENCE);
    }
}

fn is_empty_by(leader: u32, deadline: Instant) -> bool {
    while process_group::group_alive(leader) {
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(GROUP_POLL);
    }
    true
}

fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| signal(status))
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().map_or(-1, |signal| -signal)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> i32 {
    -1
}

fn spawn_thread(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let builder = thread::Builder::new().name(format!("codex-exec-{name}"));
    builder.spawn(work).map(drop)
}
