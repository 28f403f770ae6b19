//! Starting the runtime as a child of this client, and its grace periods.
//!
//! [`codex_runtime::child`] runs the child; this module is independent of the messages over its
//! pipes.

use std::time::Duration;

use codex_runtime::child::Escalation;

mod launch;

pub use launch::Launch;

/// The grace periods of ending a process, at most one year each; longer ones are clamped.
///
/// They need a living program. If it is killed, the input of the runtime reaches its end, on which
/// the runtime exits; a runtime that ignored that would stay, see
/// [`concepts::shutdown`](crate::concepts::shutdown).
#[doc(alias = "timeout")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownGrace {
    /// From the end of its input to `SIGTERM`.
    pub after_eof: Duration,
    /// From `SIGTERM` to `SIGKILL`.
    pub after_terminate: Duration,
}

impl Default for ShutdownGrace {
    /// Two seconds after the end of input, which a healthy runtime exits within a tenth of one;
    /// another one after `SIGTERM`.
    fn default() -> Self {
        Self {
            after_eof: Duration::from_secs(2),
            after_terminate: Duration::from_secs(1),
        }
    }
}

impl ShutdownGrace {
    /// The escalation after the end of the input.
    pub(crate) fn termination(self) -> Escalation {
        Escalation::terminate(self.after_terminate)
    }

    pub(crate) fn escalation(self) -> Escalation {
        Escalation::wait(self.after_eof).then_terminate(self.after_terminate)
    }
}
