//! The in-memory transport on tasks.

use std::future::poll_fn;
use std::io;

use super::{FrameReader, FrameWriter};
use crate::transport::memory::{MemoryReader, MemoryWriter};
use crate::transport::{Frame, FrameBatch};

impl FrameReader for MemoryReader {
    async fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
        Ok(poll_fn(|context| self.poll_read(context, batch)).await)
    }
}

impl FrameWriter for MemoryWriter {
    async fn write(&mut self, frames: &[Frame]) -> io::Result<()> {
        self.write_all(frames)
    }

    async fn close(&mut self) -> io::Result<()> {
        self.end();
        Ok(())
    }
}
