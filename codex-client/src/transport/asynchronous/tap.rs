//! Recorded transports on tasks.

use std::io;

use super::{FrameReader, FrameWriter};
use crate::transport::tap::Tapped;
use crate::transport::{Frame, FrameBatch};

impl<R: FrameReader> FrameReader for Tapped<R> {
    async fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
        let more = self.inner.read(batch).await?;
        self.record_incoming(batch)?;
        Ok(more)
    }
}

impl<W: FrameWriter> FrameWriter for Tapped<W> {
    async fn write(&mut self, frames: &[Frame]) -> io::Result<()> {
        self.record_outgoing(frames)?;
        self.inner.write(frames).await
    }

    async fn close(&mut self) -> io::Result<()> {
        self.inner.close().await
    }
}
