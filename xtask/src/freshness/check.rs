//! Comparing a plan with the disk. Writes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::{Change, Drift, entries_below};
use codegen::FileTree;

/// Compares the plan with what is below `base`: first the set of files, then what they are and
/// hold. Links, executable files and empty folders are no part of any plan.
///
/// # Errors
///
/// When something cannot be read; a difference is not an error.
pub fn check(base: &Path, plan: &FileTree) -> Result<Drift> {
    let mut drift = Drift {
        extra: extra_files(base, plan)?.into_iter().collect(),
        reasons: links_to_roots(base, plan),
        ..Drift::default()
    };
    for (path, expected) in plan.iter() {
        if let Some(reason) = wrong_kind(base, path)? {
            drift.reasons.push(reason);
            continue;
        }
        match current(base, path)? {
            None => drift.missing.push(path.to_owned()),
            Some(found) if found != expected.as_bytes() => {
                drift.changed.push(Change::new(path, &found, expected));
            }
            Some(_) => {}
        }
    }
    Ok(drift)
}

/// The files, links and empty folders that are in the plan's folders but not in the plan.
pub(super) fn extra_files(base: &Path, plan: &FileTree) -> Result<BTreeSet<String>> {
    let mut extra = BTreeSet::new();
    for root in plan.roots() {
        extra.extend(entries_below(base, &base.join(root))?);
    }
    extra.retain(|path| plan.get(path).is_none());
    Ok(extra)
}

/// Returns true if a planned file exists with these contents.
pub(super) fn is_right(base: &Path, path: &str, contents: &str) -> Result<bool> {
    let is_file = wrong_kind(base, path)?.is_none();
    Ok(is_file && current(base, path)?.as_deref() == Some(contents.as_bytes()))
}

/// Returns true if a file has this text; false if that cannot be read.
pub fn is_current(base: &Path, path: &str, text: &str) -> bool {
    let found = current(base, path).ok().flatten();
    found.is_some_and(|found| found == text.as_bytes())
}

/// The current contents of a file, if it exists.
fn current(base: &Path, path: &str) -> Result<Option<Vec<u8>>> {
    match fs::read(base.join(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result
            .map(Some)
            .with_context(|| format!("cannot read {path}")),
    }
}

/// The reason why a path cannot be a generated file, if there is one.
fn wrong_kind(base: &Path, path: &str) -> Result<Option<String>> {
    let metadata = match fs::symlink_metadata(base.join(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        result => result.with_context(|| format!("cannot read {path}"))?,
    };
    Ok(if metadata.is_symlink() {
        Some(format!("{path} is a link, not a file"))
    } else if is_executable(&metadata) {
        Some(format!("{path} is executable"))
    } else {
        None
    })
}

/// The folders of the plan that are reached through a link.
fn links_to_roots(base: &Path, plan: &FileTree) -> Vec<String> {
    let mut reasons = Vec::new();
    for root in plan.roots() {
        let mut folder = base.to_path_buf();
        for step in root.split('/') {
            folder.push(step);
            if folder.is_symlink() {
                reasons.push(format!(
                    "{root} is reached through a link, {}",
                    folder.display()
                ));
            }
        }
    }
    reasons
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.is_file() && metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}
