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

/// Whether the group still has a process. A leader that ended but was not reaped counts.
///
/// On Windows this cannot be told, and the answer is `false`.
pub(crate) fn group_alive(leader: u32) -> bool {
    system::group_alive(leader)
}

#[cfg(unix)]
mod system {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

    pub(super) fn isolate(command: &mut Command) {
        command.process_group(0);
    }

    pub(super) fn terminate(leader: u32) {
        signal(leader, Signal::TERM);
    }

    pub(super) fn kill(leader: u32) {
        signal(leader, Signal::KILL);
    }

    pub(super) fn group_alive(leader: u32) -> bool {
        // Any other error than "no such group" (a lack of permission) means there is one.
        group(leader)
            .is_some_and(|group| test_kill_process_group(group) != Err(rustix::io::Errno::SRCH))
    }

    fn signal(leader: u32, signal: Signal) {
        if let Some(group) = group(leader)
            && let Err(error) = kill_process_group(group, signal)
            && error != rustix::io::Errno::SRCH
        {
            tracing::debug!(leader, ?signal, %error, "could not signal a process group");
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

    pub(super) fn group_alive(_: u32) -> bool {
        false
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, Command, Stdio};

    use super::{group_alive, isolate, kill, terminate};

    /// A shell with a child of its own; both are running when this returns.
    fn start(script: &str) -> Child {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        isolate(&mut command);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "ready\n");
        child
    }

    /// Waits until the group is empty; the leader must be reaped already.
    fn wait_until_empty(leader: u32) {
        while group_alive(leader) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn terminate_reaches_the_children_of_the_leader() {
        let mut child = start("sleep 1000 & echo ready; wait");
        assert!(group_alive(child.id()));
        terminate(child.id());
        assert!(!child.wait().unwrap().success());
        wait_until_empty(child.id());
    }

    #[test]
    fn kill_ends_what_ignores_terminate() {
        let mut child = start("trap '' TERM; sleep 1000 & echo ready; wait");
        terminate(child.id());
        assert!(child.try_wait().unwrap().is_none());
        kill(child.id());
        child.wait().unwrap();
        wait_until_empty(child.id());
    }

    #[test]
    fn a_group_that_is_gone_is_left_alone() {
        let mut child = start("echo ready");
        child.wait().unwrap();
        assert!(!group_alive(child.id()));
        terminate(child.id());
        kill(child.id());
        assert!(!group_alive(0));
        assert!(!group_alive(1));
    }
}
