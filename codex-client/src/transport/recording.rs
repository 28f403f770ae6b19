//! Recordings of sessions: the messages of a client and a server, one JSON object per line.
//!
//! A line is `{"direction":"client","at_ms":12,"frame":"..."}`: the sender of the frame (`client`
//! or `server`), the milliseconds since the start (may be missing), and the frame in its wire form.
//! A frame that is not text has `"bytes":[...]` instead of `"frame"`.
//!
//! A [`Recorder`] writes a recording while the session runs, and a [`Recording`] reads it. The
//! crate `codex-testing` replays the server's side of one to a client, without a runtime and
//! deterministically. A session can thereby become a test or a bug report.

mod line;
mod recorder;

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::time::Duration;

pub use recorder::Recorder;

/// The sender of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Direction {
    /// The client, to the server.
    Client,
    /// The server, to the client.
    Server,
}

/// One frame of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The sender.
    pub direction: Direction,
    /// The time since the start of the session.
    pub at: Option<Duration>,
    /// The frame without its line end.
    pub frame: Vec<u8>,
}

impl Record {
    /// Creates a record without a time.
    pub fn new(direction: Direction, frame: impl Into<Vec<u8>>) -> Self {
        Self {
            direction,
            at: None,
            frame: frame.into(),
        }
    }
}

/// The error of reading a recording.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordingError {
    /// A line is not a record.
    Line {
        /// The number of the line, from 1.
        line: usize,
        /// The problem.
        source: serde_json::Error,
    },
    /// The file could not be read.
    Io(io::Error),
}

impl fmt::Display for RecordingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, .. } => {
                write!(formatter, "line {line} of the recording is not a record")
            }
            Self::Io(_) => formatter.write_str("cannot read the recording"),
        }
    }
}

impl std::error::Error for RecordingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match self {
            Self::Line { source, .. } => source,
            Self::Io(source) => source,
        })
    }
}

impl From<io::Error> for RecordingError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A recorded session, with its frames in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    records: Vec<Record>,
}

impl Recording {
    /// Reads a recording; blank lines are skipped.
    ///
    /// # Errors
    ///
    /// Returns [`RecordingError`], with the number of the invalid line.
    pub fn read(source: impl BufRead) -> Result<Self, RecordingError> {
        let mut records = Vec::new();
        for (index, text) in source.lines().enumerate() {
            let text = text?;
            if !text.trim().is_empty() {
                let record = line::decode(&text).map_err(|source| RecordingError::Line {
                    line: index + 1,
                    source,
                })?;
                records.push(record);
            }
        }
        Ok(Self { records })
    }

    /// Reads a recording from a file.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Recording::read`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RecordingError> {
        Self::read(BufReader::new(File::open(path)?))
    }

    /// Writes the recording, one line per frame.
    ///
    /// # Errors
    ///
    /// Returns the errors of the sink.
    pub fn write(&self, mut sink: impl Write) -> io::Result<()> {
        for record in &self.records {
            line::encode(record, &mut sink)?;
        }
        sink.flush()
    }

    /// Returns the frames of both sides.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Returns the frames of one side.
    pub fn frames(&self, direction: Direction) -> impl Iterator<Item = &[u8]> {
        self.records
            .iter()
            .filter(move |record| record.direction == direction)
            .map(|record| record.frame.as_slice())
    }
}

impl FromIterator<Record> for Recording {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
        Self {
            records: records.into_iter().collect(),
        }
    }
}
