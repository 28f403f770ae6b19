//! A home of the runtime (`CODEX_HOME`) for one run: sessions, logs and settings in it are removed
//! afterward. Credentials are copied into it, and written back if the runtime has refreshed them.
//!
//! Knows the name of the file with the credentials and which of its values a refresh changes; never
//! logs or prints any of it.

mod credentials;
mod file;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

use self::credentials::Credentials;
use crate::error::IoContext as _;
use crate::{Environment, Error};

const CONFIG: &str = "config.toml";

/// An isolated home of the runtime, to be created.
///
/// It is empty: the runtime has no sessions, no configuration and no login there, unless they are
/// copied from a home. Credentials that the runtime keeps outside of its home, in a keyring, are
/// neither copied nor used.
///
/// ```
/// use codex_runtime::{Environment, IsolatedHome};
///
/// # fn main() -> Result<(), codex_runtime::Error> {
/// # let environment = Environment::from_process();
/// let home = IsolatedHome::new().create(&environment)?;
/// let folder = home.path().to_owned();
/// assert!(folder.is_dir());
/// drop(home);
/// assert!(!folder.exists());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "nothing is created before `create`"]
pub struct IsolatedHome {
    source: Option<PathBuf>,
    parent: Option<PathBuf>,
    credentials: bool,
    config: bool,
}

impl IsolatedHome {
    /// An empty home.
    pub fn new() -> Self {
        Self::default()
    }

    /// Copies the credentials, if there are any.
    pub fn with_credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// Copies the configuration (`config.toml`), if there is any.
    pub fn with_config(mut self) -> Self {
        self.config = true;
        self
    }

    /// Copies from this home, instead of the user's: the one in `CODEX_HOME`, or `~/.codex`.
    pub fn copied_from(mut self, home: impl Into<PathBuf>) -> Self {
        self.source = Some(home.into());
        self
    }

    /// Creates the folder inside this one, which must exist, instead of the user's cache folder.
    pub fn inside(mut self, parent: impl Into<PathBuf>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    /// Creates the folder, for this user alone, and copies what was chosen.
    ///
    /// # Errors
    ///
    /// [`Error::NotTrusted`] if a file to copy is a link, or no regular file; [`Error::NoSpace`],
    /// [`Error::PermissionDenied`] and [`Error::Io`].
    pub fn create(&self, environment: &Environment) -> Result<HomeFolder, Error> {
        let parent = self.parent.clone().or_else(|| environment.homes_dir());
        let parent = parent.unwrap_or_else(std::env::temp_dir);
        std::fs::create_dir_all(&parent).at("create", &parent)?;
        let folder = private_folder(&parent).at("create a folder in", &parent)?;
        let source = self.source.as_deref().or(environment.codex_home());
        let mut credentials = None;
        if let Some(source) = source {
            if self.config {
                file::copy(&source.join(CONFIG), &folder.path().join(CONFIG))?;
            }
            if self.credentials {
                credentials = Credentials::copy(source, folder.path())?;
            }
        }
        Ok(HomeFolder {
            path: folder.path().to_path_buf(),
            contents: Mutex::new(Some(Contents {
                folder,
                credentials,
            })),
        })
    }
}

#[cfg(unix)]
fn private_folder(parent: &Path) -> std::io::Result<TempDir> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::Permissions::from_mode(0o700);
    let mut builder = tempfile::Builder::new();
    builder.prefix("home-").permissions(mode).tempdir_in(parent)
}

/// The user's cache folder is private there.
#[cfg(not(unix))]
fn private_folder(parent: &Path) -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("home-").tempdir_in(parent)
}

/// The folder of an isolated home. It is removed, and refreshed credentials are written back, by
/// [`HomeFolder::remove`] or when it is dropped; no runtime should use it then.
///
/// A program that is killed leaves the folder, which only its user can read.
pub struct HomeFolder {
    path: PathBuf,
    contents: Mutex<Option<Contents>>,
}

struct Contents {
    folder: TempDir,
    credentials: Option<Credentials>,
}

impl HomeFolder {
    /// The value for `CODEX_HOME`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes credentials back that the runtime has refreshed. Returns whether there were any.
    ///
    /// Only new tokens of the same account: a login or a logout in the isolated home stays there. The
    /// newer ones are kept if both homes have refreshed theirs. The file is replaced at once, with
    /// the mode 0600.
    ///
    /// # Errors
    ///
    /// [`Error::NotTrusted`] if one of the files is a link by now; [`Error::NoSpace`],
    /// [`Error::PermissionDenied`] and [`Error::Io`].
    pub fn write_back(&self) -> Result<bool, Error> {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        contents.as_mut().map_or(Ok(false), Contents::write_back)
    }

    /// Writes refreshed credentials back, and removes the folder. Idempotent.
    ///
    /// # Errors
    ///
    /// Those of [`HomeFolder::write_back`], and of the removal.
    pub fn remove(&self) -> Result<(), Error> {
        let mut place = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut contents) = place.take() else {
            return Ok(());
        };
        let written = contents.write_back();
        contents.folder.close().at("remove", &self.path)?;
        written.map(drop)
    }
}

impl HomeFolder {
    /// The same as [`HomeFolder::remove`]; a failure is logged.
    pub fn end(&self) {
        if let Err(error) = self.remove() {
            tracing::warn!(%error, "an isolated home could not be removed, or its credentials written back");
        }
    }
}

impl Contents {
    fn write_back(&mut self) -> Result<bool, Error> {
        let credentials = self.credentials.as_mut();
        credentials.map_or(Ok(false), |it| it.write_back(self.folder.path()))
    }
}

impl Drop for HomeFolder {
    fn drop(&mut self) {
        self.end();
    }
}

/// The path alone.
impl fmt::Debug for HomeFolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("HomeFolder")
            .field(&self.path)
            .finish()
    }
}
