//! The descendants of a child: recorded while it runs, ended when it has exited.
//!
//! A process group is not enough: a runtime runs each command in a group of its own, and when it
//! is killed, their descendants belong to the system's first process, without a trace of where
//! they come from. Two things identify them on Linux:
//!
//! - a mark in the environment, which everything inherits that does not clear it;
//! - a record of the tree, refreshed while the child runs, of PIDs with their start times.
//!
//! A process is only signaled through a handle (pidfd) that was opened before its identity was
//! checked. What is neither marked nor recorded is not found: a descendant with an environment
//! of its own that appeared in the last moments before its parents were killed. Other systems
//! have neither `/proc` nor a portable way to read another process's environment; there this
//! does nothing.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod proc;

#[cfg(target_os = "linux")]
pub(super) use linux::Tree;

#[cfg(not(target_os = "linux"))]
pub(super) use other::Tree;

#[cfg(not(target_os = "linux"))]
mod other {
    use std::process::Command;
    use std::time::Duration;

    use crate::child::Variables;

    #[derive(Debug)]
    pub(in crate::child) struct Tree;

    #[expect(clippy::unused_self, reason = "the other implementation has state")]
    impl Tree {
        pub(in crate::child) fn new(_: &Variables) -> Self {
            Self
        }

        pub(in crate::child) fn mark(&self, _: &mut Command) {}

        pub(in crate::child) fn observe(&mut self, _: u32) -> Duration {
            Duration::MAX
        }

        pub(in crate::child) fn sweep(&mut self) {}
    }
}
