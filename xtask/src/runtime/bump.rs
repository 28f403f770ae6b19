//! Moves the workspace to another runtime in one command.
//!
//! Everything is found out before anything is written: the archives of all platforms are fetched
//! and checked, the schema is dumped, the history extended, the models generated. Then all files
//! are written at once, or none. Tests are left to the caller.

mod pin_file;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use codegen::FileTree;
use codegen::diff::{self, Diff, Format};
use codegen::history::History;
use codex_runtime::{Environment, Installer, Pin};

use crate::cli::Outcome;
use crate::dump::Dump;
use crate::dumps::{self, Source};
use crate::generate::Generation;
use crate::progress::Terminal;
use crate::runtime::{archives, constants};
use crate::schema::history;
use crate::schema_files::{SCHEMA, schema_files};
use crate::{fixtures, freshness, hand_written, mentions, npm, workspace_root};

/// The arguments of `runtime bump`.
#[derive(Debug, Clone, clap::Args)]
#[non_exhaustive]
pub struct Options {
    /// The runtime to move to
    #[arg(default_value = "latest")]
    pub version: String,
    /// Write the report there, as Markdown
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Leave out what the tables of the generator name and the runtime lacks, instead of
    /// stopping; to move to an older runtime
    #[arg(long)]
    pub lenient: bool,
    /// Do not fetch the archives of other platforms: the integrity that the registry states for
    /// them is written unchecked. For drills
    #[arg(long)]
    pub host_only: bool,
}

/// Runs the command.
///
/// # Errors
///
/// The errors of npm, of fetching, checking, dumping and generating. Nothing has changed then.
pub fn run(options: &Options) -> Result<Outcome> {
    let root = workspace_root();
    let Source::Version(version) = Source::parse(&options.version)? else {
        bail!("a folder cannot be pinned; name a version");
    };
    let old = pin_file::read(&root)?;
    if *old.pin.version() == version {
        println!("{version} is pinned already");
        return Ok(Outcome::Done);
    }
    let pinned = old.moved_to(&version, |archive| {
        npm::integrity(old.pin.package(), archive)
    })?;
    if !options.host_only {
        let targets = pinned.pin.archives().map(|(target, _)| target);
        archives::verify(&pinned.pin, targets)?;
    }
    let moved = Move::prepare(&root, &old.pin, &pinned, options.lenient)?;
    let written = freshness::write(&root, &moved.plan)?;
    println!(
        "{} files written, {} removed",
        written.written.len(),
        written.removed.len()
    );
    for review in &moved.reviews {
        println!("review: {review}");
    }
    let (from, to) = (old.pin.version().to_string(), version.to_string());
    let render = |format| moved.diff.render(&from, &to, format);
    if let Some(file) = &options.report {
        let text = render(Format::Markdown) + &reviews(&moved.reviews);
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    println!("\n{}\n{NEXT}", render(Format::Text));
    Ok(Outcome::Done)
}

const NEXT: &str = "\
Next: read the report; accept the snapshots of the inventory and read their diff
(INSTA_UPDATE=always cargo test -p codegen --test it); cargo test --workspace; commit.";

fn reviews(reviews: &[String]) -> String {
    let lines = reviews.iter().map(|review| format!("- {review}\n"));
    let lines: String = lines.collect();
    match reviews.len() {
        0 => "\nNothing to review beside the snapshots.\n".to_owned(),
        _ => format!("\n## To review\n\n{lines}"),
    }
}

/// Everything that a move writes and reports.
struct Move {
    plan: FileTree,
    reviews: Vec<String>,
    diff: Diff,
}

impl Move {
    fn prepare(root: &Path, old: &Pin, new: &pin_file::PinFile, lenient: bool) -> Result<Self> {
        let dump = dump(&new.pin)?;
        let version = new.pin.version();
        let known = history::text(root)?;
        let known = known.as_deref().map(History::parse).transpose()?;
        let history = history::up_to(known, version)?.render();
        let before = Source::Version(old.version().clone());
        let before = before.inventory_with(Some(history.clone()))?;
        let mut inputs = dump.to_inputs(&version.to_string(), Some(history.clone()));
        inputs.unreviewed_runtime = lenient;
        let output = codegen::generate(&inputs).with_context(|| {
            format!("{version} needs changes of the generator first; nothing was changed")
        })?;
        let mut stale_rows = output.stale_rows.clone();
        stale_rows.extend(hand_written::unknown_methods(root, &output.inventory)?);
        if !stale_rows.is_empty() && !lenient {
            bail!(
                "rows that match nothing in {version}: adapt or remove them, nothing was \
                 changed\n{}",
                stale_rows.join("\n")
            );
        }
        let mut plan = Generation::of_output(&output).plan;
        plan.extend(schema_files(&new.pin, &dump)?);
        plan.extend(hand_written::plan(root)?);
        plan.extend(fixtures::plan(root)?);
        plan.insert(format!("{SCHEMA}/{}", history::FILE), history);
        plan.insert(pin_file::PATH, new.text.clone());
        plan.extend(constants::plan(&new.pin));
        for (path, text) in mentions::moved(root, old.version(), version)? {
            plan.insert(path, text);
        }
        let diff = diff::compare(&before, &codegen::inspect(&inputs)?);
        Ok(Self {
            plan,
            reviews: output.notices,
            diff,
        })
    }
}

/// Installs the runtime where it stays, and keeps its dump.
fn dump(pin: &Pin) -> Result<Dump> {
    let installer = Installer::new(&Environment::from_process())?.with_pin(pin.clone());
    let runtime = installer.install(&mut Terminal::new())?;
    Dump::read(&dumps::keep_of(pin.version(), &runtime)?)
}
