//! Checks of dependencies and of spelling: jobs that consist of a tool and its configuration
//! (`deny.toml`, `typos.toml`, both in the root).

use anyhow::Result;

use super::command;
use super::tools::{CARGO_DENY, CARGO_MACHETE, TYPOS};

/// Licences, sources and duplicates, from what is in the lock file.
pub(super) fn licenses() -> Result<()> {
    command::run(CARGO_DENY.command()?.args([
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))
}

/// Known vulnerabilities, unmaintained and yanked crates, from the public database.
pub(super) fn advisories() -> Result<()> {
    command::run(
        CARGO_DENY
            .command()?
            .args(["--all-features", "check", "advisories"]),
    )
}

/// Dependencies that no source names.
pub(super) fn unused() -> Result<()> {
    command::run(&mut CARGO_MACHETE.command()?)
}

/// Spelling, in everything that people write.
pub(super) fn typos() -> Result<()> {
    command::run(&mut TYPOS.command()?)
}
