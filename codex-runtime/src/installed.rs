//! An installation on the disk: where it is, and whether it is the one that was made.
//!
//! Reads only. Does not know how an installation is made.

pub(crate) mod receipt;
pub(crate) mod trust;

use std::path::PathBuf;

use self::receipt::Receipt;
use crate::error::{IoContext as _, OtherCodex};
use crate::package::Package;
use crate::{Environment, Error, Pin, Runtime, RuntimeOrigin, Target};

/// The place of a pinned runtime for one platform.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    pub(crate) root: PathBuf,
    pub(crate) pin: Pin,
    pub(crate) target: Target,
}

/// A usable installation.
#[cfg_attr(
    not(feature = "install"),
    expect(dead_code, reason = "the installer notes a new stamp")
)]
pub(crate) struct Found {
    pub(crate) runtime: Runtime,
    pub(crate) receipt: Receipt,
    /// True if the binary had to be hashed.
    pub(crate) hashed: bool,
}

impl Installation {
    /// The place of the environment's pin, by default the compiled-in one, for this platform.
    pub(crate) fn new(environment: &Environment) -> Result<Self, Error> {
        let folder = environment.runtime_dir()?;
        Ok(Self {
            root: std::path::absolute(folder).at("resolve", folder)?,
            pin: environment.pin().clone(),
            target: Target::current()?,
        })
    }

    /// The folder the runtime is in once it is installed: one per version and target.
    pub(crate) fn folder(&self) -> PathBuf {
        self.root.join(self.pin.folder_name(self.target))
    }

    /// The runtime, if it is installed, with its receipt.
    pub(crate) fn inspect(&self) -> Result<Option<Found>, Error> {
        let archive = self.pin.archive(self.target)?;
        let folder = self.folder();
        if folder.symlink_metadata().is_err() {
            return Ok(None);
        }
        trust::check(&self.root)?;
        trust::check_above(&self.root)?;
        trust::check(&folder)?;
        let Some(receipt) = Receipt::read(&folder, archive)? else {
            return Ok(None);
        };
        let package = Package::in_archive(&folder, archive.triple())?;
        let runtime = Runtime::from_package(package, RuntimeOrigin::Pinned)?;
        trust::check_between(&folder, runtime.binary())?;
        if let Some(tools) = runtime.path_dir() {
            trust::check_between(&folder, tools)?;
        }
        let hashed = receipt.check_entrypoint(&folder, runtime.binary())?;
        Ok(Some(Found {
            runtime,
            receipt,
            hashed,
        }))
    }

    pub(crate) fn not_installed(&self, on_path: Option<OtherCodex>) -> Error {
        Error::NotInstalled {
            version: self.pin.version().clone(),
            folder: self.folder(),
            on_path: on_path.map(Box::new),
        }
    }
}
