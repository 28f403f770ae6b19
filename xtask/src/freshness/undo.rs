//! What it takes to go back: the old files, kept beside the new ones until all is done.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The steps taken so far. Dropped before [`Undo::keep`], it takes them back.
#[derive(Debug, Default)]
pub(super) struct Undo {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    target: PathBuf,
    /// The file that was there before, if there was one.
    old: Option<PathBuf>,
}

impl Undo {
    /// Moves what is at a path out of the way, so that it can come back.
    pub(super) fn set_aside(&mut self, target: &Path) -> io::Result<()> {
        let old = aside(target);
        let old = match fs::rename(target, &old) {
            Ok(()) => Some(old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        self.steps.push(Step {
            target: target.to_path_buf(),
            old,
        });
        Ok(())
    }

    /// Everything is done: the old files are not needed any more.
    pub(super) fn keep(mut self) {
        for old in self.steps.drain(..).filter_map(|step| step.old) {
            // A file that cannot be removed now is reported as extra by the next check.
            let _ = fs::remove_file(old);
        }
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        for step in self.steps.drain(..).rev() {
            let _ = match step.old {
                Some(old) => fs::rename(old, step.target),
                None => fs::remove_file(step.target),
            };
        }
    }
}

fn aside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.old"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> Option<String> {
        fs::read_to_string(path).ok()
    }

    #[test]
    fn a_failure_half_way_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (changed, created) = (folder.path().join("changed"), folder.path().join("created"));
        fs::write(&changed, "old").unwrap();

        let mut undo = Undo::default();
        for path in [&changed, &created] {
            undo.set_aside(path).unwrap();
            fs::write(path, "new").unwrap();
        }
        drop(undo);

        assert_eq!(read(&changed).as_deref(), Some("old"));
        assert_eq!(read(&created), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_kept_stays_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let (changed, removed) = (folder.path().join("changed"), folder.path().join("removed"));
        fs::write(&changed, "old").unwrap();
        fs::write(&removed, "old").unwrap();

        let mut undo = Undo::default();
        undo.set_aside(&changed).unwrap();
        fs::write(&changed, "new").unwrap();
        undo.set_aside(&removed).unwrap();
        undo.keep();

        assert_eq!(read(&changed).as_deref(), Some("new"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
