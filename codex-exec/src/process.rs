//! One `codex exec` process: started, fed, read, and ended with everything it started.
//!
//! Blocking work is done by threads, so the API above needs no particular async runtime: one
//! starts the process, one writes the prompt, one reads lines (with back-pressure), and those of
//! [`codex_runtime::child`] drain stderr, reap and end it. Knows nothing of what the lines mean.

mod shared;
mod streams;

use std::io;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use codex_runtime::child::{ChildWatch, Escalation, Leftovers, SpawnOptions};

use self::shared::Shared;
use super::Failure;
use super::launch::Launch;
use super::session::SessionGuard;

/// How long a process may take to exit by itself once it has told how the turn ended.
const EXIT_PATIENCE: Duration = Duration::from_secs(5);

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
    /// It never started, was ended because it took too long, or could not be ended.
    Failed(Failure),
}

impl End {
    fn lost(source: io::Error) -> Self {
        Self::Failed(Failure::Wait {
            source: Arc::new(source),
        })
    }
}

/// How long a process may take. Beyond, it is ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    /// From its start to its end.
    pub(super) deadline: Option<Duration>,
    /// From one line of output to the next.
    pub(super) idle: Option<Duration>,
}

/// The stderr of a process that may not have started yet, and may be gone.
#[derive(Clone, Debug, Default)]
pub(super) struct Stderr(Arc<OnceLock<ChildWatch>>);

impl Stderr {
    /// The end of what was written.
    pub(super) fn tail(&self) -> String {
        self.0
            .get()
            .map(ChildWatch::stderr_tail)
            .unwrap_or_default()
    }
}

/// A process that is starting, running, or over. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Process {
    shared: Arc<Shared>,
}

impl Process {
    /// Starts the process, in the background. It holds the session until it is gone.
    pub(super) fn start(launch: Launch, stderr: Stderr, session: Option<SessionGuard>) -> Self {
        let shared = Arc::new(Shared::new(launch.stop_grace(), session));
        let starting = Arc::clone(&shared);
        let starter = spawn_thread("start", move || {
            if let Err(end) = start(&starting, &launch, &stderr) {
                starting.end(end);
            }
        });
        if let Err(error) = starter {
            shared.end(End::lost(error));
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

    /// Ends the process, soon: it is interrupted, then asked to end, then killed. Lines not
    /// given out yet are lost.
    pub(super) fn stop(&self) {
        self.shared.request_stop();
    }

    /// Ends the process unless it exits by itself in due time.
    pub(super) fn expect_exit(&self) {
        self.shared.expect_exit(EXIT_PATIENCE);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn start(shared: &Arc<Shared>, launch: &Launch, stderr: &Stderr) -> Result<(), End> {
    if shared.is_stopping() {
        return Err(End::lost(io::ErrorKind::Interrupted.into()));
    }
    // The file of the output schema lives as long as the process.
    let (command, files) = launch.command().map_err(End::Failed)?;
    let mut options = SpawnOptions::default();
    options.on_drop = shared.escalation();
    options.leftovers = Leftovers::EndUnlessExited;
    let ending = Arc::clone(shared);
    let on_exit = move |watch: &ChildWatch| {
        ending.exited();
        ending.wait_for_stdout();
        // Waits for the rest of it, so that it is there when the run is over.
        watch.final_stderr_tail();
        drop(files);
        let exited = End::Exited(watch.exit_status().map_or(-1, exit_code));
        ending.end(ending.overrun().map_or(exited, End::Failed));
    };
    let (child, pipes) = command.spawn(&options, on_exit).map_err(|error| {
        End::Failed(Failure::Start {
            error: Arc::new(error),
        })
    })?;
    // Set once: a run starts one process.
    let _ = stderr.0.set(child.watch());
    let connected = streams::connect(pipes, shared, launch.prompt());
    shared.started(child);
    watch_limits(shared, launch.limits());
    if let Err(error) = connected {
        // Without its threads the process would block for ever.
        shared.request_stop();
        tracing::error!(%error, "no thread to read codex exec with");
    }
    Ok(())
}

/// Has the process ended when it takes too long.
fn watch_limits(shared: &Arc<Shared>, limits: Limits) {
    if limits.deadline.is_none() && limits.idle.is_none() {
        return;
    }
    let watched = Arc::clone(shared);
    if let Err(error) = spawn_thread("limits", move || watched.enforce(limits)) {
        tracing::error!(%error, "no thread to watch the limits of codex exec with");
        shared.request_stop();
    }
}

/// The steps by which a process is ended within this time. `codex exec` ends its commands when
/// it is interrupted, and leaves them behind when it is asked to end.
fn escalation(grace: Duration) -> Escalation {
    Escalation::interrupt(grace / 2).then_terminate(grace / 2)
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
