//! Getting an archive through npm, by package name: mirrors, proxies and credentials are the
//! user's own configuration. Does not trust what arrives; that is the caller's part.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::archive::Archive;
use crate::child::{self, ChildCommand, Failure, Finished};
use crate::error::IoContext as _;
use crate::pin::PinnedArchive;
use crate::{Error, Progress};

/// Takes over a complete archive from an interrupted run and empties the work folder otherwise.
pub(super) fn leftover(
    work: &Path,
    pinned: &PinnedArchive,
    progress: &mut dyn Progress,
) -> Result<Option<Archive>, Error> {
    let mut found = None;
    for folder in children(work)? {
        match archive_in(&folder) {
            Some(path) if found.is_none() && is_pinned(&path, pinned, progress)? => {
                found = Some(path);
            }
            _ => super::remove(&folder)?,
        }
    }
    found.map(|path| Archive::open(&path)).transpose()
}

/// Runs `npm pack` in an empty folder inside `work` and returns the archive it wrote.
///
/// The folder is empty because npm reads configuration from the folder it runs in, and new
/// each time because an orphaned npm of a killed run may still be writing to its own.
pub(super) fn npm_pack(
    npm: &Path,
    package: &str,
    work: &Path,
    limit: Duration,
) -> Result<PathBuf, Error> {
    let folder = tempfile::tempdir_in(work).at("create a folder in", work)?;
    let command = ChildCommand::new(npm)
        .args([
            "pack",
            package,
            "--ignore-scripts",
            "--no-update-notifier",
            "--loglevel=error",
        ])
        .folder(folder.path());
    let finished = child::run(&command, limit).map_err(|failure| match failure {
        Failure::Start(Error::Start { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Error::NpmMissing {
                command: npm.to_path_buf(),
            }
        }
        Failure::Start(error) => error,
        Failure::TimedOut { .. } => Error::DownloadTimedOut {
            package: package.to_owned(),
            after: limit,
        },
    })?;
    match archive_in(folder.path()) {
        Some(archive) if finished.status.success() => {
            // From here on the folder is a leftover if the run is interrupted.
            let _ = folder.keep();
            Ok(archive)
        }
        _ => Err(npm_error(package, work, finished)),
    }
}

/// Sorts the output of npm by its codes, which are stable where its sentences are not.
fn npm_error(package: &str, work: &Path, finished: Finished) -> Error {
    let Finished {
        status,
        stdout,
        stderr,
    } = finished;
    let has_code = |codes: &[&str]| {
        stderr
            .split_whitespace()
            .any(|word| codes.contains(&word.trim_end_matches([':', ','])))
    };
    let package = package.to_owned();
    if has_code(&["E404", "ETARGET"]) {
        Error::PackageNotFound { package, stderr }
    } else if has_code(&["ENOSPC"]) {
        Error::NoSpace {
            path: work.to_path_buf(),
        }
    } else if has_code(&["EACCES", "EPERM", "EROFS"]) {
        Error::PermissionDenied {
            action: "download to",
            path: work.to_path_buf(),
        }
    } else {
        Error::DownloadFailed {
            package,
            status: if status.success() {
                format!("{status}, but it wrote no archive")
            } else {
                status.to_string()
            },
            stderr: if stderr.is_empty() { stdout } else { stderr },
        }
    }
}

fn is_pinned(
    path: &Path,
    pinned: &PinnedArchive,
    progress: &mut dyn Progress,
) -> Result<bool, Error> {
    Ok(Archive::open(path)?.integrity(progress)? == pinned.integrity())
}

/// The archive in a folder: a regular file, as the folder itself must be no link.
fn archive_in(folder: &Path) -> Option<PathBuf> {
    let is_folder = |path: &Path| path.symlink_metadata().is_ok_and(|it| it.is_dir());
    let is_file = |path: &Path| path.symlink_metadata().is_ok_and(|it| it.is_file());
    let is_archive = |path: &PathBuf| {
        let extension = path.extension();
        extension.is_some_and(|extension| extension == "tgz") && is_file(path)
    };
    children(folder)
        .ok()?
        .into_iter()
        .find(is_archive)
        .filter(|_| is_folder(folder))
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    fs::read_dir(folder)
        .at("read", folder)?
        .map(|entry| Ok(entry.at("read", folder)?.path()))
        .collect()
}
