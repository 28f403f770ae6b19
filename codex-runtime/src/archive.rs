//! Checking and unpacking a package archive (a gzipped tar with one top folder).
//!
//! Trusts nothing in it: the hash comes first, then every entry is checked on its own.
//! Does not know where the archive came from.

use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use flate2::read::GzDecoder;
use hmac_sha512::Hash;
use tar::EntryType;

use crate::disk::sync;
use crate::error::IoContext as _;
use crate::{Error, Progress, Step};

const CHUNK: usize = 256 * 1024;

/// An archive file, open. What is unpacked is the very file that was hashed.
#[derive(Debug)]
pub(crate) struct Archive {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Archive {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        // Before it is opened, because opening a named pipe waits for its other end.
        regular(&path.metadata().at("open", path)?, path)?;
        let file = File::open(path).at("open", path)?;
        let metadata = file.metadata().at("read", path)?;
        regular(&metadata, path)?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
            size: metadata.len(),
        })
    }

    /// The archive's hash, written like the pin's: `sha512-` and base64.
    pub(crate) fn integrity(&mut self, progress: &mut dyn Progress) -> Result<String, Error> {
        self.file.seek(SeekFrom::Start(0)).at("read", &self.path)?;
        let total = self.size;
        let mut hasher = Hash::new();
        let mut buffer = vec![0; CHUNK];
        let mut done = 0;
        loop {
            progress.report(&Step::Verifying { done, total });
            let count = self.file.read(&mut buffer).at("read", &self.path)?;
            if count == 0 {
                let digest = base64::engine::general_purpose::STANDARD.encode(hasher.finalize());
                return Ok(format!("sha512-{digest}"));
            }
            hasher.update(&buffer[..count]);
            done += count as u64;
        }
    }

    /// Unpacks the archive into `folder`, less its top folder. Of its modes, only whether a file
    /// may be executed is kept. Everything is on the disk when this returns.
    pub(crate) fn unpack(
        &mut self,
        folder: &Path,
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        self.file.seek(SeekFrom::Start(0)).at("read", &self.path)?;
        let reader = Counting {
            inner: BufReader::with_capacity(CHUNK, &self.file),
            done: 0,
            total: self.size,
            progress,
        };
        let mut archive = tar::Archive::new(GzDecoder::new(reader));
        for entry in archive.entries().at("unpack", &self.path)? {
            let mut entry = entry.at("unpack", &self.path)?;
            let path = entry.path().at("unpack", &self.path)?.into_owned();
            let target = folder.join(safe_path(&path, entry.header().entry_type())?);
            let parent = target.parent().unwrap_or(folder);
            fs::create_dir_all(parent).at("create", parent)?;
            let mode = entry.header().mode().unwrap_or_default();
            entry.set_preserve_mtime(false);
            entry.set_preserve_permissions(false);
            entry.unpack(&target).at("write", &target)?;
            if entry.header().entry_type().is_file() {
                finish_file(&target, mode)?;
            }
        }
        finish_folders(folder)
    }
}

fn regular(metadata: &Metadata, path: &Path) -> Result<(), Error> {
    if metadata.is_file() {
        return Ok(());
    }
    let problem = io::Error::other("it is not a regular file");
    Err(Error::io("open", path, problem))
}

fn finish_file(path: &Path, mode: u32) -> Result<(), Error> {
    set_mode(path, if mode & 0o111 == 0 { 0o644 } else { 0o755 })?;
    sync(path)
}

/// Sets the modes of all folders, and has their entries written.
fn finish_folders(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).at("read", folder)? {
        let entry = entry.at("read", folder)?;
        if entry.file_type().at("read", folder)?.is_dir() {
            finish_folders(&entry.path())?;
        }
    }
    set_mode(folder, 0o755)?;
    sync(folder)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).at("write", path)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
fn set_mode(_: &Path, _: u32) -> Result<(), Error> {
    Ok(())
}

/// The entry's path below the top folder, if the entry is one that may be unpacked. Links are
/// refused: packages have none, and they are how an archive writes outside its folder.
fn safe_path(path: &Path, kind: EntryType) -> Result<PathBuf, Error> {
    let refuse = |reason| Error::UnsafeArchive {
        entry: path.display().to_string(),
        reason,
    };
    if !(kind.is_file() || kind.is_dir()) {
        return Err(refuse("is neither a file nor a folder"));
    }
    let inside = path
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    if !inside {
        return Err(refuse("points outside the folder it is unpacked to"));
    }
    Ok(path.components().skip(1).collect())
}

/// Reports how much of the archive has been read.
struct Counting<'a, R> {
    inner: R,
    done: u64,
    total: u64,
    progress: &'a mut dyn Progress,
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.done += count as u64;
        self.progress.report(&Step::Unpacking {
            done: self.done,
            total: self.total,
        });
        Ok(count)
    }
}
