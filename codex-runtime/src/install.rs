//! Fetching the pinned runtime: download, check, unpack, rename into place.
//!
//! Everything unfinished lives in one work folder that only the holder of the lock touches, so
//! an interruption leaves no half installation: the next run removes what it finds there, after
//! taking over an archive that was already complete. Links are never followed, and a folder that
//! other users may write to is not used. Does not know how a runtime is started.

mod download;
#[cfg(test)]
#[cfg(unix)]
mod durability;
mod lock;
mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::archive::Archive;
use crate::error::IoContext as _;
use crate::installed::receipt::Receipt;
use crate::installed::{Found, Installation, trust};
use crate::package::Package;
use crate::pin::PinnedArchive;
use crate::{Environment, Error, Pin, Progress, Runtime, RuntimeOrigin, Step, Target, disk};

/// Limit of the package manager for one archive.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(30 * 60);
/// Limit for another installation: longer than a whole download.
const LOCK_LIMIT: Duration = Duration::from_secs(40 * 60);

/// Installs the pinned runtime, if it is missing, and returns its location.
///
/// Takes the environment of this process and reports no progress; see [`Installer`] for both.
/// The download is about 170 MB.
///
/// # Errors
///
/// As for [`Installer::install`].
pub fn install() -> Result<Runtime, Error> {
    Installer::new(&Environment::from_process())?.install(&mut |_: &Step| {})
}

/// Puts a pinned runtime into its folder, safely beside other processes doing the same.
#[derive(Debug, Clone)]
pub struct Installer {
    at: Installation,
    npm: PathBuf,
    archive: Option<PathBuf>,
    download_limit: Duration,
    lock_limit: Duration,
}

/// The files that [`Installer::verify`] has found unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Size of all files, in bytes.
    pub bytes: u64,
}

impl Installer {
    /// An installer of the environment's pin, by default the compiled-in one, for this platform.
    ///
    /// # Errors
    ///
    /// [`Error::NoRuntimeDir`] when the environment names no folder;
    /// [`Error::UnsupportedPlatform`] where no runtime is published.
    pub fn new(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            at: Installation::new(environment)?,
            npm: environment.npm().to_path_buf(),
            archive: environment.runtime_archive().map(Path::to_path_buf),
            download_limit: DOWNLOAD_LIMIT,
            lock_limit: LOCK_LIMIT,
        })
    }

    /// Installs another pin than the compiled-in one.
    #[must_use]
    pub fn with_pin(mut self, pin: Pin) -> Self {
        self.at.pin = pin;
        self
    }

    /// Installs for another platform than this one.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> Self {
        self.at.target = target;
        self
    }

    /// Sets how long the package manager may take; 30 minutes otherwise.
    #[must_use]
    pub fn with_download_limit(mut self, limit: Duration) -> Self {
        self.download_limit = limit;
        self
    }

    /// Sets how long to wait for another installation of the same runtime; 40 minutes otherwise.
    #[must_use]
    pub fn with_lock_limit(mut self, limit: Duration) -> Self {
        self.lock_limit = limit;
        self
    }

    /// The pin of this installer.
    pub fn pin(&self) -> &Pin {
        &self.at.pin
    }

    /// The folder the runtime is in once it is installed: one per version and target.
    pub fn folder(&self) -> PathBuf {
        self.at.folder()
    }

    /// The runtime, if it is installed. Looks at files only, and hashes the binary only where
    /// its size, mode or times are not those of the installation.
    ///
    /// # Errors
    ///
    /// [`Error::BrokenPackage`], [`Error::BinaryMissing`] or [`Error::NotExecutable`] when the
    /// installation was damaged; [`Error::NotTrusted`] when others may have changed it;
    /// [`Error::TargetNotPinned`].
    pub fn installed(&self) -> Result<Option<Runtime>, Error> {
        Ok(self.at.inspect()?.map(|found| found.runtime))
    }

    /// Hashes every file of the installation and compares it with what was installed.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`]; as for [`Installer::installed`]; [`Error::BrokenPackage`] names
    /// the first file that differs, is missing, or was not installed.
    pub fn verify(&self) -> Result<Verified, Error> {
        let found = self.at.inspect()?;
        let found = found.ok_or_else(|| self.at.not_installed(None))?;
        let bytes = found.receipt.check_all(&self.folder())?;
        Ok(Verified { bytes })
    }

    /// Installs the runtime, if it is missing, and returns its location.
    ///
    /// Waits while another process or thread installs the same one. A damaged installation, or
    /// one made from another archive, is replaced. What an interrupted installation has left is
    /// removed. Needs npm on the first call only, and not even then if the environment names an
    /// archive (`CODEX_RUNTIME_ARCHIVE`).
    ///
    /// # Errors
    ///
    /// [`Error::NpmMissing`], [`Error::PackageNotFound`], [`Error::DownloadFailed`],
    /// [`Error::DownloadTimedOut`]; [`Error::IntegrityMismatch`], after which nothing of the
    /// archive is kept; [`Error::UnsafeArchive`]; [`Error::LockTimedOut`]; [`Error::NotTrusted`]
    /// when the folder belongs to another user or everyone may write to it; [`Error::NoSpace`],
    /// [`Error::PermissionDenied`] and [`Error::Io`] from the file system.
    pub fn install(&self, progress: &mut dyn Progress) -> Result<Runtime, Error> {
        let archive = self.at.pin.archive(self.at.target)?;
        let work = self.beside("tmp");
        if let Some(runtime) = self.usable()? {
            self.remove_leftovers(&work)?;
            return Ok(runtime);
        }
        let root = &self.at.root;
        fs::create_dir_all(root).at("create", root)?;
        trust::check(root)?;
        trust::check_above(root)?;
        let _lock = lock::acquire(&self.beside("lock"), self.lock_limit, progress)?;
        if let Some(runtime) = self.usable()? {
            remove(&work)?;
            return Ok(runtime);
        }
        prepare(&work)?;
        self.fetch_and_unpack(archive, &work, progress)?;
        remove(&work)?;
        self.installed()?.ok_or_else(|| Error::BrokenPackage {
            folder: self.folder(),
            reason: "it vanished after the installation".to_owned(),
        })
    }

    /// The runtime, if nothing has to be installed. What others may have changed is an error:
    /// replacing it would not make the folder any safer.
    fn usable(&self) -> Result<Option<Runtime>, Error> {
        match self.at.inspect() {
            Ok(Some(Found {
                runtime,
                receipt,
                hashed,
            })) => {
                if hashed {
                    receipt.restamp(&self.folder(), runtime.binary())?;
                }
                Ok(Some(runtime))
            }
            Err(error @ Error::NotTrusted { .. }) => Err(error),
            Ok(None) | Err(_) => Ok(None),
        }
    }

    /// Removes what an installation has left that was killed; one that runs has the lock.
    fn remove_leftovers(&self, work: &Path) -> Result<(), Error> {
        if work.symlink_metadata().is_ok() {
            if let Some(_lock) = lock::try_acquire(&self.beside("lock"))? {
                remove(work)?;
            }
        }
        Ok(())
    }

    fn fetch_and_unpack(
        &self,
        archive: &PinnedArchive,
        work: &Path,
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        let mut file = self.verified_archive(archive, work, progress)?;
        let tree = work.join("tree");
        fs::create_dir(&tree).at("create", &tree)?;
        file.unpack(&tree, progress)?;
        // Nothing becomes an installation that could not be used as one.
        let package = Package::in_archive(&tree, archive.triple())?;
        let binary = package.binary.clone();
        Runtime::from_package(package, RuntimeOrigin::Pinned)?;
        Receipt::write(&tree, archive, &binary)?;
        disk::sync(&tree)?;
        let folder = self.folder();
        if folder.symlink_metadata().is_ok() {
            disk::rename(&folder, &work.join("replaced")).at("replace", &folder)?;
        }
        disk::rename(&tree, &folder).at("create", &folder)?;
        disk::sync(&self.at.root)
    }

    /// The archive whose hash is the pinned one: left over from an interrupted run, or fetched.
    fn verified_archive(
        &self,
        pinned: &PinnedArchive,
        work: &Path,
        progress: &mut dyn Progress,
    ) -> Result<Archive, Error> {
        if let Some(archive) = download::leftover(work, pinned, progress)? {
            return Ok(archive);
        }
        if let Some(path) = &self.archive {
            return self.offline_archive(path, pinned, progress);
        }
        let package = self.specifier(pinned);
        progress.report(&Step::Downloading {
            package: package.clone(),
        });
        let path = download::npm_pack(&self.npm, &package, work, self.download_limit)?;
        let mut archive = Archive::open(&path)?;
        let actual = archive.integrity(progress)?;
        if actual == pinned.integrity() {
            return Ok(archive);
        }
        drop(archive);
        remove(work)?;
        Err(Error::IntegrityMismatch {
            package,
            expected: pinned.integrity().to_owned(),
            actual,
        })
    }

    /// The archive that the environment names. It is the user's: it is never removed.
    fn offline_archive(
        &self,
        path: &Path,
        pinned: &PinnedArchive,
        progress: &mut dyn Progress,
    ) -> Result<Archive, Error> {
        let mut archive = Archive::open(path)?;
        let actual = archive.integrity(progress)?;
        if actual == pinned.integrity() {
            return Ok(archive);
        }
        Err(Error::WrongArchive {
            path: path.to_path_buf(),
            package: self.specifier(pinned),
            expected: pinned.integrity().to_owned(),
            actual,
        })
    }

    /// Package and version of an archive, as the package manager takes them.
    fn specifier(&self, archive: &PinnedArchive) -> String {
        format!("{}@{}", self.at.pin.package(), archive.version())
    }

    fn beside(&self, extension: &str) -> PathBuf {
        let mut path = self.folder().into_os_string();
        path.push(".");
        path.push(extension);
        path.into()
    }
}

/// Makes the folder for everything unfinished, for this user alone. What is there instead, a link
/// for instance, is removed and never followed.
fn prepare(work: &Path) -> Result<(), Error> {
    let is_folder = work
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_dir());
    if is_folder {
        return trust::check(work);
    }
    remove(work)?;
    create_private(work).at("create", work)
}

#[cfg(unix)]
fn create_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

/// The user's cache folder is private there.
#[cfg(not(unix))]
fn create_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir(folder)
}

/// Removes a folder, a file or a link, if it is there. Links are not followed.
fn remove(path: &Path) -> Result<(), Error> {
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path).at("remove", path),
        Ok(_) => fs::remove_file(path).at("remove", path),
    }
}
