//! The one error type of the crate: what happened, where, and what to do next.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;

use crate::{Target, VersionMismatch};

mod display;

/// Everything that can go wrong in finding, fetching or questioning the runtime.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The runtime is not published for this platform.
    #[non_exhaustive]
    UnsupportedPlatform {
        /// Operating system, as in [`std::env::consts::OS`].
        os: String,
        /// Architecture, as in [`std::env::consts::ARCH`].
        arch: String,
    },
    /// The pin has no archive for the target.
    #[non_exhaustive]
    TargetNotPinned {
        /// The requested target.
        target: Target,
    },
    /// The pin's text is not usable.
    #[non_exhaustive]
    InvalidPin {
        /// The fault, with its place when there is one.
        reason: String,
    },
    /// No folder for installations was named and the user has no cache folder.
    NoRuntimeDir,

    /// The pinned runtime is not installed.
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
    #[non_exhaustive]
    BinaryMissing {
        /// The path looked at.
        path: PathBuf,
        /// The origin of the path.
        origin: &'static str,
    },
    /// The binary exists but may not be executed.
    #[non_exhaustive]
    NotExecutable {
        /// The path looked at.
        path: PathBuf,
    },
    /// The search path was requested and has no `codex`.
    NotOnPath,
    /// The layout of an unpacked package is unknown to this crate.
    #[non_exhaustive]
    BrokenPackage {
        /// The folder of the package.
        folder: PathBuf,
        /// The missing or wrong part.
        reason: String,
    },

    /// npm could not be started because it is not there.
    #[non_exhaustive]
    NpmMissing {
        /// The command that was tried.
        command: PathBuf,
    },
    /// npm does not know the package or its version.
    #[non_exhaustive]
    PackageNotFound {
        /// Package and version.
        package: String,
        /// The end of what npm wrote.
        stderr: String,
    },
    /// npm failed for another reason.
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
    #[non_exhaustive]
    DownloadTimedOut {
        /// Package and version.
        package: String,
        /// The limit.
        after: Duration,
    },
    /// The archive is not the pinned one. Nothing of it was kept.
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
    #[non_exhaustive]
    LockTimedOut {
        /// The lock file.
        path: PathBuf,
        /// The duration of the wait.
        after: Duration,
    },
    /// A file or folder of the installation may be under the control of another user.
    #[non_exhaustive]
    NotTrusted {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The archive holds something that may not be unpacked.
    #[non_exhaustive]
    UnsafeArchive {
        /// The entry's path in the archive.
        entry: String,
        /// The reason for the rejection.
        reason: &'static str,
    },
    /// The disk is full.
    #[non_exhaustive]
    NoSpace {
        /// The file or folder that was being written.
        path: PathBuf,
    },
    /// A file or folder may not be read or written.
    #[non_exhaustive]
    PermissionDenied {
        /// The attempted action, as a verb.
        action: &'static str,
        /// The object of the attempt.
        path: PathBuf,
    },
    /// Any other failure of the file system.
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
    #[non_exhaustive]
    WorkingFolder {
        /// The folder.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
    /// The binary could not be started.
    #[non_exhaustive]
    Start {
        /// The binary.
        binary: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The runtime did not report its version.
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
    WrongVersion(VersionMismatch),
    /// The runtime failed to write its schema.
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
    fn cause_is_the_source_and_not_in_the_text() {
        let start = Error::Start {
            binary: "/codex".into(),
            source: io::ErrorKind::InvalidData.into(),
        };
        for error in [of_kind(io::ErrorKind::InvalidData), start] {
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(!error.to_string().contains(&source), "{error:?}");
        }
    }
}
