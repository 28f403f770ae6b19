//! Fetching the pinned runtime: download, check, unpack, rename into place.
//!
//! Everything unfinished lives in one work folder that only the holder of the lock touches, so
//! an interruption leaves no half installation: the next run removes what it finds there, after
//! taking over an archive that was already complete. Does not know how a runtime is started.

mod download;
mod receipt;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fs4::{FileExt, TryLockError};

use crate::archive::Archive;
use crate::error::IoContext as _;
use crate::package::Package;
use crate::pin::PinnedArchive;
use crate::{Environment, Error, Pin, Progress, Runtime, RuntimeOrigin, Step, Target};

/// How long the package manager may take for one archive.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Installs the pinned runtime, if it is not there yet, and tells where it is.
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
    root: PathBuf,
    npm: PathBuf,
    pin: Pin,
    target: Target,
    download_limit: Duration,
}

impl Installer {
    /// An installer of the compiled-in pin, for this platform.
    ///
    /// # Errors
    ///
    /// [`Error::NoRuntimeDir`] when the environment names no folder;
    /// [`Error::UnsupportedPlatform`] where no runtime is published.
    pub fn new(environment: &Environment) -> Result<Self, Error> {
        Ok(Self {
            root: std::path::absolute(environment.runtime_dir()?)
                .at("resolve", environment.runtime_dir()?)?,
            npm: environment.npm().to_path_buf(),
            pin: Pin::current().clone(),
            target: Target::current()?,
            download_limit: DOWNLOAD_LIMIT,
        })
    }

    /// Installs another pin than the compiled-in one.
    #[must_use]
    pub fn with_pin(mut self, pin: Pin) -> Self {
        self.pin = pin;
        self
    }

    /// Installs for another platform than this one.
    #[must_use]
    pub fn with_target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// Sets how long the package manager may take; 30 minutes otherwise.
    #[must_use]
    pub fn with_download_limit(mut self, limit: Duration) -> Self {
        self.download_limit = limit;
        self
    }

    /// What this installer installs.
    pub fn pin(&self) -> &Pin {
        &self.pin
    }

    /// The folder the runtime is in once it is installed: one per version and target.
    pub fn folder(&self) -> PathBuf {
        self.root.join(self.pin.folder_name(self.target))
    }

    /// The runtime, if it is installed. Looks at files only.
    ///
    /// # Errors
    ///
    /// [`Error::BrokenPackage`], [`Error::BinaryMissing`] or [`Error::NotExecutable`] when the
    /// installation was damaged; [`Error::TargetNotPinned`].
    pub fn installed(&self) -> Result<Option<Runtime>, Error> {
        let archive = self.pin.archive(self.target)?;
        let folder = self.folder();
        if !receipt::matches(&folder, archive)? {
            return Ok(None);
        }
        let package = Package::in_archive(&folder, archive.triple())?;
        Runtime::from_package(package, RuntimeOrigin::Pinned).map(Some)
    }

    /// Installs the runtime, if it is not there yet, and tells where it is.
    ///
    /// Waits while another process or thread installs the same one. A damaged installation, or
    /// one made from another archive, is replaced. Needs npm on the first call only.
    ///
    /// # Errors
    ///
    /// [`Error::NpmMissing`], [`Error::PackageNotFound`], [`Error::DownloadFailed`],
    /// [`Error::DownloadTimedOut`]; [`Error::IntegrityMismatch`], after which nothing of the
    /// archive is kept; [`Error::UnsafeArchive`]; [`Error::NoSpace`],
    /// [`Error::PermissionDenied`] and [`Error::Io`] from the file system.
    pub fn install(&self, progress: &mut dyn Progress) -> Result<Runtime, Error> {
        let archive = self.pin.archive(self.target)?;
        if let Ok(Some(runtime)) = self.installed() {
            return Ok(runtime);
        }
        fs::create_dir_all(&self.root).at("create", &self.root)?;
        let _lock = self.lock(progress)?;
        if let Ok(Some(runtime)) = self.installed() {
            return Ok(runtime);
        }
        let work = self.beside("tmp");
        self.fetch_and_unpack(archive, &work, progress)?;
        fs::remove_dir_all(&work).at("remove", &work)?;
        self.installed()?.ok_or_else(|| Error::BrokenPackage {
            folder: self.folder(),
            reason: "it vanished after the installation".to_owned(),
        })
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
        Runtime::from_package(package, RuntimeOrigin::Pinned)?;
        receipt::write(&tree, archive)?;
        let folder = self.folder();
        if folder.exists() {
            fs::rename(&folder, work.join("replaced")).at("replace", &folder)?;
        }
        fs::rename(&tree, &folder).at("create", &folder)
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
        let package = self.pin.specifier(pinned);
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
        fs::remove_dir_all(work).at("remove", work)?;
        Err(Error::IntegrityMismatch {
            package,
            expected: pinned.integrity().to_owned(),
            actual,
        })
    }

    /// Takes the lock. The system releases it when its holder ends, however that happens, so
    /// the file itself is never removed.
    fn lock(&self, progress: &mut dyn Progress) -> Result<File, Error> {
        let path = self.beside("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .at("open", &path)?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                progress.report(&Step::Waiting);
                FileExt::lock(&file).at("lock", &path)?;
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path, error)),
        }
        Ok(file)
    }

    fn beside(&self, extension: &str) -> PathBuf {
        self.root
            .join(format!("{}.{extension}", self.pin.folder_name(self.target)))
    }
}
