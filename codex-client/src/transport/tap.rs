//! Transports that are recorded in use.
//!
//! Frames of the client are recorded before they are sent, so that no response precedes its request
//! in the file.

use std::io;

use super::recording::{Direction, Recorder};
use super::{Frame, FrameBatch};

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
        let mut frames = batch.frames();
        self.record(|recorder| {
            frames.try_for_each(|frame| recorder.record(Direction::Server, frame))
        })
    }

    pub(super) fn record_outgoing(&self, frames: &[Frame]) -> io::Result<()> {
        let mut texts = frames.iter().map(Frame::text);
        self.record(|recorder| {
            texts.try_for_each(|text| recorder.record(Direction::Client, text.as_bytes()))
        })
    }

    fn record(&self, record: impl FnOnce(&Recorder) -> io::Result<()>) -> io::Result<()> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        record(recorder)
            .map_err(|error| io::Error::new(error.kind(), format!("cannot record: {error}")))
    }
}
