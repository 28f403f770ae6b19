//! The limits of a link's reader and writer.
//!
//! Does not know how either waits.

use std::io;
use std::time::Duration;

/// The limits of a connection's reader and writer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransportLimits {
    /// Maximum size of a message of the server, in bytes.
    pub(crate) message: usize,
    /// The program's limit of backpressure, if set.
    pub(crate) backpressure: Option<Duration>,
    /// Time limit for a write without progress; `None` for no limit.
    pub(crate) write: Option<Duration>,
    /// Time limit for both after the close.
    pub(crate) linger: Duration,
}

/// Bytes that add a second to the time limit of a write.
const SLOWEST: usize = 64 * 1024;

impl TransportLimits {
    /// Time limit for writing this number of bytes.
    pub(crate) fn write(&self, bytes: usize) -> Option<Duration> {
        let size = Duration::from_secs((bytes / SLOWEST).try_into().unwrap_or(u64::MAX));
        Some(self.write?.saturating_add(size))
    }

    /// The error of a server that does not read.
    pub(crate) fn not_read(&self, bytes: usize) -> io::Error {
        let limit = self.write(bytes).unwrap_or_default();
        let problem = format!(
            "the server does not read: {bytes} bytes were not written within {limit:?} (`write_timeout`)"
        );
        io::Error::new(io::ErrorKind::TimedOut, problem)
    }
}
