//! Frames on tasks: the traits of the async API, and lines over byte streams.

use std::future::Future;
use std::io;

use super::FrameBatch;

mod lines;
mod memory;
mod tap;

pub use lines::{LineReader, LineWriter};

#[cfg(feature = "websocket")]
pub use super::websocket::asynchronous::{WebSocketReader, WebSocketWriter};

/// Receives frames.
pub trait FrameReader: Send + 'static {
    /// Waits until there is something, then adds all frames that are there to the batch,
    /// which was cleared before. An empty batch is no sign of anything; `false` means that
    /// the input has ended, after the frames in the batch.
    ///
    /// # Errors
    ///
    /// When the connection fails; there are no more frames then.
    fn read(&mut self, batch: &mut FrameBatch) -> impl Future<Output = io::Result<bool>> + Send;
}

/// Sends frames.
pub trait FrameWriter: Send + 'static {
    /// Sends frames, in this order, all the way.
    ///
    /// # Errors
    ///
    /// When the connection fails; nothing more is sent then.
    fn write(&mut self, frames: &[String]) -> impl Future<Output = io::Result<()>> + Send;

    /// Tells the other side that there will be no more frames.
    ///
    /// # Errors
    ///
    /// When the other side cannot be told; it is called once.
    fn close(&mut self) -> impl Future<Output = io::Result<()>> + Send;
}
