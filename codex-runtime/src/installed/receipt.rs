//! The records of an installation: the archive it was unpacked from, and the unpacked files.
//!
//! The installer writes them, last before the folder is renamed into place. The archive makes a
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
use crate::error::IoContext as _;
use crate::pin::PinnedArchive;

pub(crate) const ARCHIVE: &str = "installed-archive";
pub(crate) const FILES: &str = "installed-files.json";
const CHUNK: usize = 256 * 1024;

/// Every file of an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    /// The binary, relative to the folder.
    pub(crate) entrypoint: PathBuf,
    /// The metadata of the binary when it was last hashed.
    pub(crate) stamp: Stamp,
    pub(crate) files: Vec<Record>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) sha512: String,
}

/// Metadata that changes with the content of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    size: u64,
    mode: u32,
    /// Times of the last change of the content and of the file, in nanoseconds.
    modified: i128,
    changed: i128,
}

impl Receipt {
    /// The receipt of an installation of exactly this archive; `None` if there is no such
    /// installation.
    pub(crate) fn read(folder: &Path, archive: &PinnedArchive) -> Result<Option<Self>, Error> {
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
    pub(crate) fn check_entrypoint(&self, folder: &Path, binary: &Path) -> Result<bool, Error> {
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
}

impl Record {
    pub(crate) fn check(&self, folder: &Path) -> Result<(), Error> {
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
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
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

pub(crate) fn broken(folder: &Path, reason: &str) -> Error {
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

pub(crate) fn hash(path: &Path) -> Result<(u64, String), Error> {
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
