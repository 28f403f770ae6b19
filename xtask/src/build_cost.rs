//! What it costs to build the models: processor time, memory and crates.
//!
//! Only `codex-types` is built while it is measured; its dependencies are built before. The
//! figures depend on the machine, so nothing fails here: they are for people to compare.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::workspace_root;

const PACKAGE: &str = "codex-types";

/// Prints the figures beside what they should stay below.
///
/// # Errors
///
/// When cargo cannot be started or fails, or the system does not tell what its processes used.
pub(crate) fn run() -> Result<()> {
    let target = tempfile::Builder::new()
        .prefix("build-cost-")
        .tempdir()
        .context("cannot make a folder for the builds")?;
    let debug = build_time(target.path(), &[])?;
    let release = build_time(target.path(), &["--release"])?;
    let memory = usage::of_children()?.peak_memory;
    println!("{PACKAGE}, dependencies built, not incremental:");
    println!(
        "  debug    {:>6.1} s user   (goal 15 s)",
        debug.as_secs_f64()
    );
    println!(
        "  release  {:>6.1} s user   (goal 35 s)",
        release.as_secs_f64()
    );
    println!(
        "  memory   {:>6} MB peak  (goal 800 MB)",
        memory / 1_000_000
    );
    println!(
        "  crates   {:>6} in the default tree, this one included (goal 10)",
        crates()?
    );
    Ok(())
}

/// The processor time that cargo and the compiler spend on the package alone.
fn build_time(target: &Path, profile: &[&str]) -> Result<Duration> {
    cargo("build", target, profile)?;
    cargo("clean", target, profile)?;
    let before = usage::of_children()?.user_time;
    cargo("build", target, profile)?;
    Ok(usage::of_children()?.user_time.saturating_sub(before))
}

fn cargo(command: &str, target: &Path, profile: &[&str]) -> Result<()> {
    let status = Command::new("cargo")
        .args([command, "--quiet", "--package", PACKAGE])
        .args(profile)
        .arg("--target-dir")
        .arg(target)
        .env("CARGO_INCREMENTAL", "0")
        .current_dir(workspace_root())
        .status()
        .with_context(|| format!("cannot start `cargo {command}`"))?;
    if !status.success() {
        bail!("`cargo {command} --package {PACKAGE}` failed ({status})");
    }
    Ok(())
}

/// How many crates a user of the package builds.
fn crates() -> Result<usize> {
    let output = Command::new("cargo")
        .args(["tree", "--package", PACKAGE, "--edges", "normal"])
        .args(["--prefix", "none", "--no-dedupe"])
        .current_dir(workspace_root())
        .output()
        .context("cannot start `cargo tree`")?;
    if !output.status.success() {
        bail!("`cargo tree` failed ({})", output.status);
    }
    let lines = String::from_utf8(output.stdout).context("`cargo tree` does not write text")?;
    Ok(lines.lines().collect::<BTreeSet<_>>().len())
}

/// What the processes that this one waited for have used, theirs included.
mod usage {
    use std::time::Duration;

    /// The sum of their times, and the memory of the largest.
    pub(super) struct Usage {
        pub(super) user_time: Duration,
        /// In bytes.
        pub(super) peak_memory: u64,
    }

    #[cfg(unix)]
    pub(super) fn of_children() -> anyhow::Result<Usage> {
        use anyhow::Context as _;
        use nix::sys::resource::{UsageWho, getrusage};
        use nix::sys::time::TimeValLike as _;

        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
            .context("the system does not tell what its processes used")?;
        let microseconds = usage.user_time().num_microseconds();
        // Kilobytes everywhere but on macOS.
        let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        Ok(Usage {
            user_time: Duration::from_micros(u64::try_from(microseconds)?),
            peak_memory: u64::try_from(usage.max_rss())? * unit,
        })
    }

    #[cfg(not(unix))]
    pub(super) fn of_children() -> anyhow::Result<Usage> {
        anyhow::bail!("only Unix tells what processes have used: run this job there");
    }
}
