//! Verifies the archives of platforms other than this one: their hashes are pinned here and used
//! elsewhere.

use anyhow::{Context as _, Result};
use codex_runtime::{Environment, Installer, Pin, Target};

use crate::progress::Terminal;

/// Fetches the archives of these targets, checks hash and layout of each, and deletes it. That of
/// this platform is left out: it is installed, and checked there.
///
/// # Errors
///
/// When an archive cannot be fetched, or is not the pinned one.
pub(crate) fn verify(pin: &Pin, targets: impl IntoIterator<Item = Target>) -> Result<()> {
    let host = Target::current()?;
    for target in targets.into_iter().filter(|target| *target != host) {
        eprintln!("checking the archive for {target}");
        let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
        let environment = Environment::from_process().with_runtime_dir(folder.path());
        let installer = Installer::new(&environment)?.with_pin(pin.clone());
        installer
            .with_target(target)
            .install(&mut Terminal::new())
            .with_context(|| format!("the archive for {target}"))?;
    }
    Ok(())
}
