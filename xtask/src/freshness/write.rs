//! Bringing the disk in line with a plan.
//!
//! Everything is written beside its place first and only then renamed, so that a full disk or
//! a missing permission changes nothing; what was renamed is taken back when a later step
//! fails. Files that are right already are not touched.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use tempfile::TempPath;

use super::check::{current, extra_files};
use super::undo::Undo;
use crate::plan::Plan;

/// The outcome of a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// Files that were created or changed.
    pub written: Vec<String>,
    /// Stale files that were removed.
    pub removed: Vec<String>,
}

/// A file that is complete but not in its place yet; it is removed if it never gets there.
struct Staged<'a> {
    path: &'a str,
    file: TempPath,
}

/// Makes the disk below `base` agree with the plan: all of it, or nothing.
///
/// # Errors
///
/// When something cannot be written; no file has changed then.
pub fn write(base: &Path, plan: &Plan) -> Result<Written> {
    let extra = extra_files(base, plan)?;
    let staged = stage(base, plan).inspect_err(|_| remove_empty_folders(base, plan))?;
    let mut undo = Undo::default();
    let mut result = Written::default();
    for Staged { path, file } in staged {
        let target = base.join(path);
        undo.set_aside(&target)
            .with_context(|| format!("cannot replace {path}"))?;
        file.persist(target)
            .with_context(|| format!("cannot write {path}"))?;
        result.written.push(path.to_owned());
    }
    for path in extra {
        undo.set_aside(&base.join(&path))
            .with_context(|| format!("cannot remove {path}"))?;
        result.removed.push(path);
    }
    undo.keep();
    remove_empty_folders(base, plan);
    Ok(result)
}

fn stage<'a>(base: &Path, plan: &'a Plan) -> Result<Vec<Staged<'a>>> {
    let mut staged = Vec::new();
    for (path, contents) in plan.files() {
        if base.join(path).is_dir() {
            bail!("cannot write {path}: a folder is in its place; remove it");
        }
        if current(base, path)?.as_deref() == Some(contents.as_bytes()) {
            continue;
        }
        let file = stage_one(&base.join(path), contents)
            .with_context(|| format!("cannot write {path}"))?;
        staged.push(Staged { path, file });
    }
    Ok(staged)
}

fn stage_one(target: &Path, contents: &str) -> Result<TempPath> {
    let folder = target.parent().context("the path has no folder")?;
    let name = target.file_name().context("the path has no name")?;
    let beside = format!(".{}.new", name.to_string_lossy());
    fs::create_dir_all(folder)?;
    // Not a temporary file of the system's: those are private to the user, these are not.
    let file = TempPath::try_from_path(folder.join(beside))?;
    fs::write(&file, contents)?;
    Ok(file)
}

/// Removes what is left of folders without files. A folder that cannot be removed is in use by
/// someone, and no concern of a plan of files.
fn remove_empty_folders(base: &Path, plan: &Plan) {
    for root in plan.roots() {
        remove_if_empty(&base.join(root));
    }
}

fn remove_if_empty(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_if_empty(&entry.path());
        }
    }
    // Fails for a folder with something in it, which is the point.
    let _ = fs::remove_dir(folder);
}
