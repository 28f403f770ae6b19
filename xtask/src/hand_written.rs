//! The list of hand-written names that emitted code must leave alone, as a part of the plan.
//!
//! Finds the sources; what in them counts is decided by `codegen`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use codegen::{HandWritten, Part};

use crate::freshness::files_below;
use codegen::FileTree;

/// The folders of the sources, and what they are a part of.
const FOLDERS: [(&str, Part); 3] = [
    ("codex-types-core/src", Part::Models),
    ("codex-types/src", Part::Models),
    ("codex-client/src", Part::Client),
];

/// Plans the list for the sources below a workspace's root.
///
/// # Errors
///
/// When a source cannot be read or is not Rust.
pub fn plan(root: &Path) -> Result<FileTree> {
    let mut sources = Vec::new();
    for (folder, part) in FOLDERS {
        for path in files_below(root, &root.join(folder))? {
            let is_root = path == format!("{folder}/lib.rs") && part == Part::Models;
            let part = if is_root { Part::ModelsRoot } else { part };
            if is_generated(&path) || !has_extension(&path) {
                continue;
            }
            let text = fs::read_to_string(root.join(&path));
            let text = text.with_context(|| format!("cannot read {path}"))?;
            if part != Part::Client || text.contains("impl Client {") {
                sources.push((path, text, part));
            }
        }
    }
    let sources = sources.iter().map(|(path, text, part)| HandWritten {
        path,
        text,
        part: *part,
    });
    let (folder, _) = codegen::HAND_WRITTEN.rsplit_once('/').unwrap_or_default();
    let mut plan = FileTree::with_roots([folder]);
    let names = codegen::hand_written(&sources.collect::<Vec<_>>())?;
    plan.insert(codegen::HAND_WRITTEN, names);
    Ok(plan)
}

fn is_generated(path: &str) -> bool {
    path.split('/').any(|step| step == "generated")
}

fn has_extension(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "rs")
}
