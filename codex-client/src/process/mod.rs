//! Starting the runtime as a child of this client, and its grace periods.
//!
//! [`codex_runtime::child`] runs the child; this module is independent of the messages over its
//! pipes.

use std::time::Duration;

use codex_runtime::child::Escalation;

#[cfg_attr(not(feature = "install"), path = "no_install.rs")]
mod install;
mod launch;

pub use launch::Launch;

/// The reaction to a pinned runtime that is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Install {
    /// It is an error, whose text has the remedies.
    #[default]
    Never,
    /// It is installed: npm fetches it (about 170 MB), or `CODEX_RUNTIME_ARCHIVE` names an archive
    /// that was downloaded. An installation that is damaged is replaced; an intact one is only found,
    /// which takes milliseconds.
    IfMissing,
}

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
