//! What continuous integration runs, one job at a time or all of them.
//!
//! `.ci/run` holds the same commands for machines without a built xtask; a test compares them.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{build_cost, workspace_root};

/// A job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum Job {
    /// Formatting
    Fmt,
    /// Lints, warnings denied
    Clippy,
    /// Documentation, warnings denied
    Docs,
    /// Tests
    Test,
    /// The quickstart, against the testing kit
    Quickstart,
    /// Generated files against a fresh generation
    Freshness,
    /// Prints what it costs to build the models; no part of `all`
    BuildCost,
    /// Every job but the cost of a build
    All,
}

impl Job {
    /// The single jobs, in the order they run.
    pub const EACH: [Self; 6] = [
        Self::Fmt,
        Self::Clippy,
        Self::Docs,
        Self::Test,
        Self::Quickstart,
        Self::Freshness,
    ];

    /// The command line of a single job, as a shell takes it; `None` for what is not one.
    pub fn command_line(self) -> Option<&'static str> {
        match self {
            Self::Fmt => Some("cargo fmt --all --check"),
            Self::Clippy => {
                Some("cargo clippy --workspace --all-targets --all-features -- -D warnings")
            }
            Self::Docs => {
                Some("RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --all-features")
            }
            Self::Test => Some("cargo test --workspace"),
            Self::Quickstart => {
                Some("cargo run --package codex-client --all-features --example quickstart")
            }
            Self::Freshness => Some("cargo xtask generate-types --check"),
            Self::BuildCost | Self::All => None,
        }
    }
}

/// Runs a job, or all of them up to the first that fails.
///
/// # Errors
///
/// When a command cannot be started or fails.
pub fn run(job: Job) -> Result<()> {
    match (job, job.command_line()) {
        (_, Some(line)) => run_line(line),
        (Job::BuildCost, None) => build_cost::run(),
        (_, None) => Job::EACH.into_iter().try_for_each(run),
    }
}

fn run_line(line: &str) -> Result<()> {
    eprintln!("$ {line}");
    let mut words = line.split_whitespace().peekable();
    let mut variables = Vec::new();
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        variables.push((name, value));
        words.next();
    }
    let program = words.next().context("the command line is empty")?;
    let status = Command::new(program)
        .args(words)
        .envs(variables)
        .current_dir(workspace_root())
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    if status.success() {
        Ok(())
    } else {
        bail!("`{line}` failed ({status})")
    }
}
