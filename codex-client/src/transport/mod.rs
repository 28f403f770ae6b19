//! Transports of frames: one message each, in order.
//!
//! A transport is independent of the contents of frames. The traits here are the async ones; those
//! of the blocking API are in [`blocking`].

#[cfg_attr(not(feature = "async"), path = "../shared/absent.rs")]
mod asynchronous;
mod batch;
#[cfg(feature = "blocking")]
pub mod blocking;
pub mod memory;
#[cfg_attr(not(feature = "record"), path = "unrecorded.rs")]
pub mod recording;
mod tap;
#[cfg(any(feature = "websocket", feature = "websocket-blocking"))]
mod websocket;

pub use crate::engine::Frame;
pub use asynchronous::*;
pub(crate) use batch::DEFAULT_LIMIT;
pub use batch::FrameBatch;
pub(crate) use recording::Recorder;
pub(crate) use tap::tap;
#[cfg(any(feature = "websocket", feature = "websocket-blocking"))]
pub use websocket::{Endpoint, Server};

/// Number of bytes that a ready pipe accepts completely, without blocking (`PIPE_BUF` is 4096 on Linux and
/// 512 elsewhere).
pub(crate) const ATOMIC: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// The error of a reader whose server has closed a websocket with a code.
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
