//! Compares the models' reader with `serde_json` for longer than the tests do.
//!
//! The comparison itself is in the tests of the models; this only asks for more of it, in an
//! optimized build.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::workspace_root;

/// So many random instances of each alternative make 100,000 in all.
const INSTANCES: &str = "75";

/// Options of `cargo xtask equivalence`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The time for texts that are bent by chance
    #[arg(long, default_value_t = 5, value_name = "MINUTES")]
    minutes: u32,
    /// The seed of the chance
    #[arg(long, default_value_t = 1)]
    seed: u32,
}

/// Compares 100,000 instances, their mutants, truncations, and texts bent for some minutes.
///
/// # Errors
///
/// When cargo cannot be started, or when the two readers differ somewhere.
pub(crate) fn run(options: &Options) -> Result<()> {
    let status = Command::new("cargo")
        .args(["test", "--release", "--package", "codex-types"])
        .args(["--test", "it", "equivalence", "--", "--show-output"])
        .env("EQUIVALENCE_INSTANCES", INSTANCES)
        .env("EQUIVALENCE_SECONDS", (options.minutes * 60).to_string())
        .env("EQUIVALENCE_SEED", options.seed.to_string())
        .current_dir(workspace_root())
        .status()
        .context("cannot start `cargo test`")?;
    if !status.success() {
        bail!("the two readers differ, or could not be compared ({status})");
    }
    Ok(())
}
