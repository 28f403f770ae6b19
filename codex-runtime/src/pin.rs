//! The pin: which runtime, from which package, with which hash.
//!
//! Does not know whether anything is installed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use semver::Version;

use crate::{Error, Target};

#[cfg(any(test, not(feature = "install")))]
mod constants;
#[cfg(feature = "install")]
mod text;

static CURRENT: LazyLock<Pin> = LazyLock::new(compiled_in);

/// Where the parser is there anyway, the file itself counts: the command that generates the constants
/// from it is built with this crate, and has to know a new pin before they are written.
#[cfg(feature = "install")]
fn compiled_in() -> Pin {
    // Compiled in and parsed by a test: it cannot fail on a user's machine.
    Pin::parse(include_str!("../runtime.toml")).expect("the compiled-in pin is valid")
}

#[cfg(not(feature = "install"))]
fn compiled_in() -> Pin {
    constants::pin()
}

/// The runtime that belongs to this version of the crate, and the source of its archives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    version: Version,
    package: String,
    targets: BTreeMap<Target, PinnedArchive>,
}

/// The archive that carries the pinned runtime for one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedArchive {
    version: String,
    triple: String,
    integrity: String,
}

impl Pin {
    /// The pin compiled into this crate.
    pub fn current() -> &'static Self {
        &CURRENT
    }

    /// The version the runtime reports about itself.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The name of the npm package, without a version.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// Every target the pin covers, with its archive.
    pub fn archives(&self) -> impl Iterator<Item = (Target, &PinnedArchive)> {
        self.targets
            .iter()
            .map(|(target, archive)| (*target, archive))
    }

    /// The archive for one target.
    ///
    /// # Errors
    ///
    /// [`Error::TargetNotPinned`] when the pin does not cover the target.
    pub fn archive(&self, target: Target) -> Result<&PinnedArchive, Error> {
        self.targets
            .get(&target)
            .ok_or(Error::TargetNotPinned { target })
    }

    /// The name of the folder an installation for `target` lives in.
    pub(crate) fn folder_name(&self, target: Target) -> String {
        format!("{}-{target}", self.version)
    }
}

impl PinnedArchive {
    /// The version of the npm package, such as `0.169.0-linux-x64`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The folder below `vendor/` in the archive, a Rust target triple.
    pub fn triple(&self) -> &str {
        &self.triple
    }

    /// The archive's hash, `sha512-` followed by base64.
    pub fn integrity(&self) -> &str {
        &self.integrity
    }
}
