//! Transports that are recorded in use.
//!
//! Frames of the client are recorded before they are sent, so that no response precedes its request
//! in the file.

use std::io;

use super::FrameBatch;
use super::recording::{Direction, Recorder};

/// One direction of a transport, with an optional recorder.
pub(crate) struct Tapped<T> {
    pub(super) inner: T,
    recorder: Option<Recorder>,
}

/// Both directions of a transport.
pub(crate) fn tap<R, W>(
    recorder: Option<&Recorder>,
    reader: R,
    writer: W,
) -> (Tapped<R>, Tapped<W>) {
    (Tapped::new(recorder, reader), Tapped::new(recorder, writer))
}

impl<T> Tapped<T> {
    fn new(recorder: Option<&Recorder>, inner: T) -> Self {
        let recorder = recorder.cloned();
        Self { inner, recorder }
    }

    pub(super) fn record_incoming(&self, batch: &FrameBatch) -> io::Result<()> {
        self.record(Direction::Server, batch.frames())
    }

    pub(super) fn record_outgoing(&self, frames: &[String]) -> io::Result<()> {
        self.record(Direction::Client, frames.iter().map(String::as_bytes))
    }

    fn record<'a>(
        &self,
        direction: Direction,
        mut frames: impl Iterator<Item = &'a [u8]>,
    ) -> io::Result<()> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        frames
            .try_for_each(|frame| recorder.record(direction, frame))
            .map_err(|error| io::Error::new(error.kind(), format!("cannot record: {error}")))
    }
}
