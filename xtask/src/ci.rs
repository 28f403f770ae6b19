//! The jobs of continuous integration, one at a time or all of them.
//!
//! `.ci/run` holds the same commands for machines without a built xtask; a test compares them. A
//! job that cannot run, because a tool or a toolchain is missing, fails and names it.

mod browser;
pub(crate) mod command;
mod consumer;
mod dependencies;
mod features;
mod loopback;
mod manifest;
mod packages;
pub mod runtimes;
mod semver;
mod toolchains;
mod tools;

use anyhow::{Result, bail};

use crate::build_cost;
use crate::cli::Outcome;
use command::run_line;

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
    /// The tests of the runtime in a network without an outside; Linux
    Loopback,
    /// Generated files against a fresh generation
    Freshness,
    /// Every feature alone, none and all: lints and documentation
    Features,
    /// The packages that would be published: their files, and what cargo demands of them
    Packages,
    /// The packages as used from outside, with the examples of the README
    Consumer,
    /// Installs the tools of the three jobs that follow into the target folder
    Tools,
    /// Licences, sources and duplicates of the dependencies
    Licenses,
    /// Dependencies that nothing uses
    Unused,
    /// Spelling
    Typos,
    /// Known vulnerabilities of the dependencies; needs the network
    Advisories,
    /// The published crates with the oldest toolchain they support
    Msrv,
    /// The published crates for Windows and macOS
    Targets,
    /// The hand-written API against the latest release
    Semver,
    /// The models for WebAssembly, and the page that uses them; needs the target
    Wasm,
    /// The pages in a real browser; needs Chromium with its driver, and what `wasm` needs
    Browser,
    /// The core of the behavior suite on older runtimes, as a table in the README; not part of `all`
    Runtimes,
    /// Prints what it costs to build the models; not part of `all`
    BuildCost,
    /// Every job but the last two
    All,
}

impl Job {
    /// The single jobs, in the order they run.
    pub const EACH: [Self; 19] = [
        Self::Fmt,
        Self::Clippy,
        Self::Docs,
        Self::Test,
        Self::Loopback,
        Self::Freshness,
        Self::Features,
        Self::Packages,
        Self::Consumer,
        Self::Tools,
        Self::Licenses,
        Self::Unused,
        Self::Typos,
        Self::Advisories,
        Self::Msrv,
        Self::Targets,
        Self::Semver,
        Self::Wasm,
        Self::Browser,
    ];

    /// The jobs of `.ci/run`: those that need nothing but cargo, npm and the project's toolchain.
    pub fn is_in_script(self) -> bool {
        !matches!(
            self,
            Self::Advisories
                | Self::Msrv
                | Self::Targets
                | Self::Semver
                | Self::Wasm
                | Self::Browser
        )
    }

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
            Self::Loopback => Some("cargo xtask ci loopback"),
            Self::Freshness => Some("cargo xtask generate-types --check"),
            Self::Features => Some("cargo xtask ci features"),
            Self::Packages => Some("cargo xtask ci packages"),
            Self::Consumer => Some("cargo xtask ci consumer"),
            Self::Tools => Some("cargo xtask ci tools"),
            Self::Licenses => Some("cargo xtask ci licenses"),
            Self::Unused => Some("cargo xtask ci unused"),
            Self::Typos => Some("cargo xtask ci typos"),
            Self::Advisories => Some("cargo xtask ci advisories"),
            Self::Msrv => Some("cargo xtask ci msrv"),
            Self::Targets => Some("cargo xtask ci targets"),
            Self::Semver => Some("cargo xtask ci semver"),
            Self::Wasm => Some("cargo xtask ci wasm"),
            Self::Browser => Some("cargo xtask ci browser"),
            Self::Runtimes | Self::BuildCost | Self::All => None,
        }
    }
}

/// Runs a job, or all of them up to the first that fails.
///
/// # Errors
///
/// When a command cannot be started or fails.
pub fn run(job: Job, options: &runtimes::Options) -> Result<Outcome> {
    if job == Job::Runtimes {
        return runtimes::run(options);
    }
    if !options.is_default() {
        bail!("only the job `runtimes` has options");
    }
    run_one(job).map(|()| Outcome::Done)
}

fn run_one(job: Job) -> Result<()> {
    match job {
        Job::Loopback => loopback::run(),
        Job::Features => features::run(),
        Job::Packages => packages::run(),
        Job::Consumer => consumer::run(),
        Job::Tools => tools::install(&tools::OF_THE_SCRIPT),
        Job::Licenses => dependencies::licenses(),
        Job::Unused => dependencies::unused(),
        Job::Typos => dependencies::typos(),
        Job::Advisories => dependencies::advisories(),
        Job::Msrv => toolchains::msrv(),
        Job::Targets => toolchains::targets(),
        Job::Semver => semver::run(),
        Job::Wasm => browser::wasm(),
        Job::Browser => browser::pages(),
        Job::BuildCost => build_cost::run(),
        Job::All => Job::EACH.into_iter().try_for_each(run_one),
        Job::Fmt | Job::Clippy | Job::Docs | Job::Test | Job::Freshness | Job::Runtimes => {
            job.command_line().map_or(Ok(()), run_line)
        }
    }
}
