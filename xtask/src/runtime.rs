//! The runtime commands, and the one way the other commands get a runtime.

pub(crate) mod archives;
pub mod bump;
pub(crate) mod constants;

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use codex_runtime::{
    Environment, Installer, Runtime, RuntimeOrigin, RuntimeSource, VersionPolicy, locate,
};

use sha2::{Digest as _, Sha256};

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
        require_same_binary(&runtime)?;
    }
    Ok(runtime)
}

/// A binary can claim any version: the one that the types are generated from has to be the one
/// that was pinned, byte for byte.
fn require_same_binary(claimed: &Runtime) -> Result<()> {
    let pinned = install_pin(&Environment::from_process())?;
    if sha256(claimed.binary())? != sha256(pinned.binary())? {
        bail!(
            "{} claims the pinned version, but is not {}; unset CODEX_BIN to use that one",
            claimed.binary().display(),
            pinned.binary().display()
        );
    }
    Ok(())
}

fn sha256(path: &Path) -> Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        }
    }
}

/// The runtime of `CODEX_BIN`, in any version, otherwise the pinned one, installed if needed.
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
    let runtime = locate(&RuntimeSource::Auto, &Environment::from_process())
        .context("no runtime; here, `cargo xtask runtime install` installs the pinned one")?;
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
