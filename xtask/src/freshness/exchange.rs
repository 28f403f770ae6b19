//! Exchanging two files or folders in one step, where the system offers it.

use std::fs;
use std::io;
use std::path::Path;

/// Puts `new` where `old` is, and `old`, if there is one, where `new` was.
pub(super) fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    match fs::symlink_metadata(old) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return fs::rename(new, old),
        result => result?,
    };
    at_once(new, old).or_else(|_| one_after_the_other(new, old))
}

#[cfg(target_os = "linux")]
fn at_once(new: &Path, old: &Path) -> io::Result<()> {
    use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
    renameat2(AT_FDCWD, new, AT_FDCWD, old, RenameFlags::RENAME_EXCHANGE).map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn at_once(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn one_after_the_other(new: &Path, old: &Path) -> io::Result<()> {
    let aside = new.with_extension("old");
    fs::rename(old, &aside)?;
    if let Err(error) = fs::rename(new, old) {
        fs::rename(&aside, old)?;
        return Err(error);
    }
    fs::rename(aside, new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_change_places() {
        for step in [at_once, one_after_the_other] {
            let folder = tempfile::tempdir().unwrap();
            let (new, old) = (folder.path().join("new"), folder.path().join("old"));
            fs::create_dir(&new).unwrap();
            fs::write(new.join("a"), "new").unwrap();
            fs::write(&old, "old").unwrap();
            if step(&new, &old).is_ok() {
                assert_eq!(fs::read_to_string(old.join("a")).unwrap(), "new");
                assert_eq!(fs::read_to_string(&new).unwrap(), "old");
            }
        }
    }

    #[test]
    fn new_folder_is_moved_into_place() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        fs::write(&new, "new").unwrap();
        exchange(&new, &old).unwrap();
        assert_eq!(fs::read_to_string(&old).unwrap(), "new");
        assert!(!new.exists());
    }
}
