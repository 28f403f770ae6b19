//! The in-memory transport on threads.

use std::io;

use super::{FrameReader, FrameWriter, Interrupter};
use crate::connection::park;
use crate::transport::memory::{MemoryReader, MemoryWriter};
use crate::transport::{Frame, FrameBatch};

impl FrameReader for MemoryReader {
    fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
        Ok(park::forever(|context| self.poll_read(context, batch)))
    }

    fn interrupter(&self) -> Option<Interrupter> {
        Some(Interrupter::new(self.ending()))
    }
}

impl FrameWriter for MemoryWriter {
    fn write(&mut self, frames: &[Frame]) -> io::Result<()> {
        self.write_all(frames)
    }

    fn close(&mut self) -> io::Result<()> {
        self.end();
        Ok(())
    }
}
