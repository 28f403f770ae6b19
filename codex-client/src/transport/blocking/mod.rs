//! Frames on threads: the traits of the blocking API, and lines over byte streams.

use std::io;
use std::time::Duration;

use super::{Frame, FrameBatch};

mod lines;
mod memory;
#[cfg_attr(not(unix), path = "plain_pipe.rs")]
mod pipe;
#[cfg_attr(not(unix), path = "no_readiness.rs")]
mod readiness;
mod tap;

pub use lines::{LineReader, LineWriter};
pub(crate) use pipe::over_pipes;
pub(crate) use readiness::{Bell, Readiness, Ready};

#[cfg(feature = "websocket-blocking")]
pub use super::websocket::blocking::{WebSocketReader, WebSocketWriter};

/// Receives frames, on a thread of its own.
pub trait FrameReader: Send + 'static {
    /// Waits for input, then adds all available frames to the batch, which was cleared before.
    /// Returns `false` if the input has ended, after the frames in the batch.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails; there are no more frames then.
    fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool>;

    /// Returns an interrupter of a waiting `read`, for another thread. By default there is none:
    /// the thread stays until the input ends.
    fn interrupter(&self) -> Option<Interrupter> {
        None
    }
}

/// Sends frames, on a thread of its own.
pub trait FrameWriter: Send + 'static {
    /// Sends frames completely, in this order. The [parts](Frame::parts) of a frame are sent one after
    /// the other, without a separator.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails; no more frames are sent then.
    fn write(&mut self, frames: &[Frame]) -> io::Result<()>;

    /// Signals the end of frames to the other side.
    ///
    /// # Errors
    ///
    /// Returns an error if the signal cannot be sent; it is called once.
    fn close(&mut self) -> io::Result<()>;

    /// Sets the time limit of a `write` without progress, after which it fails with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) or [`TimedOut`](io::ErrorKind::TimedOut). By
    /// default it is ignored.
    fn set_write_timeout(&mut self, limit: Option<Duration>) {
        let _ = limit;
    }

    /// Returns an interrupter of a waiting `write`, for another thread. By default there is none.
    fn interrupter(&self) -> Option<Interrupter> {
        None
    }
}

/// Interrupts a waiting read or write from another thread. It is used after the connection was
/// closed and the grace period of the other side is over.
pub struct Interrupter(Box<dyn Fn() + Send + Sync>);

impl Interrupter {
    /// Creates an interrupter from a function, such as the `shutdown` of a socket.
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
