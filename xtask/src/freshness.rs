//! The one way files are written or checked: a plan in memory, then all of it or none.
//!
//! Does not know what is in the files or who made the plan.

mod check;
mod exchange;
mod lock;
mod report;
mod write;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

pub use check::{check, is_current};
pub use report::{Change, Drift};
pub use write::{STAGING, Written, write};

/// Every file below a folder, as paths relative to `base` with `/`. An absent folder is empty.
///
/// # Errors
///
/// When a folder cannot be read or a name is not UTF-8.
pub fn files_below(base: &Path, folder: &Path) -> Result<BTreeSet<String>> {
    let mut entries = entries_below(base, folder)?;
    entries.retain(|path| !path.ends_with('/'));
    Ok(entries)
}

/// Every file below a folder, and every empty folder with a `/` behind it.
fn entries_below(base: &Path, folder: &Path) -> Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let mut is_empty = true;
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            result => result.with_context(|| format!("cannot read {}", folder.display()))?,
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
            is_empty = false;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                files.insert(relative(base, &entry.path())?);
            }
        }
        if is_empty {
            files.insert(relative(base, &folder)? + "/");
        }
    }
    Ok(files)
}

fn relative(base: &Path, path: &Path) -> Result<String> {
    let parts: Option<Vec<&str>> = path
        .strip_prefix(base)?
        .components()
        .map(|component| component.as_os_str().to_str())
        .collect();
    match parts {
        Some(parts) => Ok(parts.join("/")),
        None => bail!(
            "the name of {} is not UTF-8; remove the file",
            path.display()
        ),
    }
}
