//! The runtime commands, and the one way the other commands get a runtime.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use codex_runtime::{
    Environment, Installer, Runtime, RuntimeOrigin, RuntimeSource, VersionPolicy, locate,
};

use crate::progress::Terminal;
use crate::workspace_root;

/// The runtime that belongs to this workspace: what `CODEX_BIN` names, as long as it is the
/// pinned version, else the installed pin, installed now if needed.
///
/// # Errors
///
/// The errors of finding and installing; another version than the pinned one.
pub fn pinned() -> Result<Runtime> {
    let runtime = any()?;
    if runtime.origin() != RuntimeOrigin::Pinned {
        runtime
            .check_version(VersionPolicy::Refuse)
            .context("CODEX_BIN names another runtime; unset it to use the pinned one")?;
    }
    Ok(runtime)
}

/// What `CODEX_BIN` names, whatever its version, else the pin, installed now if needed.
fn any() -> Result<Runtime> {
    let environment = Environment::from_process();
    if environment.codex_bin().is_some() {
        Ok(locate(&RuntimeSource::Auto, &environment)?)
    } else {
        install_pin(&environment)
    }
}

fn install_pin(environment: &Environment) -> Result<Runtime> {
    Ok(Installer::new(environment)?.install(&mut Terminal::new())?)
}

/// Installs the pinned runtime and prints where it is.
///
/// # Errors
///
/// The errors of installing.
pub fn install() -> Result<()> {
    let runtime = install_pin(&Environment::from_process())?;
    println!("{}", runtime.binary().display());
    Ok(())
}

/// Hashes the installed runtime, and prints where it is and how much was read.
///
/// # Errors
///
/// It is not installed, or a file is not the one that was installed.
pub fn verify() -> Result<()> {
    let installer = Installer::new(&Environment::from_process())?;
    let verified = installer.verify()?;
    let folder = installer.folder();
    println!(
        "{}: {} bytes as installed",
        folder.display(),
        verified.bytes
    );
    Ok(())
}

/// Prints where the runtime is, without installing anything.
///
/// # Errors
///
/// The errors of finding.
pub fn path() -> Result<()> {
    let runtime = locate(&RuntimeSource::Auto, &Environment::from_process())?;
    println!("{}", runtime.binary().display());
    Ok(())
}

/// Dumps the runtime's schema into a folder and prints which.
///
/// # Errors
///
/// The errors of finding, installing and dumping.
pub fn dump(out: Option<&Path>) -> Result<()> {
    let default = workspace_root().join("target").join("codex-schema");
    let folder = out.unwrap_or(&default);
    if out.is_none() && folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot replace {}", folder.display()))?;
    }
    any()?.dump_schema(folder)?;
    println!("{}", folder.display());
    Ok(())
}
