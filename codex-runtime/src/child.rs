//! Runs child processes: the one way in which this workspace starts, watches and ends them.
//!
//! A child leads a process group of its own, its stderr is always drained, and it is reaped by a
//! thread, so that no async runtime is needed to end it. Dropping a [`Child`] ends it and what it
//! started, in the background; [`Child::shut_down`] does so step by step.
//!
//! Invariants:
//!
//! - No signal is ever sent to a process or group whose leader was reaped: until then the system
//!   does not assign its PID to another process.
//! - Every wait has a limit. A grace period of any length, `Duration::MAX` included, is clamped.
//! - Memory is bounded: of stderr, the end is kept.
//!
//! Deliberately does not know what a child reads or prints, nor which program it is.
//!
//! ```
//! use codex_runtime::child::{ChildCommand, SpawnOptions};
//! use std::io::Read as _;
//! use std::time::Duration;
//!
//! # #[cfg(unix)]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let command = ChildCommand::new("/bin/echo").args(["hello"]);
//! let (child, mut pipes) = command.spawn(&SpawnOptions::default(), |_| {})?;
//! let mut printed = String::new();
//! pipes.stdout.read_to_string(&mut printed)?;
//! assert_eq!(printed, "hello\n");
//! let status = child.watch().wait(Duration::from_secs(10));
//! assert!(status.is_some_and(|status| status.success()));
//! # Ok(())
//! # }
//! # #[cfg(not(unix))]
//! # fn main() {}
//! ```

mod command;
mod escalation;
mod group;
mod handover;
mod run;
mod shared;
mod spawn;
mod tail;
mod thread;
mod tree;
mod variables;

use std::process::{ChildStdin, ChildStdout, ExitStatus};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

pub use self::command::ChildCommand;
pub use self::escalation::{Escalation, LONGEST_GRACE};
pub use self::handover::Handover;
pub(crate) use self::run::{Failure, Finished, run};
use self::shared::Shared;
pub use self::variables::Variables;

/// Limit for the last stderr output of an exited child to arrive.
const STDERR_DRAIN_TIMEOUT: Duration = Duration::from_millis(200);

/// Settings of a child that concern its end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpawnOptions {
    /// Steps by which dropping the [`Child`] ends it. The first signal is sent at once; the rest
    /// happens in the background.
    pub on_drop: Escalation,
    /// Descendants to end once the child has exited.
    pub leftovers: Leftovers,
}

impl Default for SpawnOptions {
    fn default() -> Self {
        Self {
            on_drop: Escalation::terminate(Duration::from_secs(1)),
            leftovers: Leftovers::End,
        }
    }
}

/// Treatment of the processes that a child started and that outlive it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leftovers {
    /// They are killed, however the child ended.
    End,
    /// They are killed if the child was ended by its owner or by a signal. A child that exited
    /// on its own may leave processes behind.
    EndUnlessExited,
}

/// A running child process. Dropping it ends the process and what it started.
#[derive(Debug)]
pub struct Child {
    shared: Arc<Shared>,
}

/// A view of a child that does not keep it running. Cheap to clone; each clone waits for itself.
#[derive(Debug)]
pub struct ChildWatch {
    shared: Arc<Shared>,
    /// The place of its waker.
    place: u64,
}

/// The pipes of a child that its owner uses.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChildPipes {
    /// The input of the child.
    pub stdin: ChildStdin,
    /// The output of the child. Left unread, it stalls the child.
    pub stdout: ChildStdout,
}

impl Child {
    /// PID of the child.
    pub fn id(&self) -> u32 {
        self.shared.id()
    }

    /// Returns a view of the child.
    pub fn watch(&self) -> ChildWatch {
        ChildWatch::of(Arc::clone(&self.shared))
    }

    /// Ends the child by these steps, unless it exits in between. Returns at once.
    ///
    /// When an earlier call would kill it sooner, that one stays in force.
    pub fn shut_down(&self, escalation: &Escalation) {
        shared::shut_down(&self.shared, escalation);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let escalation = self.shared.on_drop().clone();
        self.shut_down(&escalation);
    }
}

impl Clone for ChildWatch {
    fn clone(&self) -> Self {
        Self::of(Arc::clone(&self.shared))
    }
}

impl Drop for ChildWatch {
    fn drop(&mut self) {
        self.shared.leave(self.place);
    }
}

impl ChildWatch {
    fn of(shared: Arc<Shared>) -> Self {
        let place = shared.place();
        Self { shared, place }
    }

    /// PID of the child. Of an exited child, it may belong to another process by now.
    pub fn id(&self) -> u32 {
        self.shared.id()
    }

    /// Polls for the end of the child: its exit status, or `None` when it could not be ended.
    ///
    /// The latter is a process that the system itself holds, on a dead network drive for
    /// instance: it did not go away within two seconds after it was killed.
    ///
    /// Only the last context is woken, as with futures: clone the watch for another task. Dropping
    /// the watch frees the waker.
    pub fn poll_exit(&self, context: &Context<'_>) -> Poll<Option<ExitStatus>> {
        self.shared.poll_exit(self.place, context)
    }

    /// Blocks until the child has exited and is reaped, for at most `limit`.
    pub fn wait(&self, limit: Duration) -> Option<ExitStatus> {
        self.shared.wait(limit)
    }

    /// Exit status, once the child has exited.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        self.shared.exit_status()
    }

    /// End of what the child has written to stderr so far, at most 16 KiB, in whole lines and
    /// without ANSI escapes. It may hold secrets.
    pub fn stderr_tail(&self) -> String {
        self.shared.stderr().text()
    }

    /// [`stderr_tail`](Self::stderr_tail) of an exited child: blocks a moment (0.2 s at most)
    /// for the rest to arrive.
    pub fn final_stderr_tail(&self) -> String {
        if self.exit_status().is_some() {
            self.shared.stderr().wait_for_end(STDERR_DRAIN_TIMEOUT);
        }
        self.stderr_tail()
    }
}
