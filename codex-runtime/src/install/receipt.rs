//! The records of an installation: the archive it was unpacked from, and the unpacked files.
//!
//! Both notes are written last before the folder is renamed into place. The archive makes a
//! changed pin visible; the files make a damaged or exchanged binary visible, without hashing
//! it each time: as long as size, mode and times of the entry point are those that were noted,
//! its content is taken to be as well. Otherwise the hash decides.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha512};

use crate::Error;
use crate::disk::{rename, sync};
use crate::error::IoContext as _;
use crate::pin::PinnedArchive;

const ARCHIVE: &str = "installed-archive";
const FILES: &str = "installed-files.json";
/// The new version of the second record, which a killed process may leave.
const UNFINISHED: &str = "installed-files.json.new";
const CHUNK: usize = 256 * 1024;

/// Every file of an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Receipt {
    /// The binary, relative to the folder.
    entrypoint: PathBuf,
    /// The metadata of the binary when it was last hashed.
    stamp: Stamp,
    files: Vec<Record>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    path: PathBuf,
    size: u64,
    sha512: String,
}

/// Metadata that changes with the content of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    mode: u32,
    /// Times of the last change of the content and of the file, in nanoseconds.
    modified: i128,
    changed: i128,
}

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

    /// The receipt of an installation of exactly this archive; `None` if there is no such
    /// installation.
    pub(super) fn read(folder: &Path, archive: &PinnedArchive) -> Result<Option<Self>, Error> {
        let Some(integrity) = read_if_present(&folder.join(ARCHIVE))? else {
            return Ok(None);
        };
        let Some(text) = read_if_present(&folder.join(FILES))? else {
            return Ok(None);
        };
        if integrity != archive.integrity().as_bytes() {
            return Ok(None);
        }
        // An unreadable note is none.
        let receipt: Option<Self> = serde_json::from_slice(&text).ok();
        Ok(receipt.filter(Self::stays_inside))
    }

    fn stays_inside(&self) -> bool {
        let paths = self.files.iter().map(|file| &file.path);
        paths.chain([&self.entrypoint]).all(|path| {
            path.components()
                .all(|part| matches!(part, Component::Normal(_)))
        })
    }

    /// Checks that the binary is the one that was installed; hashes it only where its stamp
    /// differs. Returns whether it does.
    pub(super) fn check_entrypoint(&self, folder: &Path, binary: &Path) -> Result<bool, Error> {
        if binary.strip_prefix(folder) != Ok(&self.entrypoint) {
            return Err(broken(
                folder,
                "its entry point is another one than was installed",
            ));
        }
        if Stamp::of(binary)? == self.stamp {
            return Ok(false);
        }
        let mut records = self.files.iter();
        match records.find(|file| file.path == self.entrypoint) {
            Some(record) => record.check(folder).map(|()| true),
            None => Err(broken(folder, "its entry point was never noted")),
        }
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
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::other);
        let temporary = folder.join(UNFINISHED);
        text.and_then(|text| fs::write(&temporary, text))
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

    fn check(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(&self.path);
        let found = match path.symlink_metadata() {
            Ok(metadata) if metadata.is_file() && metadata.len() == self.size => hash(&path)?,
            _ => (0, String::new()),
        };
        if found == (self.size, self.sha512.clone()) {
            return Ok(());
        }
        let reason = format!("{} is not the file that was installed", self.path.display());
        Err(broken(folder, &reason))
    }
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, Error> {
        let metadata = path.symlink_metadata().at("read", path)?;
        let (mode, modified, changed) = system(&metadata);
        Ok(Self {
            size: metadata.len(),
            mode,
            modified,
            changed,
        })
    }
}

#[cfg(unix)]
fn system(metadata: &Metadata) -> (u32, i128, i128) {
    use std::os::unix::fs::MetadataExt as _;
    let nanos = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    (
        metadata.mode(),
        nanos(metadata.mtime(), metadata.mtime_nsec()),
        nanos(metadata.ctime(), metadata.ctime_nsec()),
    )
}

#[cfg(not(unix))]
fn system(metadata: &Metadata) -> (u32, i128, i128) {
    use std::time::UNIX_EPOCH;
    let modified = metadata.modified().ok();
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanos = since.map_or(0, |since| since.as_nanos());
    (0, i128::try_from(nanos).unwrap_or_default(), 0)
}

fn broken(folder: &Path, reason: &str) -> Error {
    Error::BrokenPackage {
        folder: folder.to_path_buf(),
        reason: reason.to_owned(),
    }
}

fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
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

fn hash(path: &Path) -> Result<(u64, String), Error> {
    let mut file = File::open(path).at("open", path)?;
    let mut hasher = Sha512::new();
    let mut buffer = vec![0; CHUNK];
    let mut size = 0;
    loop {
        let count = file.read(&mut buffer).at("read", path)?;
        if count == 0 {
            let digest = base64::engine::general_purpose::STANDARD.encode(hasher.finalize());
            return Ok((size, digest));
        }
        hasher.update(&buffer[..count]);
        size += count as u64;
    }
}
