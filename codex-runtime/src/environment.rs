//! The inputs from the process environment, in one value that can be built by hand.
//!
//! Reading the process environment happens here and nowhere else, so that a test or an
//! embedding program can replace every part of it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::{Error, Pin};

/// The settings by which the runtime is located and fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    codex_bin: Option<PathBuf>,
    runtime_dir: Option<PathBuf>,
    search_path: Option<OsString>,
    npm: PathBuf,
    runtime_archive: Option<PathBuf>,
    pin: Option<Pin>,
    codex_home: Option<PathBuf>,
}

impl Environment {
    /// An environment that names nothing: no binary, no folder, no search path, plain `npm`.
    pub fn empty() -> Self {
        Self {
            codex_bin: None,
            runtime_dir: None,
            search_path: None,
            npm: PathBuf::from(if cfg!(windows) { "npm.cmd" } else { "npm" }),
            runtime_archive: None,
            pin: None,
            codex_home: None,
        }
    }

    /// The environment of this process: `CODEX_BIN`, `CODEX_RUNTIME_DIR` (default: a folder
    /// in the user's cache folder), `CODEX_RUNTIME_ARCHIVE`, `CODEX_HOME` (default: `.codex` in the
    /// user's home) and `PATH`. A variable set to nothing counts as unset.
    pub fn from_process() -> Self {
        let default_dir = || dirs::cache_dir().map(|cache| cache.join("codex-runtime"));
        Self {
            codex_bin: variable("CODEX_BIN").map(PathBuf::from),
            runtime_dir: variable("CODEX_RUNTIME_DIR")
                .map(PathBuf::from)
                .or_else(default_dir),
            search_path: variable("PATH"),
            runtime_archive: variable("CODEX_RUNTIME_ARCHIVE").map(PathBuf::from),
            codex_home: variable("CODEX_HOME")
                .map(PathBuf::from)
                .or_else(|| dirs::home_dir().map(|home| home.join(".codex"))),
            ..Self::empty()
        }
    }

    /// Names the binary that [`RuntimeSource::Auto`](crate::RuntimeSource::Auto) takes first.
    #[must_use]
    pub fn with_codex_bin(mut self, binary: impl Into<PathBuf>) -> Self {
        self.codex_bin = Some(binary.into());
        self
    }

    /// Names the folder installations live in.
    #[must_use]
    pub fn with_runtime_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.runtime_dir = Some(folder.into());
        self
    }

    /// Sets what [`RuntimeSource::Path`](crate::RuntimeSource::Path) searches, written like `PATH`.
    #[must_use]
    pub fn with_search_path(mut self, search_path: impl Into<OsString>) -> Self {
        self.search_path = Some(search_path.into());
        self
    }

    /// Sets the command that stands for npm.
    #[must_use]
    pub fn with_npm(mut self, command: impl Into<PathBuf>) -> Self {
        self.npm = command.into();
        self
    }

    /// Names an archive of the pinned runtime that is installed instead of one fetched by npm.
    #[must_use]
    pub fn with_runtime_archive(mut self, file: impl Into<PathBuf>) -> Self {
        self.runtime_archive = Some(file.into());
        self
    }

    /// Sets the runtime that is located and installed, instead of the compiled-in pin. Its version is
    /// compared with the compiled-in one nevertheless.
    #[must_use]
    pub fn with_pin(mut self, pin: Pin) -> Self {
        self.pin = Some(pin);
        self
    }

    /// Names the user's home of the runtime, of which an [`IsolatedHome`](crate::IsolatedHome) copies.
    #[must_use]
    pub fn with_codex_home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.codex_home = Some(folder.into());
        self
    }

    /// The explicitly named binary, if any.
    pub fn codex_bin(&self) -> Option<&Path> {
        self.codex_bin.as_deref()
    }

    /// The folder installations live in.
    ///
    /// # Errors
    ///
    /// [`Error::NoRuntimeDir`] when none was named and the user has no cache folder.
    pub fn runtime_dir(&self) -> Result<&Path, Error> {
        self.runtime_dir.as_deref().ok_or(Error::NoRuntimeDir)
    }

    pub(crate) fn codex_home(&self) -> Option<&Path> {
        self.codex_home.as_deref()
    }

    /// The folder of isolated homes: beside the installations. In a folder for temporary files the
    /// runtime does not create its helpers.
    pub(crate) fn homes_dir(&self) -> Option<PathBuf> {
        let folder = self.runtime_dir.as_deref()?;
        Some(folder.join("homes"))
    }

    pub(crate) fn pin(&self) -> &Pin {
        self.pin.as_ref().unwrap_or_else(|| Pin::current())
    }

    pub(crate) fn search_path(&self) -> Option<&OsStr> {
        self.search_path.as_deref()
    }

    #[cfg(feature = "install")]
    pub(crate) fn runtime_archive(&self) -> Option<&Path> {
        self.runtime_archive.as_deref()
    }

    #[cfg(feature = "install")]
    pub(crate) fn npm(&self) -> &Path {
        &self.npm
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
