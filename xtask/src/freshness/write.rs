//! Bringing the disk in line with a plan.
//!
//! What a folder of the plan should hold is built as a whole beside it, below [`STAGING`], and
//! then exchanged with it in one step; the folders are exchanged one right after the other. So a
//! full disk or a missing permission changes nothing, a failure is taken back, and a run that is
//! killed leaves the old files or the new ones. Files that are right already keep their inodes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::check::{extra_files, is_right};
use super::exchange::exchange;
use super::lock::Lock;
use codegen::FileTree;

/// The folder below the base where everything is built. One that a killed run left is removed by
/// the next.
pub const STAGING: &str = ".generate-types";

/// The outcome of a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// Files that were created or changed.
    pub written: Vec<String>,
    /// Stale files that were removed.
    pub removed: Vec<String>,
}

/// Makes the disk below `base` agree with the plan: all of it, or nothing.
///
/// # Errors
///
/// When something cannot be written; no file has changed then.
pub fn write(base: &Path, plan: &FileTree) -> Result<Written> {
    fs::create_dir_all(base).with_context(|| format!("cannot create {}", base.display()))?;
    let _lock = Lock::take(base)?;
    let staging = Staging::new(base)?;
    let extra = extra_files(base, plan)?;
    let mut written = Vec::new();
    for (path, contents) in plan.iter() {
        if base.join(path).is_dir() {
            bail!("cannot write {path}: a folder is in its place; remove it");
        }
        if !is_right(base, path, contents)? {
            written.push(path.to_owned());
        }
    }
    let targets = targets(plan, written.iter().chain(&extra));
    for target in &targets {
        stage(base, plan, target, &staging).with_context(|| format!("cannot write {target}"))?;
    }
    commit(base, &targets, &staging)?;
    for root in plan.roots() {
        remove_if_empty(&base.join(root));
    }
    Ok(Written {
        written,
        removed: extra.into_iter().collect(),
    })
}

/// The folders of the plan that change, and the changed files outside of them.
fn targets<'a>(plan: &FileTree, changed: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    for path in changed {
        let root = plan.roots().iter().find(|root| is_below(path, root));
        let target = root.unwrap_or(path);
        if !targets.contains(target) {
            targets.push(target.clone());
        }
    }
    targets
}

fn is_below(path: &str, root: &str) -> bool {
    let rest = path.strip_prefix(root);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Builds the intended contents of a target.
fn stage(base: &Path, plan: &FileTree, target: &str, staging: &Staging) -> Result<()> {
    let files = plan.iter().filter(|(path, _)| is_below(path, target));
    if plan.roots().iter().any(|root| root == target) {
        fs::create_dir_all(staging.place(target))?;
    }
    for (path, contents) in files {
        let place = staging.place(path);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        let is_right = is_right(base, path, contents)?;
        if !(is_right && fs::hard_link(base.join(path), &place).is_ok()) {
            fs::write(&place, contents).with_context(|| format!("cannot write {path}"))?;
        }
    }
    Ok(())
}

/// Puts everything that was built into its place, or nothing.
fn commit(base: &Path, targets: &[String], staging: &Staging) -> Result<()> {
    for target in targets {
        if let Some(folder) = base.join(target).parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot write {target}"))?;
        }
    }
    for (done, target) in targets.iter().enumerate() {
        if let Err(error) = exchange(&staging.place(target), &base.join(target)) {
            for target in &targets[..done] {
                // The error that is reported is the first one.
                let _ = exchange(&staging.place(target), &base.join(target));
            }
            return Err(error).with_context(|| format!("cannot replace {target}"));
        }
    }
    Ok(())
}

/// The folder in which everything is built; removed with what was replaced.
struct Staging {
    folder: PathBuf,
}

impl Staging {
    fn new(base: &Path) -> Result<Self> {
        let folder = base.join(STAGING);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", folder.display()));
            }
            _ => {}
        }
        fs::create_dir(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { folder })
    }

    fn place(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next run.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes folders without files. A folder that cannot be removed is in use by someone, and no
/// concern of a plan of files.
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
