//! Comparing the version a runtime reports with the pinned one.
//!
//! Does not know how the version was obtained: from `--version`, or from a running server.

use std::fmt;

use semver::Version;

use crate::{Error, Pin};

/// The reaction to a runtime whose version is not the pinned one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VersionPolicy {
    /// Do not look at the version.
    Ignore,
    /// Report the difference and continue.
    #[default]
    Warn,
    /// Treat the difference as an error.
    Refuse,
}

impl VersionPolicy {
    /// Compares a version with the pinned one. `None` means that there is nothing to report;
    /// a mismatch is only returned under [`VersionPolicy::Warn`], for the caller to show.
    ///
    /// # Errors
    ///
    /// [`Error::WrongVersion`] when they differ under [`VersionPolicy::Refuse`].
    pub fn check(self, found: &Version) -> Result<Option<VersionMismatch>, Error> {
        let pinned = Pin::current().version();
        if self == Self::Ignore || found == pinned {
            return Ok(None);
        }
        let mismatch = VersionMismatch {
            found: found.clone(),
            pinned: pinned.clone(),
        };
        match self {
            Self::Refuse => Err(Error::WrongVersion(mismatch)),
            Self::Ignore | Self::Warn => Ok(Some(mismatch)),
        }
    }
}

/// A runtime that is not the one this crate was built for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionMismatch {
    /// The version that the runtime reports.
    pub found: Version,
    /// The version that this crate was built for.
    pub pinned: Version,
}

impl fmt::Display for VersionMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relation = if self.found < self.pinned {
            "older"
        } else {
            "newer"
        };
        write!(
            f,
            "the codex runtime is version {}, {relation} than the pinned {}",
            self.found, self.pinned
        )
    }
}

/// Finds the version in what `codex --version` prints, such as `codex-cli 0.169.0`.
pub(crate) fn parse_output(output: &str) -> Option<Version> {
    output
        .split_whitespace()
        .find_map(|word| Version::parse(word.strip_prefix('v').unwrap_or(word)).ok())
}
