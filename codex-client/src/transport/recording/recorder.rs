//! Writes a recording while the session runs.
//!
//! Writes frames, independent of their source.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::{Direction, Record, line};

/// Writes a recording while the session runs. Clones share it.
///
/// Pass it to `record` of a client's builder. Frames are recorded unchanged: a login writes its
/// secret into the file.
///
/// ```
/// use codex_client::blocking::Codex;
/// use codex_client::transport::recording::{Recorder, Recording};
/// use codex_testing::scripted::{Replay, ScriptedPeer};
/// use codex_testing::{AppServerHarness, Reply};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A session with the real runtime.
/// let harness = AppServerHarness::start()?;
/// harness.responses().enqueue(Reply::assistant("Hello."));
/// let file = harness.workspace().join("session.jsonl");
/// let builder = Codex::builder().launch(harness.launch());
/// let codex = builder.record(&Recorder::create(&file)?).build()?;
/// let recorded = codex.thread_start().call()?.run("hi").call()?;
/// codex.close();
///
/// // The same session again, without any runtime.
/// let (peer, transport) = ScriptedPeer::play(Replay::new(&Recording::open(&file)?));
/// let (reader, writer) = transport.split();
/// let codex = Codex::builder().transport((reader, writer)).build()?;
/// let replayed = codex.thread_start().call()?.run("hi").call()?;
/// assert_eq!(replayed, recorded);
/// # drop(peer);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Recorder {
    start: Instant,
    sink: Arc<Mutex<dyn Write + Send>>,
}

impl Recorder {
    /// Creates a recorder that starts now, and writes to a sink.
    pub fn new(sink: impl Write + Send + 'static) -> Self {
        Self {
            start: Instant::now(),
            sink: Arc::new(Mutex::new(sink)),
        }
    }

    /// Creates a recorder that starts now, and writes to a file, whose content is replaced if it
    /// exists. On Unix only the user may read it (mode 0600). A link, a file of another user, and
    /// anything that is no file are rejected: others could read them.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be created, or is rejected.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        private_file(path.as_ref()).map(Self::new)
    }

    /// Adds a frame without its line break, and writes it to the sink at once.
    ///
    /// # Errors
    ///
    /// Returns the errors of the sink.
    pub fn record(&self, direction: Direction, frame: &[u8]) -> io::Result<()> {
        // The time is taken under the lock, so that times in the file are monotonic.
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        let record = Record {
            at: Some(self.start.elapsed()),
            ..Record::new(direction, frame)
        };
        line::encode(&record, &mut *sink)?;
        sink.flush()
    }
}

/// Opens an empty file for writing that others cannot read.
#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<File> {
    use std::fs::{OpenOptions, Permissions};
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};

    use rustix::fs::OFlags;

    const USER_ONLY: u32 = 0o600;
    // A named pipe would block until somebody reads it.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::from_ne_bytes(flags.bits().to_ne_bytes());
    let mut options = OpenOptions::new();
    options.write(true).create(true).mode(USER_ONLY);
    let file = options.custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    if !metadata.is_file() || metadata.nlink() != 1 || !is_own {
        let problem = "a recording is written to a regular file of this user, without other links";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, problem));
    }
    // Before the first write: an existing file may have been readable by others.
    file.set_permissions(Permissions::from_mode(USER_ONLY))?;
    file.set_len(0)?;
    Ok(file)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> io::Result<File> {
    File::create(path)
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recorder").finish_non_exhaustive()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::Recorder;
    use crate::transport::recording::Direction;

    #[test]
    fn only_the_user_may_read_a_recording() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session.jsonl");
        for exists in [false, true] {
            if exists {
                fs::write(&path, "what was there").unwrap();
                fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
            }
            let recorder = Recorder::create(&path).unwrap();
            recorder.record(Direction::Client, b"{}").unwrap();
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            assert!(!fs::read_to_string(&path).unwrap().contains("there"));
        }
    }

    #[test]
    fn a_link_is_refused_and_its_target_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        // A target of its own for each kind: one with several links is refused for that already.
        for (link, is_soft) in [(path("soft"), true), (path("hard"), false)] {
            let target = link.with_extension("target");
            fs::write(&target, "precious").unwrap();
            fs::set_permissions(&target, Permissions::from_mode(0o640)).unwrap();
            if is_soft {
                symlink(&target, &link).unwrap();
            } else {
                fs::hard_link(&target, &link).unwrap();
            }
            assert!(Recorder::create(&link).is_err(), "{}", link.display());
            assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
            let mode = fs::metadata(&target).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o640);
        }
        symlink(path("absent"), path("dangling")).unwrap();
        assert!(Recorder::create(path("dangling")).is_err());
        assert!(!path("absent").exists());
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        assert!(Recorder::create(&pipe).is_err(), "no reader");
        // A pipe that is opened for reading and writing has both ends.
        let _reader = fs::OpenOptions::new().read(true).write(true).open(&pipe);
        assert!(Recorder::create(&pipe).is_err(), "a reader");
        assert!(Recorder::create(folder.path()).is_err(), "a folder");
    }
}
