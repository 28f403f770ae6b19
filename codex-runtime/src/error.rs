//! The one error type of the crate: what happened, where, and what to do next.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;

use crate::{Target, VersionMismatch};

/// Everything that can go wrong in finding, fetching or questioning the runtime.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The runtime is not published for this platform.
    #[error(
        "the codex runtime is not published for {os} on {arch}; \
         build it yourself and name the binary with CODEX_BIN"
    )]
    #[non_exhaustive]
    UnsupportedPlatform {
        /// Operating system, as in [`std::env::consts::OS`].
        os: String,
        /// Architecture, as in [`std::env::consts::ARCH`].
        arch: String,
    },
    /// The pin has no archive for the target.
    #[error(
        "the pin has no archive for {target}; add it to runtime.toml or name a binary with CODEX_BIN"
    )]
    #[non_exhaustive]
    TargetNotPinned {
        /// The requested target.
        target: Target,
    },
    /// The pin's text is not usable.
    #[error("the runtime pin is invalid: {reason}")]
    #[non_exhaustive]
    InvalidPin {
        /// The fault, with its place when there is one.
        reason: String,
    },
    /// No folder for installations was named and the user has no cache folder.
    #[error(
        "there is no cache folder for this user; name a folder for the runtime with CODEX_RUNTIME_DIR"
    )]
    NoRuntimeDir,

    /// The pinned runtime is not installed.
    #[error(
        "codex runtime {version} is not installed in {}; install it with \
         `Codex::builder().install(Install::IfMissing)`, `codex_client::runtime::install()` (feature \
         `install`) or `codex_runtime::install()`, or name a binary with CODEX_BIN{}",
        folder.display(),
        found_on_path(on_path.as_deref())
    )]
    #[non_exhaustive]
    NotInstalled {
        /// The pinned version.
        version: Version,
        /// The folder that was searched.
        folder: PathBuf,
        /// Another codex, which is on `PATH` and is not taken unasked.
        on_path: Option<Box<OtherCodex>>,
    },
    /// The binary does not exist or is not a file.
    #[error("there is no codex binary at {} ({origin}); correct the path or install the runtime again", path.display())]
    #[non_exhaustive]
    BinaryMissing {
        /// The path looked at.
        path: PathBuf,
        /// The origin of the path.
        origin: &'static str,
    },
    /// The binary exists but may not be executed.
    #[error("{} is not executable; make it so with `chmod +x`, or install the runtime again", path.display())]
    #[non_exhaustive]
    NotExecutable {
        /// The path looked at.
        path: PathBuf,
    },
    /// The search path was requested and has no `codex`.
    #[error(
        "there is no `codex` on PATH; install it there, or use another runtime source than the search path"
    )]
    NotOnPath,
    /// The layout of an unpacked package is unknown to this crate.
    #[error("the runtime package in {} is not usable: {reason}; install it again", folder.display())]
    #[non_exhaustive]
    BrokenPackage {
        /// The folder of the package.
        folder: PathBuf,
        /// The missing or wrong part.
        reason: String,
    },

    /// npm could not be started because it is not there.
    #[error(
        "cannot find `{}`, which fetches the codex runtime; install Node.js with npm, \
         or name a codex binary with CODEX_BIN",
        command.display()
    )]
    #[non_exhaustive]
    NpmMissing {
        /// The command that was tried.
        command: PathBuf,
    },
    /// npm does not know the package or its version.
    #[error(
        "npm does not find the package {package}; check that the registry npm is configured with \
         (`npm config get registry`) carries it\n{stderr}"
    )]
    #[non_exhaustive]
    PackageNotFound {
        /// Package and version.
        package: String,
        /// The end of what npm wrote.
        stderr: String,
    },
    /// npm failed for another reason.
    #[error(
        "npm could not fetch {package} ({status}); check the network and npm's configuration, then try again\n{stderr}"
    )]
    #[non_exhaustive]
    DownloadFailed {
        /// Package and version.
        package: String,
        /// The exit status of npm.
        status: String,
        /// The end of what npm wrote.
        stderr: String,
    },
    /// npm did not finish in time and was stopped.
    #[error("npm did not fetch {package} within {} s; check the network and try again", after.as_secs())]
    #[non_exhaustive]
    DownloadTimedOut {
        /// Package and version.
        package: String,
        /// The limit.
        after: Duration,
    },
    /// The archive is not the pinned one. Nothing of it was kept.
    #[error(
        "the archive of {package} is not the pinned one: expected {expected}, got {actual}; it was removed. \
         Check the registry npm is configured with; if the pin changed, correct its integrity"
    )]
    #[non_exhaustive]
    IntegrityMismatch {
        /// Package and version.
        package: String,
        /// The hash in the pin.
        expected: String,
        /// The hash of what arrived.
        actual: String,
    },
    /// The archive that the environment names is not the pinned one. It was left alone.
    #[error(
        "the archive {} is not that of {package}: expected {expected}, got {actual}; \
         correct CODEX_RUNTIME_ARCHIVE, or unset it to fetch the archive with npm",
        path.display()
    )]
    #[non_exhaustive]
    WrongArchive {
        /// The file.
        path: PathBuf,
        /// Package and version.
        package: String,
        /// The hash in the pin.
        expected: String,
        /// The hash of the file.
        actual: String,
    },
    /// Another installation of the same runtime did not finish in time.
    #[error(
        "another installation has held {} for more than {} s; wait for it, or end the process \
         that installs",
        path.display(),
        after.as_secs()
    )]
    #[non_exhaustive]
    LockTimedOut {
        /// The lock file.
        path: PathBuf,
        /// The duration of the wait.
        after: Duration,
    },
    /// A file or folder of the installation may be under the control of another user.
    #[error(
        "{} {reason}, so what is in it cannot be trusted; correct its owner and mode, or set \
         CODEX_RUNTIME_DIR to a folder of your own",
        path.display()
    )]
    #[non_exhaustive]
    NotTrusted {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The archive holds something that may not be unpacked.
    #[error("the archive entry `{entry}` {reason}; nothing was installed")]
    #[non_exhaustive]
    UnsafeArchive {
        /// The entry's path in the archive.
        entry: String,
        /// The reason for the rejection.
        reason: &'static str,
    },
    /// The disk is full.
    #[error("no space left while writing {}; free some (an installation needs about 600 MB) or set CODEX_RUNTIME_DIR to another disk", path.display())]
    #[non_exhaustive]
    NoSpace {
        /// The file or folder that was being written.
        path: PathBuf,
    },
    /// A file or folder may not be read or written.
    #[error("no permission to {action} {}; correct its permissions or set CODEX_RUNTIME_DIR to a folder you own", path.display())]
    #[non_exhaustive]
    PermissionDenied {
        /// The attempted action, as a verb.
        action: &'static str,
        /// The object of the attempt.
        path: PathBuf,
    },
    /// Any other failure of the file system.
    #[error("cannot {action} {}", path.display())]
    #[non_exhaustive]
    Io {
        /// The attempted action, as a verb.
        action: &'static str,
        /// The object of the attempt.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },

    /// The folder that a process was to be started in cannot be used.
    #[error("cannot use the working folder {}: {reason}; create it, or name another one", path.display())]
    #[non_exhaustive]
    WorkingFolder {
        /// The folder.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
    /// The binary could not be started.
    #[error("cannot start {}", binary.display())]
    #[non_exhaustive]
    Start {
        /// The binary.
        binary: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The runtime did not report its version.
    #[error("`{} --version` did not report a version ({status}): {output}", binary.display())]
    #[non_exhaustive]
    VersionUnreadable {
        /// The binary.
        binary: PathBuf,
        /// Its exit status.
        status: String,
        /// The end of what it wrote.
        output: String,
    },
    /// The runtime is not the pinned one, and the policy refuses that.
    #[error(
        "{0}; install the pinned one with `codex_client::runtime::install()` (feature `install`), \
         or relax the version policy"
    )]
    WrongVersion(VersionMismatch),
    /// The runtime failed to write its schema.
    #[error("`{command}` failed ({status})\n{stderr}")]
    #[non_exhaustive]
    DumpFailed {
        /// The command as it was run.
        command: String,
        /// Its exit status.
        status: String,
        /// The end of what it wrote.
        stderr: String,
    },
    /// The runtime did not answer in time and was stopped.
    #[error("`{command}` did not finish within {} ms; is the binary the codex runtime?\n{stderr}", after.as_millis())]
    #[non_exhaustive]
    TimedOut {
        /// The command as it was run.
        command: String,
        /// The limit.
        after: Duration,
        /// The end of what it wrote.
        stderr: String,
    },
    /// The folder to dump into already has something in it.
    #[error("{} is not empty; the schema is only dumped into a fresh folder, because the runtime leaves stale files in place", path.display())]
    #[non_exhaustive]
    DumpFolderNotEmpty {
        /// The folder.
        path: PathBuf,
    },
}

/// A codex that was found on `PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherCodex {
    /// Its binary.
    pub binary: PathBuf,
    /// Its version, if it reported one within five seconds.
    pub version: Option<Version>,
}

/// The rest of a message about a missing runtime.
fn found_on_path(other: Option<&OtherCodex>) -> String {
    let Some(OtherCodex { binary, version }) = other else {
        return String::new();
    };
    let binary = binary.display();
    let version = version.as_ref().map(|version| format!(" {version}"));
    let version = version.unwrap_or_default();
    format!(
        "; codex{version} is on PATH: to use it, set CODEX_BIN={binary}, or call \
         `.runtime(RuntimeSource::Path)` or `.binary(\"{binary}\")` of the builder"
    )
}

impl Error {
    /// Sorts a failure of the file system: the two kinds a user can fix get their own variant.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::PermissionDenied { action, path }
            }
            _ => Self::Io {
                action,
                path,
                source,
            },
        }
    }
}

/// Adds the place of the failure to an `io::Result`.
pub(crate) trait IoContext<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::io(action, path, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_kind(kind: io::ErrorKind) -> Error {
        Error::io("write", Path::new("/cache/file"), kind.into())
    }

    #[test]
    fn full_disk_error_has_a_remedy() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let error = of_kind(kind);
            assert!(matches!(error, Error::NoSpace { .. }), "{error:?}");
            assert!(error.to_string().contains("CODEX_RUNTIME_DIR"), "{error}");
        }
    }

    #[test]
    fn missing_permission_names_the_path() {
        for kind in [
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::ReadOnlyFilesystem,
        ] {
            let error = of_kind(kind);
            assert!(matches!(error, Error::PermissionDenied { .. }), "{error:?}");
            assert!(error.to_string().contains("/cache/file"), "{error}");
        }
    }

    #[test]
    fn any_other_failure_keeps_its_source() {
        let error = of_kind(io::ErrorKind::InvalidData);
        assert!(std::error::Error::source(&error).is_some(), "{error:?}");
    }
}
