//! One `codex exec` process: started, fed, read, and ended together with its descendants.
//!
//! Blocking work is done by threads, so the API above needs no particular async runtime: one starts
//! the process, one writes the prompt, one reads lines (with backpressure), and those of
//! [`codex_runtime::child`] drain stderr, reap and end it. Independent of the meaning of the lines.

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

/// Time limit for the process to exit after the end of its turn.
const EXIT_TIMEOUT: Duration = Duration::from_secs(5);

/// The next output of a process.
#[derive(Debug)]
pub(super) enum Output {
    /// A line of standard output, without its line break.
    Line(Vec<u8>),
    /// The process has exited, and all of its lines were returned.
    Ended(End),
}

/// The end of a process.
#[derive(Debug)]
pub(super) enum End {
    /// It exited with this code; the negative number of the signal for a signal.
    Exited(i32),
    /// It never started, was ended because of a limit, or could not be ended.
    Failed(Failure),
}

impl End {
    fn lost(error: io::Error) -> Self {
        Self::Failed(Failure::Wait {
            error: Arc::new(error),
        })
    }
}

/// The time limits of a process. It is ended when it exceeds one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    /// From its start to its end.
    pub(super) deadline: Option<Duration>,
    /// From one line of output to the next.
    pub(super) idle: Option<Duration>,
}

/// The stderr of a process that may not have started yet, or may have exited.
#[derive(Clone, Debug, Default)]
pub(super) struct Stderr(Arc<OnceLock<ChildWatch>>);

impl Stderr {
    /// The tail of stderr.
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
    /// Starts the process, in the background. It holds the session until it has exited.
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

    /// Polls for the next output; registers the waker if there is none.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Output> {
        self.shared.poll(context)
    }

    /// Makes the process hold the session until it has exited.
    pub(super) fn hold(&self, session: SessionGuard) {
        self.shared.hold(session);
    }

    /// Ends the process, in the background, with the escalating signals. Lines that were not
    /// returned yet are lost.
    pub(super) fn stop(&self) {
        self.shared.request_stop();
    }

    /// Ends the process unless it exits within [`EXIT_TIMEOUT`].
    pub(super) fn expect_exit(&self) {
        self.shared.expect_exit(EXIT_TIMEOUT);
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
    let home = launch.home();
    let on_exit = move |watch: &ChildWatch| {
        ending.exited();
        ending.wait_for_stdout();
        // Waits for the rest of stderr, so that it is complete when the run is over.
        watch.final_stderr_tail();
        drop(files);
        if let Some(Err(error)) = home.map(|home| home.write_back()) {
            tracing::warn!(%error, "refreshed credentials could not be written back");
        }
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
        // Without its threads the process would block forever.
        shared.request_stop();
        tracing::error!(%error, "could not start the threads that read codex exec");
    }
    Ok(())
}

/// Ends the process when it exceeds a limit.
fn watch_limits(shared: &Arc<Shared>, limits: Limits) {
    if limits.deadline.is_none() && limits.idle.is_none() {
        return;
    }
    let watched = Arc::clone(shared);
    if let Err(error) = spawn_thread("limits", move || watched.enforce(limits)) {
        tracing::error!(%error, "could not start the thread that enforces the limits of codex exec");
        shared.request_stop();
    }
}

/// The escalation that ends a process within this time. `codex exec` ends its commands on `SIGINT`,
/// and leaves them running on `SIGTERM`.
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
