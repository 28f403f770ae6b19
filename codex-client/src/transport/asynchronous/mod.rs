//! Frames on tasks: the traits of the async API, and lines over byte streams.

use std::future::Future;
use std::io;

use super::{Frame, FrameBatch};

#[cfg_attr(not(unix), path = "no_direct_pipe.rs")]
mod direct_pipe;
mod lines;
mod memory;
mod tap;

pub(crate) use direct_pipe::DirectPipe;

pub use lines::{LineReader, LineWriter};

#[cfg(feature = "websocket")]
pub use super::websocket::asynchronous::{WebSocketReader, WebSocketWriter};

/// Receives frames.
pub trait FrameReader: Send + 'static {
    /// Waits for input, then adds all available frames to the batch, which was cleared before. An
    /// empty batch has no meaning; returns `false` if the input has ended, after the frames in the
    /// batch.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails; there are no more frames then.
    fn read(&mut self, batch: &mut FrameBatch) -> impl Future<Output = io::Result<bool>> + Send;
}

/// Sends frames.
pub trait FrameWriter: Send + 'static {
    /// Sends frames completely, in this order. The [parts](Frame::parts) of a frame are sent one after
    /// the other, without a separator.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails; no more frames are sent then.
    fn write(&mut self, frames: &[Frame]) -> impl Future<Output = io::Result<()>> + Send;

    /// Signals the end of frames to the other side.
    ///
    /// # Errors
    ///
    /// Returns an error if the signal cannot be sent; it is called once.
    fn close(&mut self) -> impl Future<Output = io::Result<()>> + Send;
}
