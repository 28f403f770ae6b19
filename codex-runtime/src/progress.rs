//! Progress of a long installation.
//!
//! The crate reports; whether that becomes a bar, a line or nothing is the caller's choice.

/// A step of an installation, in the order they happen. Sizes are bytes of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Another process or thread is installing the same runtime; this one waits for it.
    Waiting,
    /// The package manager fetches the archive. It does not report its progress.
    #[non_exhaustive]
    Downloading {
        /// Package and version as the package manager takes them.
        package: String,
    },
    /// The archive is hashed.
    #[non_exhaustive]
    Verifying {
        /// Bytes hashed so far.
        done: u64,
        /// Size of the archive.
        total: u64,
    },
    /// The archive is unpacked.
    #[non_exhaustive]
    Unpacking {
        /// Bytes of the archive read so far.
        done: u64,
        /// Size of the archive.
        total: u64,
    },
}

/// Receives the steps of an installation. Implemented by every `FnMut(&Step)`.
pub trait Progress {
    /// Called at the start of each step and, for measurable ones, repeatedly during it.
    fn report(&mut self, step: &Step);
}

impl<F: FnMut(&Step)> Progress for F {
    fn report(&mut self, step: &Step) {
        self(step);
    }
}
