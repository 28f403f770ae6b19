//! The recorded corpus: sessions of the pinned runtime, made by the behavior suite, in which
//! everything that differs from run to run is replaced.
//!
//! From them follow the rules about empty fields that no dump states. Does not know what a session
//! is about.

mod neutral;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use codegen::FileTree;
use codegen::evidence::{self, Evidence};
use codex_runtime::Pin;

use crate::cli::Outcome;
use crate::dump::Dump;
use crate::freshness;
use crate::schema::history;
use crate::schema_files::SCHEMA;
use crate::workspace_root;

/// The folder of the recordings, below the root of the workspace.
const FOLDER: &str = "codex-types/tests/corpus/recorded";

/// The corpus commands.
#[derive(Debug, Clone, clap::Subcommand)]
#[non_exhaustive]
pub(crate) enum Corpus {
    /// Records the corpus again: runs the behavior suite on the pinned runtime
    Record,
    /// Compares the rules about empty fields with the corpus; fails if a rule is missing or unproved
    Rules,
}

/// Runs a command.
///
/// # Errors
///
/// When the suite cannot be built or fails, or a file cannot be read or written.
pub(crate) fn run(command: &Corpus) -> Result<Outcome> {
    let root = workspace_root();
    if matches!(command, Corpus::Record) {
        let written = freshness::write(&root, &record()?)?;
        println!(
            "{} recordings in {FOLDER} written, {} removed",
            written.written.len(),
            written.removed.len()
        );
    }
    Ok(report(&evidence(&root)?))
}

/// Runs the suite and reads what it has recorded.
fn record() -> Result<FileTree> {
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    let mut suite = Command::new("cargo");
    suite.args([
        "test",
        "--package",
        "codex-client",
        "--test",
        "behaviour",
        "--",
    ]);
    // One API stands for both; many streams at once show nothing that one does not.
    suite.args([
        "--skip",
        "blocking_",
        "--skip",
        "names::",
        "--skip",
        "sixty_four",
    ]);
    let status = suite
        .env("CODEX_RECORD", folder.path())
        .env_remove("CODEX_BIN")
        .current_dir(workspace_root())
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("the suite failed ({status}); nothing was written");
    }
    let mut plan = FileTree::with_roots([FOLDER]);
    let mut known = BTreeSet::new();
    for file in freshness::files_below(folder.path(), folder.path())? {
        let text = read(&folder.path().join(&file))?;
        let session = neutral::session(&text).with_context(|| format!("the recording {file}"))?;
        // Most sessions begin alike: kept are those that show something new.
        let shapes = neutral::shapes(&session)?;
        if !shapes.is_subset(&known) {
            known.extend(shapes);
            plan.insert(format!("{FOLDER}/{}", short(&file)), session);
        }
    }
    Ok(plan)
}

/// `streams-joined-1.jsonl` of `async_face-streams-joined-1.jsonl`.
fn short(file: &str) -> &str {
    let rest = file.strip_prefix("async_");
    rest.and_then(|rest| rest.split_once('-'))
        .map_or(file, |(_, name)| name)
}

fn evidence(root: &Path) -> Result<Evidence> {
    let dump = Dump::read(&root.join(SCHEMA))?;
    let version = Pin::current().version().to_string();
    let inputs = dump.to_inputs(&version, history::text(root)?);
    let folder = root.join(FOLDER);
    let mut messages = Vec::new();
    for file in freshness::files_below(&folder, &folder)? {
        let session = evidence::session(&file, &read(&folder.join(&file))?);
        messages.extend(session.with_context(|| format!("{FOLDER}/{file} is damaged"))?);
    }
    Ok(evidence::observe(&inputs, &messages)?)
}

/// Prints what the rules have to be.
fn report(evidence: &Evidence) -> Outcome {
    let contradictions = evidence.contradictions();
    for contradiction in &contradictions {
        println!("{contradiction}");
    }
    let unproved: BTreeSet<String> = evidence.unproved();
    for row in &unproved {
        println!("no recorded message proves the row {row} of codegen/src/fixups/wire.rs");
    }
    println!(
        "{} fields seen empty, {} contradict a rule, {} rules without a proof",
        evidence.fields.len(),
        contradictions.len(),
        unproved.len()
    );
    if contradictions.is_empty() && unproved.is_empty() {
        Outcome::Done
    } else {
        Outcome::Drift
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
