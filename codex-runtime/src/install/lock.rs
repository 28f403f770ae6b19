//! One installation at a time, across threads and processes.

use std::fs::File;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use fs4::{FileExt, TryLockError};

use crate::error::IoContext as _;
use crate::installed::trust;
use crate::{Error, Progress, Step};

/// The interval between attempts at a lock that another installation holds.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// Takes the lock, waiting for at most `limit`. The system releases it when its holder ends,
/// however that happens, so the file itself is never removed.
pub(super) fn acquire(
    path: &Path,
    limit: Duration,
    progress: &mut dyn Progress,
) -> Result<File, Error> {
    let file = open(path)?;
    let begin = Instant::now();
    let mut reported = false;
    while !try_lock(&file, path)? {
        if begin.elapsed() >= limit {
            return Err(Error::LockTimedOut {
                path: path.to_path_buf(),
                after: limit,
            });
        }
        if !std::mem::replace(&mut reported, true) {
            progress.report(&Step::Waiting);
        }
        sleep(RETRY_PAUSE.min(limit));
    }
    Ok(file)
}

/// Takes the lock if no other installation holds it.
pub(super) fn try_acquire(path: &Path) -> Result<Option<File>, Error> {
    let file = open(path)?;
    Ok(try_lock(&file, path)?.then_some(file))
}

fn try_lock(file: &File, path: &Path) -> Result<bool, Error> {
    match FileExt::try_lock(file) {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path, error)),
    }
}

fn open(path: &Path) -> Result<File, Error> {
    if path.symlink_metadata().is_ok() {
        trust::check(path)?;
    }
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .at("open", path)
}
