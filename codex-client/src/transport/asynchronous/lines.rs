//! One message per line, over any pair of byte streams: the pipes of a process, a socket, an
//! SSH channel.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufWriter};

use super::{FrameReader, FrameWriter};
use crate::transport::{Frame, FrameBatch};

/// Reads a message per line.
#[derive(Debug)]
pub struct LineReader<R> {
    input: R,
}

/// Writes a message per line.
#[derive(Debug)]
pub struct LineWriter<W> {
    output: Option<BufWriter<W>>,
}

/// Maximum size of one write; longer lines are written separately.
const WRITE: usize = 64 * 1024;

impl<R> LineReader<R> {
    /// Creates a reader of this stream, which needs no buffer of its own.
    pub fn new(input: R) -> Self {
        Self { input }
    }
}

impl<W: AsyncWrite> LineWriter<W> {
    /// Creates a writer to this stream, which needs no buffer of its own. The stream is dropped on
    /// close.
    pub fn new(output: W) -> Self {
        let output = Some(BufWriter::with_capacity(WRITE, output));
        Self { output }
    }
}

impl<R: AsyncRead + Unpin + Send + 'static> FrameReader for LineReader<R> {
    async fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
        let count = self.input.read(batch.space()).await?;
        if count == 0 {
            batch.finish();
            return Ok(false);
        }
        batch.advance(count);
        Ok(true)
    }
}

impl<W: AsyncWrite + Unpin + Send + 'static> FrameWriter for LineWriter<W> {
    async fn write(&mut self, frames: &[Frame]) -> io::Result<()> {
        let Some(output) = &mut self.output else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        for frame in frames {
            for part in frame.parts() {
                output.write_all(part.as_bytes()).await?;
            }
            output.write_all(b"\n").await?;
        }
        output.flush().await
    }

    async fn close(&mut self) -> io::Result<()> {
        match self.output.take() {
            Some(mut output) => output.shutdown().await,
            None => Ok(()),
        }
    }
}
