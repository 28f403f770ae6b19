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
use hmac_sha512::Hash;
use serde_json::Value;
#[cfg(feature = "install")]
use serde_json::json;

use crate::Error;
use crate::error::IoContext as _;
use crate::pin::PinnedArchive;

pub(crate) const ARCHIVE: &str = "installed-archive";
pub(crate) const FILES: &str = "installed-files.json";
const CHUNK: usize = 256 * 1024;

/// Every file of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The binary, relative to the folder.
    pub(crate) entrypoint: PathBuf,
    /// The metadata of the binary when it was last hashed.
    pub(crate) stamp: Stamp,
    pub(crate) files: Vec<Record>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) sha512: String,
}

/// Metadata that changes with the content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    size: u64,
    mode: u32,
    /// Times of the last change of the content and of the file, in nanoseconds, until 2262.
    modified: i64,
    changed: i64,
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
        let note: Option<Value> = serde_json::from_slice(&text).ok();
        let receipt = note.as_ref().and_then(Self::from_json);
        Ok(receipt.filter(Self::stays_inside))
    }

    fn from_json(note: &Value) -> Option<Self> {
        let files = note.get("files")?.as_array()?.iter();
        Some(Self {
            entrypoint: note.get("entrypoint")?.as_str()?.into(),
            stamp: Stamp::from_json(note.get("stamp")?)?,
            files: files.map(Record::from_json).collect::<Option<_>>()?,
        })
    }

    #[cfg(feature = "install")]
    pub(crate) fn to_json(&self) -> io::Result<Value> {
        let files = self.files.iter().map(Record::to_json);
        Ok(json!({
            "entrypoint": text(&self.entrypoint)?,
            "stamp": self.stamp.to_json(),
            "files": files.collect::<io::Result<Vec<_>>>()?,
        }))
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
    fn from_json(note: &Value) -> Option<Self> {
        Some(Self {
            path: note.get("path")?.as_str()?.into(),
            size: note.get("size")?.as_u64()?,
            sha512: note.get("sha512")?.as_str()?.to_owned(),
        })
    }

    #[cfg(feature = "install")]
    fn to_json(&self) -> io::Result<Value> {
        Ok(json!({
            "path": text(&self.path)?,
            "size": self.size,
            "sha512": self.sha512,
        }))
    }

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

    fn from_json(note: &Value) -> Option<Self> {
        Some(Self {
            size: note.get("size")?.as_u64()?,
            mode: note.get("mode")?.as_u64()?.try_into().ok()?,
            modified: note.get("modified")?.as_i64()?,
            changed: note.get("changed")?.as_i64()?,
        })
    }

    #[cfg(feature = "install")]
    fn to_json(&self) -> Value {
        json!({
            "size": self.size,
            "mode": self.mode,
            "modified": self.modified,
            "changed": self.changed,
        })
    }
}

#[cfg(feature = "install")]
fn text(path: &Path) -> io::Result<&str> {
    let problem = || io::Error::other(format!("{} is not UTF-8", path.display()));
    path.to_str().ok_or_else(problem)
}

#[cfg(unix)]
fn system(metadata: &Metadata) -> (u32, i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    let nanos = |seconds: i64, nanos| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
    (
        metadata.mode(),
        nanos(metadata.mtime(), metadata.mtime_nsec()),
        nanos(metadata.ctime(), metadata.ctime_nsec()),
    )
}

#[cfg(not(unix))]
fn system(metadata: &Metadata) -> (u32, i64, i64) {
    use std::time::UNIX_EPOCH;
    let modified = metadata.modified().ok();
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanos = since.map_or(0, |since| since.as_nanos());
    (0, i64::try_from(nanos).unwrap_or(i64::MAX), 0)
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
    let mut hasher = Hash::new();
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
