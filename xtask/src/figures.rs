//! Measures the costs that the documents state, beside bare loops and the crates of others.
//!
//! The measures are a program of their own, apart from the workspace: `figures/`. This builds it,
//! runs it in interleaved rounds, and writes the medians with the ratios and the state of the
//! machine to `docs/`.

mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::build_cost::usage;
use crate::ci::command;
use crate::workspace_root;

/// Options of `cargo xtask figures`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The folder for `figures.md` and the plots
    #[arg(long, value_name = "DIR", default_value = "docs")]
    out: PathBuf,
    /// Rounds of every measure; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// Events of a stream, and lines that are decoded, in each round.
const EVENTS: &str = "200000";
/// The ways to read a stream.
const WAYS: [&str; 11] = [
    "lines",
    "types",
    "async",
    "threads",
    "blocking",
    "codes",
    "sdk",
    "turns-100",
    "turns-1000",
    "router-1",
    "router-1000",
];
const CORPORA: [&str; 2] = ["corpus", "deltas"];
const MEMORY: [&str; 7] = [
    "unread",
    "image",
    "images",
    "steer",
    "thread-8",
    "thread-64",
    "thread-200",
];
/// The ways to make requests, one after the other, and the number of them.
const CALLERS: [&str; 8] = [
    "async",
    "spawned",
    "threads",
    "threads-main",
    "blocking",
    "codes",
    "codes-deadline",
    "codes-threads-main",
];
const CALLS: &str = "20000";
/// The packages whose build is measured, by name.
const BUILDS: [(&str, &[&str]); 4] = [
    ("models", &["codex-types-core", "codex-types"]),
    ("client", &["codex-client"]),
    ("codex-codes", &["codex-codes"]),
    ("codex-app-server-sdk", &["codex-app-server-sdk"]),
];
/// The packages whose dependencies are counted, by name, with the arguments that select them.
const CRATES: [(&str, &[&str]); 5] = [
    ("codex-types", &["-p", "codex-types"]),
    ("codex-client", &["-p", "codex-client"]),
    (
        "codex-client blocking",
        &[
            "-p",
            "codex-client",
            "--no-default-features",
            "--features",
            "blocking",
        ],
    ),
    ("codex-codes", &["-p", "codex-codes"]),
    ("codex-app-server-sdk", &["-p", "codex-app-server-sdk"]),
];
/// No further round of builds begins after this time.
const BUILD_TIME: Duration = Duration::from_secs(5 * 60);

/// The values of each measure, one for each round.
type Values = BTreeMap<String, Vec<f64>>;

/// Measures everything and writes the report.
///
/// # Errors
///
/// Returns an error if a measure cannot be built, fails, or cannot be written.
pub(crate) fn run(options: &Options) -> Result<()> {
    let folder = workspace_root().join("figures");
    let target = workspace_root().join("target/figures");
    command::run(&mut cargo("build", &folder, &target, true))?;
    let program = target.join("release/codex-figures");
    let load = load();
    let mut values = Values::new();
    for round in 1..=options.rounds.max(1) {
        eprintln!("round {round} of {}", options.rounds);
        measure(&program, &mut values)?;
    }
    count_crates(&folder, &mut values)?;
    measure_builds(&folder, &target, options.rounds, &mut values)?;
    let out = workspace_root().join(&options.out);
    std::fs::create_dir_all(&out).context("cannot make the folder of the report")?;
    report::write(&out, &values, &load)
}

/// One round of everything that runs, interleaved.
fn measure(program: &Path, values: &mut Values) -> Result<()> {
    for way in WAYS {
        let text = command::output(Command::new(program).args(["stream", way, EVENTS]))?;
        add(values, &format!("stream {way}"), &text)?;
    }
    for way in CALLERS {
        let text = command::output(Command::new(program).args(["calls", way, CALLS]))?;
        add(values, &format!("calls {way}"), &text)?;
    }
    let text = command::output(Command::new(program).args(["slow", EVENTS]))?;
    add_lines(values, "slow", &text)?;
    for corpus in CORPORA {
        let text = command::output(Command::new(program).args(["decode", corpus, EVENTS]))?;
        add_lines(values, corpus, &text)?;
    }
    for what in MEMORY {
        let text = command::output(Command::new(program).args(["memory", what]))?;
        add(values, &format!("memory {what}"), &text)?;
    }
    Ok(())
}

/// Adds the value of each line, which begins with its name.
fn add_lines(values: &mut Values, prefix: &str, text: &str) -> Result<()> {
    for line in text.lines() {
        let (name, value) = line.split_once(' ').context("a name and its value")?;
        add(values, &format!("{prefix} {name}"), value)?;
    }
    Ok(())
}

fn add(values: &mut Values, name: &str, text: &str) -> Result<()> {
    let value = text.trim().parse();
    let value: f64 = value.with_context(|| format!("{name}: not a number: {text}"))?;
    values.entry(name.to_owned()).or_default().push(value);
    Ok(())
}

/// The number of crates in the tree of each package, itself included.
fn count_crates(folder: &Path, values: &mut Values) -> Result<()> {
    for (name, arguments) in CRATES {
        let is_own = workspace_root().join(arguments[1]).is_dir();
        let mut cargo = Command::new("cargo");
        cargo.args([
            "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}",
        ]);
        cargo.args(arguments).current_dir(if is_own {
            workspace_root()
        } else {
            folder.into()
        });
        let tree = command::output(&mut cargo)?;
        let names = tree.lines().filter_map(|line| line.split(" (").next());
        let crates: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
        add(values, &format!("crates {name}"), &crates.len().to_string())?;
    }
    Ok(())
}

/// CPU seconds of the compiler for the packages alone; their dependencies are built already.
fn measure_builds(folder: &Path, target: &Path, rounds: usize, values: &mut Values) -> Result<()> {
    let begin = Instant::now();
    for profile in [false, true] {
        command::run(&mut cargo("build", folder, target, profile))?;
    }
    for round in 0..rounds.max(1) {
        if round > 0 && begin.elapsed() > BUILD_TIME {
            break;
        }
        for (name, packages) in BUILDS {
            for (is_release, profile) in [(false, "debug"), (true, "release")] {
                let packages = || packages.iter().flat_map(|package| ["--package", package]);
                command::run(cargo("clean", folder, target, is_release).args(packages()))?;
                let before = usage::of_children()?.user_time;
                command::run(cargo("build", folder, target, is_release).args(packages()))?;
                let time = usage::of_children()?.user_time.saturating_sub(before);
                let name = format!("build {name} {profile}");
                values.entry(name).or_default().push(time.as_secs_f64());
            }
        }
    }
    Ok(())
}

fn cargo(subcommand: &str, folder: &Path, target: &Path, is_release: bool) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args([subcommand, "--quiet", "--target-dir"])
        .arg(target);
    if is_release {
        cargo.arg("--release");
    }
    cargo.env("CARGO_INCREMENTAL", "0").current_dir(folder);
    cargo
}

/// The cores and the load of the machine, in words.
fn load() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    format!("{cores} cores, load {load} at the start")
}
