//! The note an installation carries: which archive it was unpacked from.
//!
//! It is written last before the folder is renamed into place, and it is what makes a changed
//! pin visible: an installation made from another archive does not count.

use std::fs;
use std::io;
use std::path::Path;

use crate::Error;
use crate::error::IoContext as _;
use crate::pin::PinnedArchive;

const RECEIPT: &str = "installed-archive";

/// Whether the folder holds an installation of exactly this archive.
pub(super) fn matches(folder: &Path, archive: &PinnedArchive) -> Result<bool, Error> {
    let path = folder.join(RECEIPT);
    match fs::read_to_string(&path) {
        Ok(integrity) => Ok(integrity == archive.integrity()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io("read", &path, error)),
    }
}

/// Notes the archive in a folder that is about to become an installation.
pub(super) fn write(folder: &Path, archive: &PinnedArchive) -> Result<(), Error> {
    let path = folder.join(RECEIPT);
    fs::write(&path, archive.integrity()).at("write", &path)
}
