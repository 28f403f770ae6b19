//! Starting the runtime as a child of this client, and the time it gets to end.
//!
//! Running a child is the business of [`codex_runtime::child`]; nothing here knows what is said
//! over its pipes.

use std::time::Duration;

use codex_runtime::child::Escalation;

mod launch;

pub use launch::Launch;

/// How long each step of ending a process may take. A year is the most; longer times count as
/// that.
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

impl ShutdownGrace {
    /// The steps that follow the end of the input.
    pub(crate) fn escalation(self) -> Escalation {
        Escalation::wait(self.after_eof).then_terminate(self.after_terminate)
    }
}
