//! Files of a home: read without following a link, and replaced at once.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use crate::error::IoContext as _;
use crate::{Error, disk};

/// Maximum size of a file that is copied, in bytes.
const LARGEST: u64 = 1 << 20;

/// Reads a file; `None` if it does not exist. A link is an error, also one that replaces the file
/// while it is opened.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", path, error)),
    };
    if !found.is_file() || found.len() > LARGEST {
        return Err(not_plain(path));
    }
    let file = File::open(path).at("open", path)?;
    if !is_same(&found, &file.metadata().at("read", path)?) {
        return Err(not_plain(path));
    }
    let mut content = Vec::new();
    file.take(LARGEST)
        .read_to_end(&mut content)
        .at("read", path)?;
    Ok(Some(content))
}

fn not_plain(path: &Path) -> Error {
    Error::NotTrusted {
        path: path.to_path_buf(),
        reason: "is a link, no regular file, or larger than 1 MiB".to_owned(),
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Links need a privilege there.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Copies a file, if it exists.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    match read(from)? {
        Some(content) => write(to, &content),
        None => Ok(()),
    }
}

/// Writes a file for this user alone (0600), at once, or not at all. A link in its place is replaced
/// and not followed.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".codex-")
        .tempfile_in(folder)
        .at("create a file in", folder)?;
    file.write_all(content).at("write", file.path())?;
    disk::sync(file.path())?;
    let written = file.into_temp_path();
    disk::rename(&written, path).at("write", path)?;
    // It has its new name already.
    let _ = written.keep();
    disk::sync(folder)
}
