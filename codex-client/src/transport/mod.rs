//! How frames travel: one message each, in order, and nothing else.
//!
//! A transport does not know what is in a frame. The traits here are the async ones; those of
//! the blocking API are in [`blocking`].

#[cfg(feature = "async")]
use std::future::Future;
#[cfg(feature = "async")]
use std::io;

mod batch;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "async")]
mod lines;
pub mod memory;
#[cfg(feature = "record")]
pub mod recording;
#[cfg(any(feature = "websocket", feature = "websocket-blocking"))]
mod websocket;

pub(crate) use batch::DEFAULT_LIMIT;
pub use batch::FrameBatch;
#[cfg(feature = "async")]
pub use lines::{LineReader, LineWriter};
#[cfg(any(feature = "websocket", feature = "websocket-blocking"))]
pub use websocket::Endpoint;
#[cfg(feature = "websocket")]
pub use websocket::{WebSocketReader, WebSocketWriter};

/// How a reader tells that the server has closed a websocket with a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClosedWithCode {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

impl std::fmt::Display for ClosedWithCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "closed with code {}", self.code)
    }
}

impl std::error::Error for ClosedWithCode {}

/// Receives frames.
#[cfg(feature = "async")]
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
#[cfg(feature = "async")]
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
