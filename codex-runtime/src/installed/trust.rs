//! The ownership of folders: those that others may change are neither installed into nor run from.
//!
//! Others are users other than this one and root. Links are never followed here: a path that is
//! a link is not the folder that was meant.

use std::path::Path;

use crate::Error;

/// Refuses a folder, or a file, that is a link, belongs to another user or may be written to by
/// everyone. A folder of which only the owners may remove entries (such as `/tmp`) will do.
#[cfg(unix)]
pub(crate) fn check(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;

    use crate::error::IoContext as _;

    let metadata = path.symlink_metadata().at("read", path)?;
    let refuse = |reason: String| Error::NotTrusted {
        path: path.to_path_buf(),
        reason,
    };
    if metadata.is_symlink() {
        return Err(refuse("is a link".to_owned()));
    }
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user && metadata.uid() != 0 {
        let owner = metadata.uid();
        return Err(refuse(format!("belongs to another user (uid {owner})")));
    }
    if is_open_to_all(&metadata) {
        return Err(refuse(OPEN_TO_ALL.to_owned()));
    }
    Ok(())
}

#[cfg(unix)]
const OPEN_TO_ALL: &str = "may be written to by every user";

/// Returns true if everyone may write to a file, or exchange what is in a folder.
#[cfg(unix)]
fn is_open_to_all(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    const WRITABLE_BY_ALL: u32 = 0o002;
    const STICKY: u32 = 0o1000;

    let is_sticky = metadata.is_dir() && metadata.mode() & STICKY != 0;
    metadata.mode() & WRITABLE_BY_ALL != 0 && !is_sticky
}

/// Checks a file or folder below a folder that was checked, and every folder on the way to it: who
/// may write to one of these can exchange what is in it.
pub(crate) fn check_between(folder: &Path, path: &Path) -> Result<(), Error> {
    let mut way: Vec<&Path> = path.ancestors().take_while(|it| *it != folder).collect();
    way.reverse();
    way.into_iter().try_for_each(check)
}

/// Refuses a folder if everyone may write to one of the folders above it: there, it could be
/// exchanged between its check and its use. The owners of these folders are trusted.
#[cfg(unix)]
pub(crate) fn check_above(folder: &Path) -> Result<(), Error> {
    use crate::error::IoContext as _;

    let resolved = folder.canonicalize().at("resolve", folder)?;
    for above in resolved.ancestors().chain(folder.ancestors()).skip(1) {
        if above.as_os_str().is_empty() || !above.is_dir() {
            continue;
        }
        if is_open_to_all(&above.metadata().at("read", above)?) {
            return Err(Error::NotTrusted {
                path: above.to_path_buf(),
                reason: OPEN_TO_ALL.to_owned(),
            });
        }
    }
    Ok(())
}

/// On Windows each user has a cache folder that others have no access to.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
pub(crate) fn check(_: &Path) -> Result<(), Error> {
    Ok(())
}

/// See [`check`].
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
pub(crate) fn check_above(_: &Path) -> Result<(), Error> {
    Ok(())
}
