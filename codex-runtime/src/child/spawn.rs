//! Starting a child, and waiting for its exit without reaping it.

use std::io;
use std::process::{Child as Process, Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use super::group::Group;
use super::shared::Shared;
use super::tail::Tail;
use super::thread;
use super::tree::Tree;
use super::{Child, ChildCommand, ChildPipes, ChildWatch, SpawnOptions};
use crate::Error;

/// Number of retries, and the pause before each, while a binary is still open for writing. The
/// writer may be a child that another thread has just forked: `exec` closes its descriptor.
const BUSY_RETRIES: u32 = 50;
const BUSY_PAUSE: Duration = Duration::from_millis(10);

impl ChildCommand {
    /// Starts the command with pipes, in a process group of its own. When it has exited and is
    /// reaped, `on_exit` is called, on a thread of this module, where it may block.
    ///
    /// A binary that is being written is tried again for half a second.
    ///
    /// # Errors
    ///
    /// [`Error::WorkingFolder`], or [`Error::Start`] when the system cannot start the program
    /// or a thread.
    pub fn spawn(
        &self,
        options: &SpawnOptions,
        on_exit: impl FnOnce(&ChildWatch) + Send + 'static,
    ) -> Result<(Child, ChildPipes), Error> {
        let tree = Tree::new(self.environment());
        let mut command = self.to_std()?;
        tree.mark(&mut command);
        start(&mut command, tree, options, on_exit).map_err(|source| Error::Start {
            binary: self.program().to_path_buf(),
            source,
        })
    }
}

fn start(
    command: &mut Command,
    tree: Tree,
    options: &SpawnOptions,
    on_exit: impl FnOnce(&ChildWatch) + Send + 'static,
) -> io::Result<(Child, ChildPipes)> {
    Group::isolate(command);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = retry_while_busy(command)?;
    let prepared = prepare(&mut process, tree, options.clone());
    let (shared, pipes) = prepared.inspect_err(|_| abandon(&mut process))?;
    // From here on an early return ends what was started.
    let child = Child {
        shared: Arc::clone(&shared),
    };
    let reap = move || {
        shared.reap(process);
        on_exit(&ChildWatch::of(shared));
    };
    thread::spawn("codex-reaper", Box::new(reap))?;
    tracing::debug!(pid = child.id(), "child started");
    Ok((child, pipes))
}

fn prepare(
    process: &mut Process,
    tree: Tree,
    options: SpawnOptions,
) -> io::Result<(Arc<Shared>, ChildPipes)> {
    let missing = || io::Error::other("a pipe of the process is missing");
    let pipes = ChildPipes {
        stdin: process.stdin.take().ok_or_else(missing)?,
        stdout: process.stdout.take().ok_or_else(missing)?,
    };
    let stderr = Tail::default();
    let output = process.stderr.take().ok_or_else(missing)?;
    stderr.drain(output, "stderr", true)?;
    let group = Group::of(process)?;
    let shared = Shared::new(process, group, options, stderr, tree);
    Ok((Arc::new(shared), pipes))
}

/// Ends a process that nothing watches yet.
fn abandon(process: &mut Process) {
    let killed = process.kill().and_then(|()| process.wait());
    if let Err(error) = killed {
        tracing::debug!(%error, "half-started child not ended");
    }
}

fn retry_while_busy(command: &mut Command) -> io::Result<Process> {
    for _ in 0..BUSY_RETRIES {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => sleep(BUSY_PAUSE),
            result => return result,
        }
    }
    command.spawn()
}

/// Blocks until the process has exited; it stays to be reaped. Calls `observe` every now and
/// then, which returns how long to wait for the next time.
#[cfg(target_os = "linux")]
pub(super) fn wait_until_exited(process: &Process, mut observe: impl FnMut() -> Duration) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{Pid, PidfdFlags, pidfd_open};

    // Absent on kernels before 5.3, and refused in some sandboxes.
    if let Ok(handle) = pidfd_open(Pid::from_child(process), PidfdFlags::empty()) {
        loop {
            let pause = Timespec::try_from(observe()).ok();
            match poll(&mut [PollFd::new(&handle, PollFlags::IN)], pause.as_ref()) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return,
                Err(_) => break,
            }
        }
    }
    wait_without_reaping(process);
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn wait_until_exited(process: &Process, _: impl FnMut() -> Duration) {
    wait_without_reaping(process);
}

/// Reaping closes the handle there, not the end of the process.
#[cfg(not(unix))]
pub(super) fn wait_until_exited(process: &Process, _: impl FnMut() -> Duration) {
    let _ = process;
}

#[cfg(unix)]
fn wait_without_reaping(process: &Process) {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    let pid = Pid::from_child(process);
    while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), options) {}
}

/// Returns true if an exited process was ended by a signal.
#[cfg(unix)]
pub(super) fn was_signaled(process: &Process) -> bool {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    let status = waitid(WaitId::Pid(Pid::from_child(process)), options);
    status
        .ok()
        .flatten()
        .is_some_and(|status| status.killed() || status.dumped())
}

#[cfg(not(unix))]
pub(super) fn was_signaled(_: &Process) -> bool {
    false
}
