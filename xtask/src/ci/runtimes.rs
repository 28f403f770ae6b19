//! The core of the behavior suite on older runtimes, and on the newest one of the day.
//!
//! The result is a table in the README. Runtimes are fetched one at a time and kept in a folder
//! that can be chosen; no other job needs them.

mod suite;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use codex_runtime::{Pin, Runtime};
use semver::Version;

use self::suite::Outcome as Results;
use crate::cli::Outcome;
use crate::{dumps, npm, runtime, workspace_root};

pub use table::{DOCUMENT, Row, rows};

/// The older runtimes that are tried: the oldest supported one, and one every few weeks since.
pub const OLDER: [Version; 5] = [
    Version::new(0, 133, 0),
    Version::new(0, 144, 4),
    Version::new(0, 149, 0),
    Version::new(0, 155, 1),
    Version::new(0, 163, 0),
];

/// The variable that names the folder of the runtimes.
const FOLDER: &str = "CODEX_RUNTIMES";

/// The arguments of `ci runtimes`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Options of `runtimes`")]
#[non_exhaustive]
pub struct Options {
    /// Write nothing: exit with 1 if the table in the README differs
    #[arg(long)]
    pub check: bool,
    /// Remove each runtime after its run
    #[arg(long)]
    pub delete: bool,
    /// Keep the runtimes there [default: what `CODEX_RUNTIMES` names, else target/codex-runtimes]
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Try these only, and report; the table is left alone
    #[arg(long, value_name = "VERSION")]
    pub only: Vec<Version>,
}

impl Options {
    /// Returns true if no option is given.
    pub fn is_default(&self) -> bool {
        !self.check && !self.delete && self.folder.is_none() && self.only.is_empty()
    }

    fn folder(&self) -> PathBuf {
        let named = || std::env::var_os(FOLDER).filter(|folder| !folder.is_empty());
        let chosen = self.folder.clone().or_else(|| named().map(PathBuf::from));
        chosen.unwrap_or_else(|| workspace_root().join("target/codex-runtimes"))
    }
}

/// Runs the suite on every runtime, prints the table, and writes or checks the README.
///
/// # Errors
///
/// When a runtime cannot be fetched or the suite not be built; when a scenario fails on one of the
/// supported runtimes. The newest runtime of the day is only reported.
pub(crate) fn run(options: &Options) -> Result<Outcome> {
    suite::build()?;
    if !options.only.is_empty() {
        let rows = options.only.iter().map(|version| older(version, options));
        println!("{}", table::render(&rows.collect::<Result<Vec<Row>>>()?));
        return Ok(Outcome::Done);
    }
    let pinned = Pin::current().version();
    let mut rows = Vec::new();
    for version in &OLDER {
        rows.push(older(version, options)?);
    }
    rows.push(row(pinned, &runtime::pinned()?)?);
    let table = table::render(&rows);
    println!("{table}");
    match newest(options) {
        Ok(report) => println!("{report}"),
        Err(error) => println!("The newest release was not tried: {error:#}"),
    }
    let failed: Vec<String> = rows.iter().flat_map(Row::failures).collect();
    if !failed.is_empty() {
        bail!(
            "scenarios fail on supported runtimes:\n{}",
            failed.join("\n")
        );
    }
    settle(&table, options.check)
}

/// Writes the table into the README, or compares.
fn settle(table: &str, check: bool) -> Result<Outcome> {
    let path = workspace_root().join(DOCUMENT);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let renewed = table::replaced(&text, table)?;
    if renewed == text {
        return Ok(Outcome::Done);
    }
    if check {
        eprintln!(
            "the table in {DOCUMENT} differs from what was found; `cargo xtask ci runtimes` \
             writes it"
        );
        return Ok(Outcome::Drift);
    }
    fs::write(&path, renewed).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Outcome::Done)
}

/// The newest release of the day against the code as it is.
fn newest(options: &Options) -> Result<String> {
    let pinned = Pin::current();
    let newest = npm::latest(pinned.package())?;
    if newest <= *pinned.version() {
        return Ok(format!("The newest release, {newest}, is pinned."));
    }
    let row = older(&newest, options)?;
    let mut report = format!(
        "The newest release, which is not pinned:\n\n{}",
        table::render(std::slice::from_ref(&row))
    );
    for failure in row.failures() {
        report.extend(["\n- ", &failure]);
    }
    Ok(report)
}

/// Fetches a runtime, tries it, and removes it if asked to.
fn older(version: &Version, options: &Options) -> Result<Row> {
    let folder = options.folder();
    let runtime = dumps::install(version, &folder)?;
    let row = row(version, &runtime);
    if options.delete {
        remove(&runtime, &folder)?;
    }
    row
}

fn row(version: &Version, runtime: &Runtime) -> Result<Row> {
    eprintln!("trying {version}");
    let results: Results = suite::run(runtime)?;
    Ok(Row::new(version, &results))
}

/// Removes the installation that a binary belongs to.
fn remove(runtime: &Runtime, folder: &Path) -> Result<()> {
    let inside = runtime.binary().strip_prefix(folder);
    let first = inside.ok().and_then(|path| path.components().next());
    let installation = folder.join(first.context("a runtime outside of its folder")?);
    fs::remove_dir_all(&installation)
        .with_context(|| format!("cannot remove {}", installation.display()))
}
