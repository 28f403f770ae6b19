//! Starting a command as the leader of its own process group, and ending that group.
//!
//! A runtime starts commands, and those start others: ending only the runtime would leave
//! them behind. Nothing here waits, knows a grace period, or reaps; that is the caller's.
//!
//! On unix a group is addressed by the id of its leader. Windows has no groups of this kind:
//! there the tree of processes below the leader is ended, always by force.

use std::process::Command;

/// Makes the command the leader of a process group of its own, so that [`terminate`] and
/// [`kill`] reach what it starts, and a Ctrl-C at the terminal does not reach it.
///
/// For tokio's command: `isolate(command.as_std_mut())`.
pub(crate) fn isolate(command: &mut Command) {
    system::isolate(command);
}

/// Asks every process of the group to end (`SIGTERM`). A group that is gone is left alone.
///
/// Call it only while the leader is not reaped, or shortly after: the system may give the
/// number of an empty group to someone else.
pub(crate) fn terminate(leader: u32) {
    system::terminate(leader);
}

/// Ends every process of the group by force (`SIGKILL`). The same care as for [`terminate`].
pub(crate) fn kill(leader: u32) {
    system::kill(leader);
}

/// Whether the group still has a process. One that ended but was not reaped counts: the leader
/// until its parent reaps it, others until the system's first process does, which may take its
/// time or never happen. So: never wait for this without a limit.
///
/// On Windows this cannot be told, and the answer is `false`.
#[cfg(any(test, feature = "exec"))]
pub(crate) fn group_alive(leader: u32) -> bool {
    system::group_alive(leader)
}

#[cfg(unix)]
mod system {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    #[cfg(any(test, feature = "exec"))]
    use rustix::process::test_kill_process_group;
    use rustix::process::{Pid, Signal, kill_process_group};

    pub(super) fn isolate(command: &mut Command) {
        command.process_group(0);
    }

    pub(super) fn terminate(leader: u32) {
        signal(leader, Signal::TERM);
    }

    pub(super) fn kill(leader: u32) {
        signal(leader, Signal::KILL);
    }

    #[cfg(any(test, feature = "exec"))]
    pub(super) fn group_alive(leader: u32) -> bool {
        // Any other error than "no such group" (a lack of permission) means there is one.
        group(leader)
            .is_some_and(|group| test_kill_process_group(group) != Err(rustix::io::Errno::SRCH))
    }

    fn signal(leader: u32, signal: Signal) {
        let Some(group) = group(leader) else { return };
        match kill_process_group(group, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => {
                tracing::debug!(leader, ?signal, %error, "could not signal a process group");
            }
        }
    }

    /// Never process 0 or 1: to `kill` they mean "my own group" and "everyone".
    fn group(leader: u32) -> Option<Pid> {
        Pid::from_raw(i32::try_from(leader).ok()?).filter(|pid| *pid != Pid::INIT)
    }
}

#[cfg(not(unix))]
mod system {
    use std::process::{Command, Stdio};

    pub(super) fn isolate(_: &mut Command) {}

    /// A console program has no window to close: there is nothing gentler than force.
    pub(super) fn terminate(leader: u32) {
        kill(leader);
    }

    pub(super) fn kill(leader: u32) {
        let result = Command::new("taskkill")
            .args(["/T", "/F", "/PID", &leader.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if let Err(error) = result {
            tracing::debug!(leader, %error, "could not end a process tree");
        }
    }

    #[cfg(any(test, feature = "exec"))]
    pub(super) fn group_alive(_: u32) -> bool {
        false
    }
}

#[cfg(all(test, unix))]
#[expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Child, ChildStdout, Command, Stdio};

    use super::{group_alive, isolate, kill, terminate};

    /// A shell that starts a child; both are running, and hold the pipe, when this returns.
    fn start(script: &str) -> (Child, BufReader<ChildStdout>) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        isolate(&mut command);
        let mut child = command.spawn().unwrap();
        let mut pipe = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        pipe.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        (child, pipe)
    }

    /// Waits until nobody holds the pipe any more: all of the group has ended. Whether somebody
    /// has asked how a child of the leader ended is another matter.
    fn wait_until_ended(mut pipe: BufReader<ChildStdout>) {
        assert_eq!(pipe.read_to_end(&mut Vec::new()).unwrap(), 0);
    }

    #[test]
    fn terminate_reaches_the_children_of_the_leader() {
        let (mut leader, pipe) = start("sleep 1000 & echo ready; wait");
        assert!(group_alive(leader.id()));
        terminate(leader.id());
        assert!(!leader.wait().unwrap().success());
        wait_until_ended(pipe);
    }

    #[test]
    fn kill_ends_what_ignores_terminate() {
        let (mut leader, pipe) = start("trap '' TERM; sleep 1000 & echo ready; wait");
        terminate(leader.id());
        assert!(leader.try_wait().unwrap().is_none());
        kill(leader.id());
        assert!(!leader.wait().unwrap().success());
        wait_until_ended(pipe);
    }

    #[test]
    fn a_group_that_is_gone_is_left_alone() {
        let (mut leader, pipe) = start("echo ready");
        wait_until_ended(pipe);
        leader.wait().unwrap();
        assert!(!group_alive(leader.id()));
        terminate(leader.id());
        kill(leader.id());
    }

    #[test]
    fn numbers_that_mean_something_else_are_no_groups() {
        for number in [0, 1, u32::MAX] {
            assert!(!group_alive(number));
            terminate(number);
            kill(number);
        }
    }
}
