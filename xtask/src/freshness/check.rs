//! Comparing a plan with the disk. Writes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::{Change, Drift, files_below};
use crate::plan::Plan;

/// Compares the plan with what is below `base`: first the set of files, then their contents.
///
/// # Errors
///
/// When something cannot be read; a difference is not an error.
pub fn check(base: &Path, plan: &Plan) -> Result<Drift> {
    let mut drift = Drift {
        extra: extra_files(base, plan)?.into_iter().collect(),
        ..Drift::default()
    };
    for (path, expected) in plan.files() {
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

/// The files that are in the plan's folders but not in the plan.
pub(super) fn extra_files(base: &Path, plan: &Plan) -> Result<BTreeSet<String>> {
    let mut extra = BTreeSet::new();
    for root in plan.roots() {
        extra.extend(files_below(base, &base.join(root))?);
    }
    extra.retain(|path| !plan.contains(path));
    Ok(extra)
}

/// The current contents of a file, if it exists.
pub(super) fn current(base: &Path, path: &str) -> Result<Option<Vec<u8>>> {
    match fs::read(base.join(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result
            .map(Some)
            .with_context(|| format!("cannot read {path}")),
    }
}
