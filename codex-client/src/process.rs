//! The life of a child process: its start, its last words, its end.
//!
//! Uses threads and nothing else, for both faces: a process must be ended and reaped also when
//! the async runtime that once talked to it is gone. Does not know what is said over its pipes.

use std::io;
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use crate::process_group;

mod launch;
mod stderr;

pub use launch::Launch;
use stderr::StderrTail;

/// How long each step of ending a process may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownGrace {
    /// From the end of its input to being asked to end (`SIGTERM`).
    pub after_eof: Duration,
    /// From being asked to being made to (`SIGKILL`).
    pub after_terminate: Duration,
}

impl Default for ShutdownGrace {
    /// Two seconds after the end of input, where a healthy runtime takes less than a tenth of
    /// one; another after the request to end.
    fn default() -> Self {
        Self {
            after_eof: Duration::from_secs(2),
            after_terminate: Duration::from_secs(1),
        }
    }
}

/// A running child process with everything it started. Dropping it kills the whole group at
/// once; a thread reaps it.
#[derive(Debug)]
pub(crate) struct Process {
    shared: Arc<Shared>,
}

/// Looks at a process without keeping it alive.
#[derive(Clone, Debug)]
pub(crate) struct ProcessWatch {
    shared: Arc<Shared>,
}

/// The pipes of a process that are not drained by this module.
#[derive(Debug)]
pub(crate) struct Pipes {
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: ChildStdout,
}

#[derive(Debug)]
struct Shared {
    leader: u32,
    state: Mutex<State>,
    ended: Condvar,
    stderr: StderrTail,
}

#[derive(Debug, Default)]
struct State {
    exit: Option<ExitStatus>,
    ending: bool,
    waiters: Vec<Waker>,
}

/// How long the last words of an ended process may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(200);

impl Process {
    /// Starts a process in a group of its own. Its error output is drained from the start:
    /// a full pipe would stall it. After its end `on_exit` is called, on a thread of this
    /// module, where it may wait.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or a thread cannot.
    pub(crate) fn start(
        command: &mut Command,
        on_exit: impl FnOnce(&ProcessWatch) + Send + 'static,
    ) -> io::Result<(Self, Pipes)> {
        process_group::isolate(command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let shared = Arc::new(Shared {
            leader: child.id(),
            state: Mutex::default(),
            ended: Condvar::new(),
            stderr: StderrTail::default(),
        });
        // From here on an early return kills what was started.
        let process = Self {
            shared: Arc::clone(&shared),
        };
        let missing = || io::Error::other("a pipe of the process is missing");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let stderr = child.stderr.take().ok_or_else(missing)?;
        process.shared.stderr.drain(stderr)?;
        let reap = move || {
            shared.set_exit(child.wait());
            on_exit(&ProcessWatch { shared });
        };
        thread::Builder::new()
            .name("codex-reaper".into())
            .spawn(reap)?;
        tracing::debug!(process = process.id(), "process started");
        Ok((process, Pipes { stdin, stdout }))
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.shared.leader
    }

    /// Looks at it without keeping it alive.
    pub(crate) fn watch(&self) -> ProcessWatch {
        let shared = Arc::clone(&self.shared);
        ProcessWatch { shared }
    }

    /// Ends it, if it has not by itself: gives it time after the end of its input, which the
    /// caller has closed, asks it to end, then makes it. Returns at once.
    pub(crate) fn shut_down(&self, grace: ShutdownGrace) {
        let mut state = self.shared.lock();
        if state.exit.is_some() || std::mem::replace(&mut state.ending, true) {
            return;
        }
        drop(state);
        let shared = Arc::clone(&self.shared);
        let end = move || shared.escalate(grace);
        if thread::Builder::new()
            .name("codex-shutdown".into())
            .spawn(end)
            .is_err()
        {
            self.shared.kill();
        }
    }
}

impl ProcessWatch {
    /// How it ended; pending while it runs.
    pub(crate) fn poll_exit(&self, context: &Context<'_>) -> Poll<ExitStatus> {
        let mut state = self.shared.lock();
        if let Some(status) = state.exit {
            return Poll::Ready(status);
        }
        let waker = context.waker();
        if !state.waiters.iter().any(|known| known.will_wake(waker)) {
            state.waiters.push(waker.clone());
        }
        Poll::Pending
    }

    /// The end of what it wrote to its error output. Once it has ended, waits a moment for the
    /// rest to arrive.
    pub(crate) fn last_words(&self) -> String {
        if self.shared.lock().exit.is_some() {
            self.shared.stderr.wait_for_end(LAST_WORDS);
        }
        self.shared.stderr.tail()
    }

    /// The end of what it has written to its error output so far.
    pub(crate) fn stderr_tail(&self) -> String {
        self.shared.stderr.tail()
    }

    /// How it ended, if it has.
    pub(crate) fn exit_status(&self) -> Option<ExitStatus> {
        self.shared.lock().exit
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.shared.kill();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_exit(&self, result: io::Result<ExitStatus>) {
        // What it started must not outlive it, nor keep its pipes open.
        process_group::kill(self.leader);
        let status = result.unwrap_or_else(|error| {
            tracing::error!(%error, "the end of a process was lost");
            ExitStatus::default()
        });
        tracing::debug!(process = self.leader, %status, "process ended");
        let mut state = self.lock();
        state.exit = Some(status);
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        self.ended.notify_all();
        waiters.into_iter().for_each(Waker::wake);
    }

    fn escalate(&self, grace: ShutdownGrace) {
        if self.wait(grace.after_eof) {
            return;
        }
        tracing::debug!(
            process = self.leader,
            "still running after the end of its input"
        );
        process_group::terminate(self.leader);
        if self.wait(grace.after_terminate) {
            return;
        }
        tracing::warn!(process = self.leader, "had to be killed");
        self.kill();
    }

    /// Whether it ended within this time.
    fn wait(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        while state.exit.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.ended.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// The lock is held, so that a process that was reaped long ago is not signalled.
    fn kill(&self) {
        let state = self.lock();
        if state.exit.is_none() {
            process_group::kill(self.leader);
        }
    }
}
