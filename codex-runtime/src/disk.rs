//! What makes a change survive a loss of power: writing to the disk, and renaming after it.
//!
//! In tests, the order of both is recorded. Does not know what is written.

use std::fs::{self, File};
use std::path::Path;

use crate::Error;
use crate::error::IoContext as _;

/// Has the system write a file, or the entries of a folder, to the disk.
pub(crate) fn sync(path: &Path) -> Result<(), Error> {
    // Windows opens no folders, writes only files opened for writing, and has a journal.
    if cfg!(not(windows)) {
        let file = File::open(path).at("open", path)?;
        file.sync_all().at("write", path)?;
    }
    #[cfg(test)]
    record::note(record::Step::Synced(path.to_path_buf()));
    Ok(())
}

/// Renames a file or a folder.
pub(crate) fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::rename(from, to)?;
    #[cfg(test)]
    record::note(record::Step::Renamed(from.to_path_buf(), to.to_path_buf()));
    Ok(())
}

/// The steps of the present thread.
#[cfg(test)]
pub(crate) mod record {
    use std::cell::RefCell;
    use std::path::PathBuf;

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum Step {
        Synced(PathBuf),
        Renamed(PathBuf, PathBuf),
    }

    thread_local! {
        static STEPS: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(step: Step) {
        STEPS.with_borrow_mut(|steps| steps.push(step));
    }

    /// Returns the steps since the last call.
    pub(crate) fn take() -> Vec<Step> {
        STEPS.take()
    }
}
