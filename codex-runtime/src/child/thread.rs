//! Threads that wait for a process.

use std::io;
use std::thread::Builder;

/// Starts a thread. Not generic: all of them are compiled once.
pub(super) fn spawn(name: &str, run: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    Builder::new().name(name.to_owned()).spawn(run).map(drop)
}
