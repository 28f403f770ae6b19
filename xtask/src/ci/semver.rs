//! The hand-written API against the latest release.
//!
//! The models are left out: they follow the pinned runtime, whose changes the inventory snapshots
//! of `codegen` show.

use std::process::Command;

use anyhow::Result;

use super::command;
use super::manifest::Metadata;
use super::tools::{self, CARGO_SEMVER_CHECKS};

/// Published crates that are generated for the most part.
const GENERATED: [&str; 2] = ["codex-types", "codex-types-core"];

/// Compares each crate with the latest tag `vX.Y.Z` that contains it.
pub(super) fn run() -> Result<()> {
    let tags = command::output(Command::new("git").args([
        "tag",
        "--list",
        "v[0-9]*",
        "--sort=-version:refname",
        "--merged",
        "HEAD",
    ]))?;
    let Some(latest) = tags.lines().next() else {
        eprintln!("nothing is released yet: there is no tag `vX.Y.Z` to compare with");
        return Ok(());
    };
    tools::install(&[CARGO_SEMVER_CHECKS])?;
    let metadata = Metadata::read()?;
    for package in metadata.published() {
        if !GENERATED.contains(&package.name.as_str()) {
            command::run(
                CARGO_SEMVER_CHECKS
                    .command()?
                    .args(["semver-checks", "--all-features", "--baseline-rev", latest])
                    .args(["--package", &package.name]),
            )?;
        }
    }
    Ok(())
}
