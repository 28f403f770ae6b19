//! One message per line, over any pair of byte streams: the pipes of a process, a socket.

use std::io::{self, BufWriter, Read, Write};
use std::sync::Arc;

use super::{FrameReader, FrameWriter, Interrupter};
use crate::transport::{Frame, FrameBatch};

/// Reads a message per line.
#[derive(Debug)]
pub struct LineReader<R> {
    input: R,
    interrupter: Option<Arc<Interrupter>>,
}

/// Writes a message per line.
#[derive(Debug)]
pub struct LineWriter<W: Write> {
    output: Option<BufWriter<W>>,
    interrupter: Option<Arc<Interrupter>>,
}

/// Maximum size of one write; longer lines are written separately.
const WRITE: usize = 64 * 1024;

impl<R> LineReader<R> {
    /// Creates a reader of this stream, which needs no buffer of its own.
    pub fn new(input: R) -> Self {
        let interrupter = None;
        Self { input, interrupter }
    }

    /// Sets the interrupter of reads of this stream: a socket's `shutdown`.
    #[must_use]
    pub fn with_interrupter(mut self, interrupter: Interrupter) -> Self {
        self.interrupter = Some(Arc::new(interrupter));
        self
    }
}

impl<W: Write> LineWriter<W> {
    /// Creates a writer to this stream, which needs no buffer of its own. The stream is dropped on
    /// close.
    pub fn new(output: W) -> Self {
        Self {
            output: Some(BufWriter::with_capacity(WRITE, output)),
            interrupter: None,
        }
    }

    /// Sets the interrupter of writes to this stream: a socket's `shutdown`. Time limits are up to
    /// the stream: a socket has `set_write_timeout`.
    #[must_use]
    pub fn with_interrupter(mut self, interrupter: Interrupter) -> Self {
        self.interrupter = Some(Arc::new(interrupter));
        self
    }
}

/// A shared interrupter, which can be used at any time.
fn shared(interrupter: Option<&Arc<Interrupter>>) -> Option<Interrupter> {
    let interrupter = Arc::clone(interrupter?);
    Some(Interrupter::new(move || interrupter.interrupt()))
}

impl<R: Read + Send + 'static> FrameReader for LineReader<R> {
    fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
        let count = loop {
            match self.input.read(batch.space()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        if count == 0 {
            batch.finish();
            return Ok(false);
        }
        batch.advance(count);
        Ok(true)
    }

    fn interrupter(&self) -> Option<Interrupter> {
        shared(self.interrupter.as_ref())
    }
}

impl<W: Write + Send + 'static> FrameWriter for LineWriter<W> {
    fn write(&mut self, frames: &[Frame]) -> io::Result<()> {
        let Some(output) = &mut self.output else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        for frame in frames {
            for part in frame.parts() {
                output.write_all(part.as_bytes())?;
            }
            output.write_all(b"\n")?;
        }
        output.flush()
    }

    fn close(&mut self) -> io::Result<()> {
        match self.output.take() {
            Some(mut output) => output.flush(),
            None => Ok(()),
        }
    }

    fn interrupter(&self) -> Option<Interrupter> {
        shared(self.interrupter.as_ref())
    }
}
