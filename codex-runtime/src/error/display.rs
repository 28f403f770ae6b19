//! The texts of errors, each in one line: what happened, where, and what to do next. The output of
//! a process follows on lines of its own. A cause is in the text or is the source, never both.

use std::fmt;

use super::{Error, OtherCodex};

impl fmt::Display for Error {
    #[expect(clippy::too_many_lines, reason = "a text for each variant")]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedPlatform { os, arch } => write!(
                formatter,
                "the codex runtime is not published for {os} on {arch}; build it \
                 yourself and name the binary with CODEX_BIN"
            ),
            Self::TargetNotPinned { target } => write!(
                formatter,
                "the pin has no archive for {target}; add it to runtime.toml or name a \
                 binary with CODEX_BIN"
            ),
            Self::InvalidPin { reason } => {
                write!(formatter, "the runtime pin is invalid: {reason}")
            }
            Self::NoRuntimeDir => formatter.write_str(
                "there is no cache folder for this user; name a folder for the runtime \
                 with CODEX_RUNTIME_DIR",
            ),
            Self::NotInstalled {
                version,
                folder,
                on_path,
            } => write!(
                formatter,
                "codex runtime {version} is not installed in {}; install it with \
                 `Codex::builder().install(Install::IfMissing)`, \
                 `codex_client::runtime::install()` (feature `install`) or \
                 `codex_runtime::install()`, or name a binary with CODEX_BIN{}",
                folder.display(),
                found_on_path(on_path.as_deref())
            ),
            Self::BinaryMissing { path, origin } => write!(
                formatter,
                "there is no codex binary at {} ({origin}); correct the path or install \
                 the runtime again",
                path.display()
            ),
            Self::NotExecutable { path } => write!(
                formatter,
                "{} is not executable; make it so with `chmod +x`, or install the runtime again",
                path.display()
            ),
            Self::NotOnPath => formatter.write_str(
                "there is no `codex` on PATH; install it there, or use another runtime \
                 source than the search path",
            ),
            Self::BrokenPackage { folder, reason } => write!(
                formatter,
                "the runtime package in {} is not usable: {reason}; install it again",
                folder.display()
            ),
            Self::NpmMissing { command } => write!(
                formatter,
                "cannot find `{}`, which fetches the codex runtime; install Node.js with \
                 npm, or name a codex binary with CODEX_BIN",
                command.display()
            ),
            Self::PackageNotFound { package, stderr } => write!(
                formatter,
                "npm does not find the package {package}; check that the registry npm is \
                 configured with (`npm config get registry`) carries it\n{stderr}"
            ),
            Self::DownloadFailed {
                package,
                status,
                stderr,
            } => write!(
                formatter,
                "npm could not fetch {package} ({status}); check the network and npm's \
                 configuration, then try again\n{stderr}"
            ),
            Self::DownloadTimedOut { package, after } => write!(
                formatter,
                "npm did not fetch {package} within {} s; check the network and try again",
                after.as_secs()
            ),
            Self::IntegrityMismatch {
                package,
                expected,
                actual,
            } => write!(
                formatter,
                "the archive of {package} is not the pinned one: expected {expected}, \
                 got {actual}; it was removed. Check the registry npm is configured \
                 with; if the pin changed, correct its integrity"
            ),
            Self::WrongArchive {
                path,
                package,
                expected,
                actual,
            } => write!(
                formatter,
                "the archive {} is not that of {package}: expected {expected}, got \
                 {actual}; correct CODEX_RUNTIME_ARCHIVE, or unset it to fetch the \
                 archive with npm",
                path.display()
            ),
            Self::LockTimedOut { path, after } => write!(
                formatter,
                "another installation has held {} for more than {} s; wait for it, or \
                 end the process that installs",
                path.display(),
                after.as_secs()
            ),
            Self::NotTrusted { path, reason } => write!(
                formatter,
                "{} {reason}, so what is in it cannot be trusted; correct its owner and \
                 mode, or set CODEX_RUNTIME_DIR to a folder of your own",
                path.display()
            ),
            Self::UnsafeArchive { entry, reason } => write!(
                formatter,
                "the archive entry `{entry}` {reason}; nothing was installed"
            ),
            Self::NoSpace { path } => write!(
                formatter,
                "no space left while writing {}; free some (an installation needs about \
                 600 MB) or set CODEX_RUNTIME_DIR to another disk",
                path.display()
            ),
            Self::PermissionDenied { action, path } => write!(
                formatter,
                "no permission to {action} {}; correct its permissions or set \
                 CODEX_RUNTIME_DIR to a folder you own",
                path.display()
            ),
            Self::Io { action, path, .. } => {
                write!(formatter, "cannot {action} {}", path.display())
            }
            Self::WorkingFolder { path, reason } => write!(
                formatter,
                "cannot use the working folder {}: {reason}; create it, or name another one",
                path.display()
            ),
            Self::Start { binary, .. } => write!(formatter, "cannot start {}", binary.display()),
            Self::VersionUnreadable {
                binary,
                status,
                output,
            } => write!(
                formatter,
                "`{} --version` did not report a version ({status}): {output}",
                binary.display()
            ),
            Self::WrongVersion(inner) => write!(
                formatter,
                "{inner}; install the pinned one with `codex_client::runtime::install()` \
                 (feature `install`), or relax the version policy"
            ),
            Self::DumpFailed {
                command,
                status,
                stderr,
            } => write!(formatter, "`{command}` failed ({status})\n{stderr}"),
            Self::TimedOut {
                command,
                after,
                stderr,
            } => write!(
                formatter,
                "`{command}` did not finish within {} ms; is the binary the codex \
                 runtime?\n{stderr}",
                after.as_millis()
            ),
            Self::DumpFolderNotEmpty { path } => write!(
                formatter,
                "{} is not empty; the schema is only dumped into a fresh folder, because \
                 the runtime leaves stale files in place",
                path.display()
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::Start { source, .. } => Some(source),
            _ => None,
        }
    }
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
