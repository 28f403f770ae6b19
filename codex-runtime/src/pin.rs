//! The pin: which runtime, from which package, with which hash.
//!
//! Reads the pin's text; does not know whether anything is installed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use semver::Version;
use serde::Deserialize;

use crate::{Error, Target};

static CURRENT: LazyLock<Pin> = LazyLock::new(|| {
    // Compiled in and parsed by a test: it cannot fail on a user's machine.
    Pin::parse(include_str!("../runtime.toml")).expect("the compiled-in pin is valid")
});

/// The runtime that belongs to this version of the crate, and the source of its archives.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    version: Version,
    package: String,
    targets: BTreeMap<Target, PinnedArchive>,
}

/// The archive that carries the pinned runtime for one target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
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

    /// Reads a pin written like this crate's `runtime.toml`, to install another runtime.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPin`] when the text is not TOML, lacks a field, has an unknown one,
    /// or holds an integrity that is not a sha512, or a package, version or triple with
    /// characters that these do not have.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let pin: Self = toml::from_str(text).map_err(|error| Error::InvalidPin {
            reason: error.to_string(),
        })?;
        check_text("package", &pin.package, "@/._-")?;
        for (target, archive) in &pin.targets {
            check_text(
                &format!("targets.{target}.version"),
                &archive.version,
                ".+-",
            )?;
            check_text(&format!("targets.{target}.triple"), &archive.triple, "_-")?;
            if !is_sha512(&archive.integrity) {
                return Err(Error::InvalidPin {
                    reason: format!("targets.{target}.integrity is not a sha512 in base64"),
                });
            }
        }
        Ok(pin)
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

/// Refuses a text that is not made of letters, digits and these signs, or that a command would
/// take for an option: it becomes a part of a path, or of a command line.
fn check_text(place: &str, text: &str, signs: &str) -> Result<(), Error> {
    let is_fine = |sign: char| sign.is_ascii_alphanumeric() || signs.contains(sign);
    if !text.is_empty() && text.chars().all(is_fine) && !text.starts_with(['-', '.']) {
        return Ok(());
    }
    Err(Error::InvalidPin {
        reason: format!("{place} is not usable: `{}`", text.escape_debug()),
    })
}

fn is_sha512(integrity: &str) -> bool {
    use base64::Engine as _;
    integrity
        .strip_prefix("sha512-")
        .and_then(|encoded| {
            base64::engine::general_purpose::STANDARD
                .decode(encoded)
                .ok()
        })
        .is_some_and(|digest| digest.len() == 64)
}
