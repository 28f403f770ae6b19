//! Writing the records of an installation, and checking all of it against them.
//!
//! Independent of where the files come from.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::disk::{rename, sync};
use crate::error::IoContext as _;
use crate::installed::receipt::{ARCHIVE, FILES, Receipt, Record, Stamp, broken, hash};
use crate::pin::PinnedArchive;

/// The new version of the second record, which a killed process may leave.
const UNFINISHED: &str = "installed-files.json.new";

impl Receipt {
    /// Notes the archive and the files in a folder that is about to become an installation.
    pub(super) fn write(
        folder: &Path,
        archive: &PinnedArchive,
        binary: &Path,
    ) -> Result<(), Error> {
        let mut files = Vec::new();
        record_all(folder, folder, &mut files)?;
        let receipt = Self {
            entrypoint: binary.strip_prefix(folder).unwrap_or(binary).to_path_buf(),
            stamp: Stamp::of(binary)?,
            files,
        };
        receipt.save(folder)?;
        let path = folder.join(ARCHIVE);
        fs::write(&path, archive.integrity()).at("write", &path)?;
        sync(&path)
    }

    /// Checks every file by its hash, and that there is no other. Returns the number of bytes.
    pub(super) fn check_all(&self, folder: &Path) -> Result<u64, Error> {
        let mut present = Vec::new();
        list(folder, folder, &mut present)?;
        if let Some(stranger) = present.iter().find(|path| {
            !self.files.iter().any(|file| file.path == **path)
                && ![ARCHIVE, FILES, UNFINISHED].contains(&path.to_string_lossy().as_ref())
        }) {
            let reason = format!("{} was not installed", stranger.display());
            return Err(broken(folder, &reason));
        }
        self.files.iter().try_for_each(|file| file.check(folder))?;
        Ok(self.files.iter().map(|file| file.size).sum())
    }

    /// Notes the present stamp of a binary whose hash was found to be right.
    pub(super) fn restamp(mut self, folder: &Path, binary: &Path) -> Result<(), Error> {
        self.stamp = Stamp::of(binary)?;
        self.save(folder)
    }

    fn save(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILES);
        let temporary = folder.join(UNFINISHED);
        let note = self.to_json();
        note.and_then(|note| fs::write(&temporary, format!("{note:#}")))
            .at("write", &temporary)?;
        sync(&temporary)?;
        rename(&temporary, &path).at("write", &path)
    }
}

impl Record {
    fn of(root: &Path, path: &Path) -> Result<Self, Error> {
        let (size, sha512) = hash(path)?;
        Ok(Self {
            path: path.strip_prefix(root).unwrap_or(path).to_path_buf(),
            size,
            sha512,
        })
    }
}

fn record_all(root: &Path, folder: &Path, files: &mut Vec<Record>) -> Result<(), Error> {
    let mut paths = Vec::new();
    list(root, folder, &mut paths)?;
    for path in paths {
        files.push(Record::of(root, &root.join(path))?);
    }
    Ok(())
}

/// Everything below a folder that is not a folder, relative to `root`, sorted.
fn list(root: &Path, folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).at("read", folder)? {
        let entry = entry.at("read", folder)?;
        let path = entry.path();
        if entry.file_type().at("read", &path)?.is_dir() {
            list(root, &path, paths)?;
        } else {
            paths.push(path.strip_prefix(root).unwrap_or(&path).to_path_buf());
        }
    }
    paths.sort();
    Ok(())
}
