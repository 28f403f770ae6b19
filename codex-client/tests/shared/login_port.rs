//! The one port of a machine on which every runtime waits for the browser of a login.
//!
//! A login takes the port from the previous one, which fails then: tests that complete a login run
//! one after the other, including those of other processes.

use std::fs::File;

use fs4::FileExt;

/// Waits for the lock. Dropping it, or the end of the process, releases it.
#[must_use = "the turn ends when it is dropped"]
pub(crate) fn take() -> File {
    let path = std::env::temp_dir().join("codex-tests-login-port.lock");
    let options = File::options().create(true).append(true).open(&path);
    let file = options.unwrap_or_else(|error| panic!("cannot open {}: {error}", path.display()));
    FileExt::lock(&file).unwrap_or_else(|error| panic!("cannot lock {}: {error}", path.display()));
    file
}
