//! Frames on threads: the traits of the blocking API, and lines over byte streams.

use std::io;
use std::time::Duration;

use super::FrameBatch;

mod lines;
mod memory;
#[cfg_attr(not(unix), path = "plain_pipe.rs")]
mod pipe;
mod tap;

pub use lines::{LineReader, LineWriter};
pub(crate) use pipe::over_pipes;

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
