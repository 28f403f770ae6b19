//! A runtime that was found: its binary, and what can be asked of it.
//!
//! Does not know how it was found, beyond remembering it for messages.

use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;

use crate::child::{self, ChildCommand, Failure, Variables};
use crate::error::IoContext as _;
use crate::package::Package;
use crate::{Error, VersionMismatch, VersionPolicy, version};

/// Time limit for the runtime to print its version. Generous: the first start of a large
/// binary reads it from disk.
const VERSION_LIMIT: Duration = Duration::from_secs(30);

/// The origin of the path of a runtime's binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RuntimeOrigin {
    /// In code, through [`RuntimeSource::Binary`](crate::RuntimeSource::Binary).
    Explicit,
    /// By the variable `CODEX_BIN`.
    CodexBin,
    /// By the pin: this crate installed it.
    Pinned,
    /// By the search path.
    SearchPath,
}

impl RuntimeOrigin {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Explicit => "named in code",
            Self::CodexBin => "named by CODEX_BIN",
            Self::Pinned => "from the installed package",
            Self::SearchPath => "found on PATH",
        }
    }
}

/// A codex binary that exists and may be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    package: Package,
    origin: RuntimeOrigin,
}

impl Runtime {
    /// Accepts a binary, with what belongs to it if it is part of an unpacked package.
    pub(crate) fn from_binary(binary: &Path, origin: RuntimeOrigin) -> Result<Self, Error> {
        // Absolute, because the binary is started in a folder of its own.
        let binary = std::path::absolute(binary).at("resolve", binary)?;
        let package = Package::around(&binary).unwrap_or(Package {
            binary,
            path_dir: None,
        });
        Self::from_package(package, origin)
    }

    pub(crate) fn from_package(package: Package, origin: RuntimeOrigin) -> Result<Self, Error> {
        check_binary(&package.binary, origin)?;
        Ok(Self { package, origin })
    }

    /// The codex binary.
    pub fn binary(&self) -> &Path {
        &self.package.binary
    }

    /// The origin of the path of the binary.
    pub fn origin(&self) -> RuntimeOrigin {
        self.origin
    }

    /// The folder of helper tools that belongs in front of `PATH` when the runtime is started,
    /// if the binary is part of an unpacked package that has one.
    pub fn path_dir(&self) -> Option<&Path> {
        self.package.path_dir.as_deref()
    }

    /// Asks the binary for its version.
    ///
    /// # Errors
    ///
    /// [`Error::Start`], [`Error::TimedOut`] after 30 seconds, or [`Error::VersionUnreadable`]
    /// when it fails or prints no version.
    pub fn version(&self) -> Result<Version, Error> {
        self.version_within(VERSION_LIMIT)
    }

    /// Asks the binary for its version, with a limit of the caller's.
    ///
    /// # Errors
    ///
    /// As for [`Runtime::version`].
    pub fn version_within(&self, limit: Duration) -> Result<Version, Error> {
        let finished = self.run(&["--version"], limit)?;
        version::parse_output(&finished.stdout)
            .filter(|_| finished.status.success())
            .ok_or_else(|| Error::VersionUnreadable {
                binary: self.binary().to_path_buf(),
                status: finished.status.to_string(),
                output: format!("{}\n{}", finished.stdout, finished.stderr)
                    .trim()
                    .to_owned(),
            })
    }

    /// Asks the binary for its version and compares it with the pin. Under
    /// [`VersionPolicy::Ignore`] the binary is not even asked.
    ///
    /// # Errors
    ///
    /// As for [`Runtime::version`]; [`Error::WrongVersion`] under [`VersionPolicy::Refuse`].
    pub fn check_version(&self, policy: VersionPolicy) -> Result<Option<VersionMismatch>, Error> {
        if policy == VersionPolicy::Ignore {
            return Ok(None);
        }
        policy.check(&self.version()?)
    }

    /// Runs the binary in a home of its own, so that it neither reads nor writes the user's.
    pub(crate) fn run(
        &self,
        arguments: &[&str],
        limit: Duration,
    ) -> Result<child::Finished, Error> {
        let home = tempfile::tempdir().at("create a folder in", &std::env::temp_dir())?;
        let mut variables = Variables::new();
        for variable in ["HOME", "USERPROFILE", "CODEX_HOME"] {
            variables.set(variable, home.path());
        }
        let command = ChildCommand::new(self.binary())
            .args(arguments)
            .folder(home.path())
            .variables(variables);
        child::run(&command, limit).map_err(|failure| match failure {
            Failure::Start(error) => error,
            Failure::TimedOut { stderr } => Error::TimedOut {
                command: self.command_line(arguments),
                after: limit,
                stderr,
            },
        })
    }

    pub(crate) fn command_line(&self, arguments: &[&str]) -> String {
        format!("{} {}", self.binary().display(), arguments.join(" "))
    }
}

fn check_binary(path: &Path, origin: RuntimeOrigin) -> Result<(), Error> {
    let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file);
    let Some(metadata) = metadata else {
        return Err(Error::BinaryMissing {
            path: path.to_path_buf(),
            origin: origin.describe(),
        });
    };
    if is_executable(&metadata) {
        Ok(())
    } else {
        Err(Error::NotExecutable {
            path: PathBuf::from(path),
        })
    }
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

/// Windows has no such permission: what runs is decided by the name.
#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}
