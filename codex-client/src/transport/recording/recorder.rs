//! Writes a recording while the session runs.
//!
//! Knows where frames go, and not where they come from.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::{Direction, Record, line};

/// Writes a recording while the session runs. Clones are the same recorder, so that several
/// parts of a program can share one.
///
/// The builders of clients take one with `record`. Frames are recorded as they are: a login
/// puts its secret into the file.
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
    /// Starts now, and writes to a sink.
    pub fn new(sink: impl Write + Send + 'static) -> Self {
        Self {
            start: Instant::now(),
            sink: Arc::new(Mutex::new(sink)),
        }
    }

    /// Starts now, and writes to a file, which is replaced if it exists.
    ///
    /// # Errors
    ///
    /// When the file cannot be made.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        File::create(path).map(Self::new)
    }

    /// Adds a frame, given without its line end, and hands it on to the sink at once.
    ///
    /// # Errors
    ///
    /// Those of the sink.
    pub fn record(&self, direction: Direction, frame: &[u8]) -> io::Result<()> {
        // The time is taken under the lock, so that times never go backwards in the file.
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        let record = Record {
            at: Some(self.start.elapsed()),
            ..Record::new(direction, frame)
        };
        line::encode(&record, &mut *sink)?;
        sink.flush()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recorder").finish_non_exhaustive()
    }
}
