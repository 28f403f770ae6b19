//! The main job: from the schema of a runtime to Rust files, written or checked.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use codegen::{FileTree, parallel};
use codex_runtime::Pin;

use crate::cli::Outcome;
use crate::dump::Dump;
use crate::freshness::{self, Drift};
use crate::provenance::Provenance;
use crate::runtime::constants;
use crate::schema::history;
use crate::schema_files::{SCHEMA, schema_files};
use crate::{fixtures, hand_written, mentions, runtime, strays, workspace_root};

/// The arguments of `generate-types`.
#[derive(Debug, Clone, Default, clap::Args)]
#[non_exhaustive]
pub struct Options {
    /// Write nothing: compare with what is there, exit with 1 and a diff if it differs
    #[arg(long)]
    pub check: bool,
    /// Generate from this dump instead of the pinned runtime's
    #[arg(long, value_name = "DIR")]
    pub schema: Option<PathBuf>,
    /// Write the generated trees below this folder instead of the workspace
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// The files and the notices of a generation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Generation {
    /// The files.
    pub plan: FileTree,
    /// Remarks, in sentences.
    pub notices: Vec<String>,
    /// Rows of the generator's tables that match nothing in the dump.
    pub stale_rows: Vec<String>,
}

impl Generation {
    /// Generates from a dump.
    ///
    /// # Errors
    ///
    /// What the generator does not understand.
    pub fn of(dump: &Dump, runtime_version: &str) -> Result<Self> {
        Ok(Self::of_output(&output(dump, runtime_version)?))
    }

    /// The files and remarks of a generation.
    pub fn of_output(output: &codegen::Output) -> Self {
        Self {
            plan: output.tree.clone(),
            notices: output.notices.clone(),
            stale_rows: output.stale_rows.clone(),
        }
    }

    /// Dumps the pinned runtime's schema and generates from it.
    ///
    /// # Errors
    ///
    /// The errors of installing, dumping and generating.
    pub fn of_pinned_runtime() -> Result<Self> {
        Self::of(&dump_pinned()?, &Pin::current().version().to_string())
    }

    /// Like [`Generation::of_pinned_runtime`], with the schema itself: all that the workspace
    /// should hold.
    ///
    /// # Errors
    ///
    /// The errors of installing, dumping and generating.
    pub fn of_workspace() -> Result<Self> {
        let root = workspace_root();
        // What depends on the sources needs no dump: it is made while the runtime writes one.
        let (generation, own) =
            parallel::join(|| Self::with_schema(&root), || plan_of_sources(&root));
        let mut generation = generation?;
        generation.plan.extend(own?);
        generation.plan.extend(constants::plan(Pin::current()));
        generation.require_no_stale_rows()?;
        // Made by another command; what is written here must not remove it.
        if let Some(history) = history::text(&root)? {
            let path = format!("{SCHEMA}/{}", history::FILE);
            generation.plan.insert(path, history);
        }
        Ok(generation)
    }

    /// What is generated from the pinned runtime's schema, with the schema itself.
    fn with_schema(root: &Path) -> Result<Self> {
        let pin = Pin::current();
        let dump = dump_pinned()?;
        let (output, schema) = parallel::join(
            || output(&dump, &pin.version().to_string()),
            || schema_files(pin, &dump),
        );
        let output = output?;
        let mut generation = Self::of_output(&output);
        generation.plan.extend(schema?);
        let unknown = hand_written::unknown_methods(root, &output.inventory)?;
        generation.stale_rows.extend(unknown);
        Ok(generation)
    }

    /// The tables of the generator are about the pinned runtime: a row that matches nothing there
    /// is left over.
    fn require_no_stale_rows(&self) -> Result<()> {
        if self.stale_rows.is_empty() {
            return Ok(());
        }
        bail!(
            "rows that match nothing in the pinned runtime's schema: adapt or remove them\n{}",
            self.stale_rows.join("\n")
        );
    }

    fn of_folder(folder: &Path) -> Result<Self> {
        let dump = Dump::read(folder)?;
        let provenance = Provenance::read(folder)?;
        let version = provenance
            .as_ref()
            .map_or("unknown", |provenance| &provenance.runtime_version);
        let mut generation = Self::of(&dump, version)?;
        match &provenance {
            None => generation.notices.push(
                "the dump does not tell the runtime's version: it is generated as `unknown`"
                    .to_owned(),
            ),
            Some(provenance) => {
                let differing = provenance.differing(&dump)?.into_iter();
                generation.notices.extend(differing.map(|name| {
                    format!("{name} is not what the provenance of this dump describes")
                }));
            }
        }
        Ok(generation)
    }
}

/// What is generated from sources of the workspace, without a schema.
fn plan_of_sources(root: &Path) -> Result<FileTree> {
    let mut plan = hand_written::plan(root)?;
    plan.extend(fixtures::plan(root)?);
    Ok(plan)
}

fn output(dump: &Dump, runtime_version: &str) -> Result<codegen::Output> {
    let root = workspace_root();
    let inputs = dump.to_inputs(runtime_version, history::text(&root)?);
    let is_current = |path: &str, text: &str| freshness::is_current(&root, path, text);
    Ok(codegen::generate_over(&inputs, &is_current)?)
}

/// Compares `schema/`, its provenance and all generated files of a workspace with a fresh dump of
/// the pinned runtime. Writes nothing.
///
/// # Errors
///
/// The errors of installing, dumping, generating and reading; a difference is not an error.
pub fn check_workspace(root: &Path) -> Result<Drift> {
    let drift = check_pin(root, Pin::current());
    if !drift.is_empty() {
        return Ok(drift);
    }
    let plan = Generation::of_workspace()?.plan;
    let (drift, strays) = parallel::join(
        || freshness::check(root, &plan),
        || strays::strays(root, &plan),
    );
    let mut drift = drift?;
    let version = Pin::current().version();
    drift.reasons.extend(mentions::wrong(root, version));
    drift.reasons.extend(
        strays?
            .into_iter()
            .map(|path| format!("{path} has the mark of a generated file, and is none: remove it")),
    );
    Ok(drift)
}

fn dump_pinned() -> Result<Dump> {
    Dump::of_runtime(&runtime::pinned()?)
}

/// Compares the pin with the provenance of `schema/`. Needs no runtime: a pin that was just changed
/// is reported as such, before anything is fetched for it.
pub fn check_pin(root: &Path, pin: &Pin) -> Drift {
    let mut drift = Drift::default();
    match Provenance::read(&root.join(SCHEMA)) {
        Ok(Some(provenance)) => drift.reasons.extend(provenance.difference(pin)),
        Ok(None) => {}
        Err(error) => drift.reasons.push(format!("{error:#}")),
    }
    drift
}

/// Runs the command.
///
/// # Errors
///
/// Everything that keeps it from generating, comparing or writing.
pub fn run(options: &Options) -> Result<Outcome> {
    let root = workspace_root();
    let base = options.out.as_deref().unwrap_or(&root);
    if options.check {
        return Ok(report(&check(options, &root, base)?));
    }
    if options.schema.is_none() && options.out.is_none() {
        verify_new_archives(&root, Pin::current())?;
    }
    let generation = generate(options)?;
    for notice in &generation.notices {
        eprintln!("notice: {notice}");
    }
    let written = freshness::write(base, &generation.plan)?;
    println!(
        "{} files in {}: {} written, {} removed",
        generation.plan.iter().count(),
        base.display(),
        written.written.len(),
        written.removed.len()
    );
    Ok(Outcome::Done)
}

/// Verifies the archives that are pinned otherwise than at the last generation: on this platform
/// nothing else would notice a wrong hash of another one.
///
/// # Errors
///
/// When an archive cannot be fetched, or is not the pinned one.
pub fn verify_new_archives(root: &Path, pin: &Pin) -> Result<()> {
    // Without a provenance nothing was generated before that could differ.
    let known = Provenance::read(&root.join(SCHEMA)).ok().flatten();
    let targets = known.map_or_else(Vec::new, |known| known.other_archives(pin));
    runtime::archives::verify(pin, targets)
}

/// `schema/` belongs to the workspace: it is not part of a generation into another folder.
fn generate(options: &Options) -> Result<Generation> {
    match (&options.schema, &options.out) {
        (Some(folder), _) => Generation::of_folder(folder),
        (None, Some(_)) => Generation::of_pinned_runtime(),
        (None, None) => Generation::of_workspace(),
    }
}

fn check(options: &Options, root: &Path, base: &Path) -> Result<Drift> {
    if options.schema.is_none() && options.out.is_none() {
        check_workspace(root)
    } else {
        freshness::check(base, &generate(options)?.plan)
    }
}

fn report(drift: &Drift) -> Outcome {
    if drift.is_empty() {
        return Outcome::Done;
    }
    eprintln!("{drift}");
    Outcome::Drift
}
