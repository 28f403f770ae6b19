//! One run at a time: a lock on the folder that is written.

use std::path::Path;

use anyhow::{Context as _, Result};

/// The lock; released when it is dropped, and by the system when the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    #[cfg(unix)]
    _file: nix::fcntl::Flock<std::fs::File>,
}

impl Lock {
    /// Takes the lock on a folder; prints a notice while another run has it, and waits.
    #[cfg(unix)]
    pub(super) fn take(folder: &Path) -> Result<Self> {
        use nix::fcntl::{Flock, FlockArg};
        let open = || {
            std::fs::File::open(folder).with_context(|| format!("cannot open {}", folder.display()))
        };
        let file = match Flock::lock(open()?, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(Self { _file: lock }),
            Err((file, nix::errno::Errno::EWOULDBLOCK)) => file,
            Err((_, error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", folder.display()));
            }
        };
        eprintln!(
            "another run is writing to {}: waiting until it has ended",
            folder.display()
        );
        let lock = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, error)| error);
        let lock = lock.with_context(|| format!("cannot lock {}", folder.display()))?;
        Ok(Self { _file: lock })
    }

    /// Does nothing on platforms without locks of folders, where concurrent runs are not separated.
    #[cfg(not(unix))]
    pub(super) fn take(_: &Path) -> Result<Self> {
        Ok(Self {})
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::File;

    use nix::fcntl::{Flock, FlockArg};

    use super::Lock;

    #[test]
    fn a_second_run_does_not_get_the_lock_until_the_first_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let try_lock = || {
            let file = File::open(folder.path()).unwrap();
            Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok()
        };
        let lock = Lock::take(folder.path()).unwrap();
        assert!(!try_lock());
        drop(lock);
        assert!(try_lock());
    }
}
