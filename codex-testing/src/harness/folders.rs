//! The folders of a harness, removed when it is dropped.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::HarnessError;

/// Retries of a removal, and the pause between them: a process that is just ending
/// may still write.
const REMOVAL_RETRIES: usize = 50;
const REMOVAL_PAUSE: Duration = Duration::from_millis(10);

pub(super) struct Folders {
    /// Without symbolic links, as the runtime reports it.
    path: PathBuf,
    /// Removes what [`Folders::drop`] could not.
    _root: TempDir,
}

impl Folders {
    pub(super) fn create() -> Result<Self, HarnessError> {
        let root = tempfile::Builder::new()
            .prefix("codex-harness-")
            .tempdir()
            .map_err(HarnessError::io("make a temporary folder"))?;
        let path =
            resolve(root.path()).map_err(HarnessError::io("resolve the temporary folder"))?;
        let folders = Self { path, _root: root };
        let all = [
            folders.codex_home(),
            folders.home(),
            folders.temporary(),
            folders.workspace(),
        ];
        for folder in all {
            std::fs::create_dir(&folder)
                .map_err(HarnessError::io(format!("make {}", folder.display())))?;
        }
        Ok(folders)
    }

    pub(super) fn root(&self) -> &Path {
        &self.path
    }

    pub(super) fn codex_home(&self) -> PathBuf {
        self.path.join("codex-home")
    }

    pub(super) fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.path.join("tmp")
    }

    pub(super) fn workspace(&self) -> PathBuf {
        self.path.join("workspace")
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for _ in 0..REMOVAL_RETRIES {
            // Its error is ambiguous: the missing entry may be a file of the process, and not the
            // folder.
            if std::fs::remove_dir_all(&self.path).is_ok() || !self.path.exists() {
                break;
            }
            thread::sleep(REMOVAL_PAUSE);
        }
    }
}

#[cfg(not(windows))]
fn resolve(path: &Path) -> std::io::Result<PathBuf> {
    path.canonicalize()
}

/// Canonical paths on Windows are in a form that many programs do not understand.
#[cfg(windows)]
fn resolve(path: &Path) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}
