//! Runs that are no part of `cargo test`: a soak of the client, and scenarios with a real account.
//!
//! The work itself is a benchmark of the client's, so that this crate builds without the client.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::ci::command;

/// Options of a soak test.
#[derive(Debug, clap::Args)]
#[non_exhaustive]
pub struct Options {
    /// Duration of the work
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// Makes the same random choices as another run
    #[arg(long)]
    seed: Option<u64>,
    /// Path of the drawing
    #[arg(long, value_name = "FILE", default_value = "target/soak.svg")]
    svg: PathBuf,
}

/// Lets clients work at random, and fails when anything grows or is left.
///
/// # Errors
///
/// Returns an error if it cannot be built or does not pass.
pub fn run(options: &Options) -> Result<()> {
    let svg = std::path::absolute(&options.svg).context("the path of the drawing")?;
    let mut soak = Command::new("cargo");
    // The profile of the tests: what a soak looks for does not depend on optimization.
    soak.args(["bench", "--profile", "dev", "--package", "codex-client"]);
    soak.args(["--bench", "soak", "--", "--minutes"]);
    soak.arg(options.minutes.to_string());
    soak.arg("--svg").arg(&svg);
    if let Some(seed) = options.seed {
        soak.args(["--seed", &seed.to_string()]);
    }
    command::run(&mut soak)
}

/// Runs the scenarios that an account is needed for, one at a time.
///
/// # Errors
///
/// When one fails.
pub fn live() -> Result<()> {
    let mut live = Command::new("cargo");
    live.args(["test", "--package", "codex-client", "--test", "live", "--"]);
    command::run(live.arg("--test-threads=1").env("CODEX_LIVE", "1"))
}
