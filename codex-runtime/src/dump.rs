//! Asking a runtime for the schema of its protocol.
//!
//! Writes what the runtime writes, byte for byte; does not read it.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::error::IoContext as _;
use crate::{Error, Runtime};

/// Time limit of one dump. Current runtimes need a tenth of a second, old ones a whole one; the
/// rest is for a cold disk.
const DUMP_LIMIT: Duration = Duration::from_secs(60);

/// Each dump: the folder it goes to and the arguments that ask for it, less `--out`.
const DUMPS: [(&str, &[&str]); 3] = [
    ("stable", &["app-server", "generate-json-schema"]),
    (
        "experimental",
        &["app-server", "generate-json-schema", "--experimental"],
    ),
    (
        "ts/experimental",
        &["app-server", "generate-ts", "--experimental"],
    ),
];

impl Runtime {
    /// Writes the protocol's schema into `out`: `stable/` and `experimental/` as JSON Schema,
    /// `ts/experimental/` as TypeScript. `out` must be absent or empty; it appears complete or
    /// not at all. Needs no network and does not touch the user's home.
    ///
    /// # Errors
    ///
    /// [`Error::DumpFolderNotEmpty`]; [`Error::DumpFailed`] with what the runtime wrote to
    /// stderr; [`Error::TimedOut`] after 60 seconds for one of the three; [`Error::Start`];
    /// the file system's errors.
    pub fn dump_schema(&self, out: &Path) -> Result<(), Error> {
        self.dump_schema_within(out, DUMP_LIMIT)
    }

    /// Writes the protocol's schema like [`Runtime::dump_schema`], with a limit of the
    /// caller's for each of the three dumps.
    ///
    /// # Errors
    ///
    /// As for [`Runtime::dump_schema`].
    pub fn dump_schema_within(&self, out: &Path, limit: Duration) -> Result<(), Error> {
        check_fresh(out)?;
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).at("create", parent)?;
        let work = tempfile::tempdir_in(parent).at("create a folder in", parent)?;
        let dump = work.path().join("dump");
        self.dump_all(&dump, limit)?;
        if out.exists() {
            fs::remove_dir(out).at("replace", out)?;
        }
        fs::rename(&dump, out).at("create", out)
    }

    /// Runs the dumps side by side: most of their time is the file system's.
    fn dump_all(&self, dump: &Path, limit: Duration) -> Result<(), Error> {
        thread::scope(|scope| {
            DUMPS
                .map(|(folder, arguments)| {
                    scope.spawn(move || self.dump_one(&dump.join(folder), arguments, limit))
                })
                .into_iter()
                .try_for_each(|running| {
                    running
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
        })
    }

    fn dump_one(&self, folder: &Path, arguments: &[&str], limit: Duration) -> Result<(), Error> {
        fs::create_dir_all(folder).at("create", folder)?;
        // The runtime is started elsewhere, so the folder has to be absolute.
        let folder = std::path::absolute(folder).at("resolve", folder)?;
        let out = folder.to_string_lossy();
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--out", &out]).collect();
        let finished = self.run(&arguments, limit)?;
        if finished.status.success() {
            return Ok(());
        }
        Err(Error::DumpFailed {
            command: self.command_line(&arguments),
            status: finished.status.to_string(),
            stderr: finished.stderr,
        })
    }
}

fn check_fresh(out: &Path) -> Result<(), Error> {
    match fs::read_dir(out) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => match result.at("read", out)?.next() {
            None => Ok(()),
            Some(_) => Err(Error::DumpFolderNotEmpty {
                path: out.to_path_buf(),
            }),
        },
    }
}
