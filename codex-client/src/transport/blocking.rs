//! Frames on threads: the traits of the blocking API, and lines over byte streams.

use std::io::{self, BufWriter, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use super::FrameBatch;

#[cfg(unix)]
mod pipe;

#[cfg(unix)]
pub(crate) use pipe::Pipe;

#[cfg(feature = "websocket-blocking")]
pub use super::websocket::blocking::{WebSocketReader, WebSocketWriter};

/// Receives frames; used by one thread of its own.
pub trait FrameReader: Send + 'static {
    /// Waits until there is something, then adds all frames that are there to the batch,
    /// which was cleared before. `false` means that the input has ended, after the frames in
    /// the batch.
    ///
    /// # Errors
    ///
    /// When the connection fails; there are no more frames then.
    fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool>;

    /// How to make a `read` that waits return, from another thread. By default nothing can: the
    /// thread stays until the input ends.
    fn interrupter(&self) -> Option<Interrupter> {
        None
    }
}

/// Sends frames; used by one thread of its own.
pub trait FrameWriter: Send + 'static {
    /// Sends frames, in this order, all the way.
    ///
    /// # Errors
    ///
    /// When the connection fails; nothing more is sent then.
    fn write(&mut self, frames: &[String]) -> io::Result<()>;

    /// Tells the other side that there will be no more frames.
    ///
    /// # Errors
    ///
    /// When the other side cannot be told; it is called once.
    fn close(&mut self) -> io::Result<()>;

    /// How long a `write` may make no progress before it fails with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) or [`TimedOut`](io::ErrorKind::TimedOut). By
    /// default it may do so for ever.
    fn set_write_timeout(&mut self, limit: Option<Duration>) {
        let _ = limit;
    }

    /// How to make a `write` that waits return, from another thread. By default nothing can.
    fn interrupter(&self) -> Option<Interrupter> {
        None
    }
}

/// Makes a read or a write that waits return, from another thread. It is used once the connection
/// was closed and the other side has had its time to end it.
pub struct Interrupter(Box<dyn Fn() + Send + Sync>);

impl Interrupter {
    /// Interrupts by calling this, such as the `shutdown` of a socket.
    pub fn new(interrupt: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Box::new(interrupt))
    }

    pub(crate) fn interrupt(&self) {
        (self.0)();
    }
}

impl std::fmt::Debug for Interrupter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Interrupter")
            .finish_non_exhaustive()
    }
}

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

/// How much is written at once; longer lines go out by themselves.
const WRITE: usize = 64 * 1024;

impl<R> LineReader<R> {
    /// Reads from this stream, which needs no buffer of its own.
    pub fn new(input: R) -> Self {
        let interrupter = None;
        Self { input, interrupter }
    }

    /// How to make a read of this stream return, from another thread: a socket's `shutdown`.
    #[must_use]
    pub fn with_interrupter(mut self, interrupter: Interrupter) -> Self {
        self.interrupter = Some(Arc::new(interrupter));
        self
    }
}

impl<W: Write> LineWriter<W> {
    /// Writes to this stream, which needs no buffer of its own. It is dropped on close.
    pub fn new(output: W) -> Self {
        Self {
            output: Some(BufWriter::with_capacity(WRITE, output)),
            interrupter: None,
        }
    }

    /// How to make a write to this stream return, from another thread: a socket's `shutdown`. How
    /// long one may take is the stream's business: a socket has `set_write_timeout`.
    #[must_use]
    pub fn with_interrupter(mut self, interrupter: Interrupter) -> Self {
        self.interrupter = Some(Arc::new(interrupter));
        self
    }
}

/// The same, shared: it may be used at any time.
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
    fn write(&mut self, frames: &[String]) -> io::Result<()> {
        let Some(output) = &mut self.output else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        for frame in frames {
            output.write_all(frame.as_bytes())?;
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
