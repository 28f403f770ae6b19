//! The cost of building the models: processor time, memory and crates.
//!
//! Only the crates of the models are built while it is measured; their dependencies are built
//! before. Times depend on the machine, so this is no part of what every change has to pass.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::workspace_root;

/// The crate that people depend on.
const PACKAGE: &str = "codex-types";

/// Its generated crates, itself included, in the order of the builds.
const PACKAGES: [&str; 2] = ["codex-types-core", PACKAGE];

/// Prints the figures beside what they should stay below.
///
/// # Errors
///
/// When a goal is missed, when cargo cannot be started or fails, or when the system does not
/// report the resources its processes used.
pub(crate) fn run() -> Result<()> {
    let target = tempfile::Builder::new()
        .prefix("build-cost-")
        .tempdir()
        .context("cannot make a folder for the builds")?;
    let debug = build_time(target.path(), &[])?;
    let release = build_time(target.path(), &["--release"])?;
    let memory = u32::try_from(usage::of_children()?.peak_memory / 1_000_000)?;
    println!(
        "{}, dependencies built, not incremental:",
        PACKAGES.join(" and ")
    );
    let (debug, release) = (debug.as_secs_f64(), release.as_secs_f64());
    let figures = [
        Figure::new("debug", debug, 15, "s user, the crates of the models"),
        Figure::new("release", release, 35, "s user, the crates of the models"),
        Figure::new(
            "memory",
            memory,
            800,
            "MB, the largest process of both builds",
        ),
        Figure::new("crates", crates()?, 10, "in the default tree"),
    ];
    for figure in &figures {
        println!("  {figure}");
    }
    let missed = figures.iter().filter(|figure| figure.is_missed());
    match missed.count() {
        0 => Ok(()),
        missed => bail!("{missed} of {} goals missed", figures.len()),
    }
}

/// The measured values beside their goals.
struct Figure {
    name: &'static str,
    value: f64,
    goal: u32,
    unit: &'static str,
}

impl Figure {
    fn new(name: &'static str, value: impl Into<f64>, goal: u32, unit: &'static str) -> Self {
        Self {
            name,
            value: value.into(),
            goal,
            unit,
        }
    }

    fn is_missed(&self) -> bool {
        self.value > f64::from(self.goal)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, goal, unit, ..
        } = self;
        let value = (self.value * 10.0).round() / 10.0;
        let verdict = if self.is_missed() { "MISSED" } else { "met" };
        write!(
            formatter,
            "{name:<8}{value:>6}  goal {goal:>3}: {verdict:<7} {unit}"
        )
    }
}

/// The processor time that cargo and the compiler spend on the models alone.
fn build_time(target: &Path, profile: &[&str]) -> Result<Duration> {
    cargo("build", target, profile)?;
    cargo("clean", target, profile)?;
    let before = usage::of_children()?.user_time;
    cargo("build", target, profile)?;
    Ok(usage::of_children()?.user_time.saturating_sub(before))
}

fn cargo(command: &str, target: &Path, profile: &[&str]) -> Result<()> {
    let status = Command::new("cargo")
        .args([command, "--quiet"])
        .args(PACKAGES.iter().flat_map(|package| ["--package", package]))
        .args(profile)
        .arg("--target-dir")
        .arg(target)
        .env("CARGO_INCREMENTAL", "0")
        .current_dir(workspace_root())
        .status()
        .with_context(|| format!("cannot start `cargo {command}`"))?;
    if !status.success() {
        bail!(
            "`cargo {command}` of {} failed ({status})",
            PACKAGES.join(" and ")
        );
    }
    Ok(())
}

/// The number of crates that a user of the package builds.
fn crates() -> Result<u32> {
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
    Ok(u32::try_from(lines.lines().collect::<BTreeSet<_>>().len())?)
}

/// Resources used by the processes that this one waited for, and by their children.
pub(crate) mod usage {
    use std::time::Duration;

    /// The sum of their times, and the memory of the largest.
    pub(crate) struct Usage {
        pub(crate) user_time: Duration,
        /// In bytes.
        pub(crate) peak_memory: u64,
    }

    #[cfg(unix)]
    pub(crate) fn of_children() -> anyhow::Result<Usage> {
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
    pub(crate) fn of_children() -> anyhow::Result<Usage> {
        anyhow::bail!("only Unix tells what processes have used: run this job there");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_that_is_missed_is_marked() {
        let kept = Figure::new("memory", 800, 800, "MB");
        assert_eq!(kept.to_string(), "memory     800  goal 800: met     MB");
        let missed = Figure::new("debug", 15.1, 15, "s");
        assert_eq!(missed.to_string(), "debug     15.1  goal  15: MISSED  s");
    }
}
