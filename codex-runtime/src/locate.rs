//! Finding a runtime without fetching one.
//!
//! The order is fixed: what code names, what `CODEX_BIN` names, the installed pin. A broken
//! answer is an error; it never falls through to the next one.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::OtherCodex;
use crate::installed::Installation;
use crate::{Environment, Error, Runtime, RuntimeOrigin};

/// Time limit for the version of a codex that is only mentioned in an error.
const VERSION_LIMIT: Duration = Duration::from_secs(5);

/// The choice of a runtime.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeSource {
    /// The binary `CODEX_BIN` names, else the installed pin. Never a `codex` from `PATH`.
    #[default]
    Auto,
    /// This binary.
    Binary(PathBuf),
    /// The installed pin, regardless of `CODEX_BIN`.
    Pinned,
    /// The first `codex` on `PATH`, whatever its version.
    Path,
}

/// Finds the runtime. Looks at files only: nothing is fetched, and nothing is started, except that a
/// codex on `PATH` is asked for its version if the pinned runtime is missing, for the error.
///
/// # Errors
///
/// [`Error::NotInstalled`], [`Error::NotOnPath`], [`Error::BinaryMissing`] or
/// [`Error::NotExecutable`], depending on the source; [`Error::BrokenPackage`] for a damaged
/// installation; [`Error::UnsupportedPlatform`] where no runtime is published.
pub fn locate(source: &RuntimeSource, environment: &Environment) -> Result<Runtime, Error> {
    match source {
        RuntimeSource::Auto => match environment.codex_bin() {
            Some(binary) => Runtime::from_binary(binary, RuntimeOrigin::CodexBin),
            None => locate_pinned(environment),
        },
        RuntimeSource::Binary(binary) => Runtime::from_binary(binary, RuntimeOrigin::Explicit),
        RuntimeSource::Pinned => locate_pinned(environment),
        RuntimeSource::Path => locate_on_path(environment),
    }
}

fn locate_pinned(environment: &Environment) -> Result<Runtime, Error> {
    let pinned = Installation::new(environment)?;
    match pinned.inspect()? {
        Some(found) => Ok(found.runtime),
        None => Err(pinned.not_installed(other_on_path(environment))),
    }
}

/// Another codex, which may help whoever reads the error, and its version.
fn other_on_path(environment: &Environment) -> Option<OtherCodex> {
    let binary = find_on_path(environment)?;
    let runtime = Runtime::from_binary(&binary, RuntimeOrigin::SearchPath).ok();
    let version = runtime.and_then(|runtime| runtime.version_within(VERSION_LIMIT).ok());
    Some(OtherCodex { binary, version })
}

fn find_on_path(environment: &Environment) -> Option<PathBuf> {
    let mut found = which::which_in_global("codex", Some(environment.search_path()?)).ok()?;
    found.next()
}

fn locate_on_path(environment: &Environment) -> Result<Runtime, Error> {
    let binary = find_on_path(environment).ok_or(Error::NotOnPath)?;
    Runtime::from_binary(&binary, RuntimeOrigin::SearchPath)
}
