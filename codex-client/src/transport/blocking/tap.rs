//! Recorded transports on threads.

use std::io;
use std::time::Duration;

use super::{FrameReader, FrameWriter, Interrupter};
use crate::transport::tap::Tapped;
use crate::transport::{Frame, FrameBatch};

impl<R: FrameReader> FrameReader for Tapped<R> {
    fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
        let more = self.inner.read(batch)?;
        self.record_incoming(batch)?;
        Ok(more)
    }

    fn interrupter(&self) -> Option<Interrupter> {
        self.inner.interrupter()
    }
}

impl<W: FrameWriter> FrameWriter for Tapped<W> {
    fn write(&mut self, frames: &[Frame]) -> io::Result<()> {
        self.record_outgoing(frames)?;
        self.inner.write(frames)
    }

    fn close(&mut self) -> io::Result<()> {
        self.inner.close()
    }

    fn set_write_timeout(&mut self, limit: Option<Duration>) {
        self.inner.set_write_timeout(limit);
    }

    fn interrupter(&self) -> Option<Interrupter> {
        self.inner.interrupter()
    }
}
