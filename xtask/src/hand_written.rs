//! The hand-written sources as the generator sees them: the names that emitted code must leave
//! alone, as a part of the plan, and the methods that the sources name.
//!
//! Finds the sources; what in them counts is decided by `codegen`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use codegen::{HandWritten, Inventory, Part, parallel};

use crate::freshness::files_below;
use codegen::FileTree;

/// The folders of the sources, and what they are a part of.
const FOLDERS: [(&str, Part); 3] = [
    ("codex-types-core/src", Part::Models),
    ("codex-types/src", Part::Models),
    ("codex-client/src", Part::Client),
];

/// The folders of sources that refer to methods of the protocol by their names.
const BY_METHOD: [&str; 3] = [
    "codex-client/src",
    "codex-testing/src",
    "codex-types-core/src",
];

/// The methods that sources name and the protocol does not have, with the file of each.
///
/// # Errors
///
/// When a source cannot be read or is not Rust.
pub fn unknown_methods(root: &Path, inventory: &Inventory) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for folder in BY_METHOD {
        paths.extend(sources_below(root, folder)?);
    }
    let unknown = parallel::map(&paths, |path| {
        let text = read(root, path)?;
        let unknown = codegen::unknown_methods(path, &text, inventory)?.into_iter();
        let rows = unknown.map(|method| format!("{path}: the method `{method}`"));
        anyhow::Ok(rows.collect::<Vec<_>>())
    });
    let rows: Vec<Vec<String>> = unknown.into_iter().collect::<Result<_>>()?;
    Ok(rows.concat())
}

/// Plans the list for the sources below a workspace's root.
///
/// # Errors
///
/// When a source cannot be read or is not Rust.
pub fn plan(root: &Path) -> Result<FileTree> {
    let mut sources = Vec::new();
    for (folder, part) in FOLDERS {
        for path in sources_below(root, folder)? {
            let is_root = path == format!("{folder}/lib.rs") && part == Part::Models;
            let part = if is_root { Part::ModelsRoot } else { part };
            let text = read(root, &path)?;
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

/// The hand-written sources below a folder.
fn sources_below(root: &Path, folder: &str) -> Result<impl Iterator<Item = String>> {
    let files = files_below(root, &root.join(folder))?.into_iter();
    Ok(files.filter(|path| has_extension(path) && !is_generated(path)))
}

fn read(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))
}

fn is_generated(path: &str) -> bool {
    path.split('/').any(|step| step == "generated")
}

fn has_extension(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "rs")
}
