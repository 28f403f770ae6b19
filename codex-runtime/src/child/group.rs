//! A process and everything that it started and that the system keeps together with it.
//!
//! On Unix that is a process group, and the process itself, which may have left its group. On
//! Windows it is a job object, which can only be terminated. Nothing here waits or reaps.

use std::io;
use std::process::{Child, Command};

/// A request to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// `SIGINT`. Does nothing on Windows.
    Interrupt,
    /// `SIGTERM`. Does nothing on Windows.
    Terminate,
    /// `SIGKILL`; on Windows, the end of the job object.
    Kill,
}

/// The group that a child leads. Use it only until the child is reaped.
#[derive(Debug)]
pub(super) struct Group(system::Group);

impl Group {
    /// Makes a command the leader of a group of its own, so that a Ctrl-C at the terminal does
    /// not reach it.
    pub(super) fn isolate(command: &mut Command) {
        system::isolate(command);
    }

    /// The group of a child whose command was isolated.
    pub(super) fn of(child: &Child) -> io::Result<Self> {
        system::Group::of(child).map(Self)
    }

    /// Signals the leader and every process of the group. A process that has exited is no error.
    pub(super) fn signal(&self, signal: Signal) {
        self.0.signal(signal);
    }
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command};

    use rustix::io::Errno;
    use rustix::process::{Pid, kill_process, kill_process_group};

    use super::Signal;

    #[derive(Debug)]
    pub(super) struct Group {
        leader: Pid,
    }

    pub(super) fn isolate(command: &mut Command) {
        command.process_group(0);
    }

    impl Group {
        #[expect(
            clippy::unnecessary_wraps,
            reason = "it can fail on the other platform"
        )]
        pub(super) fn of(child: &Child) -> io::Result<Self> {
            Ok(Self {
                leader: Pid::from_child(child),
            })
        }

        pub(super) fn signal(&self, signal: Signal) {
            let number = match signal {
                Signal::Interrupt => rustix::process::Signal::INT,
                Signal::Terminate => rustix::process::Signal::TERM,
                Signal::Kill => rustix::process::Signal::KILL,
            };
            // The leader first: it may have moved to another group, and then the group it was
            // started in is empty or does not exist.
            let members = |result: Result<(), Errno>| match result {
                Ok(()) | Err(Errno::SRCH) => {}
                Err(error) => {
                    tracing::debug!(pid = self.leader.as_raw_pid(), ?signal, %error, "signal not sent");
                }
            };
            let group = rustix::process::getpgid(Some(self.leader));
            debug_assert!(
                cfg!(not(target_os = "linux")) || group != Err(Errno::SRCH),
                "the leader was reaped: its PID may be that of another process"
            );
            if group != Ok(self.leader) {
                members(kill_process(self.leader, number));
            }
            members(kill_process_group(self.leader, number));
        }
    }
}

#[cfg(windows)]
mod system {
    use std::io;
    use std::os::windows::io::AsRawHandle as _;
    use std::os::windows::process::CommandExt as _;
    use std::process::{Child, Command};
    use std::sync::{Mutex, PoisonError};

    use win32job::{ExtendedLimitInfo, Job};

    use super::Signal;

    /// `CREATE_NEW_PROCESS_GROUP`: a Ctrl-C at the console does not reach the child.
    const NEW_PROCESS_GROUP: u32 = 0x0000_0200;

    /// The job ends with its last handle, which is this one: also when this program is killed.
    #[derive(Debug)]
    pub(super) struct Group {
        job: Mutex<Option<Job>>,
    }

    pub(super) fn isolate(command: &mut Command) {
        command.creation_flags(NEW_PROCESS_GROUP);
    }

    impl Group {
        pub(super) fn of(child: &Child) -> io::Result<Self> {
            let mut limits = ExtendedLimitInfo::new();
            limits.limit_kill_on_job_close();
            let job = Job::create_with_limit_info(&limits).map_err(io::Error::other)?;
            // What the child starts before this line is not part of the job.
            job.assign_process(child.as_raw_handle() as isize)
                .map_err(io::Error::other)?;
            Ok(Self {
                job: Mutex::new(Some(job)),
            })
        }

        pub(super) fn signal(&self, signal: Signal) {
            if signal == Signal::Kill {
                let job = self
                    .job
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take();
                drop(job);
            }
        }
    }
}
