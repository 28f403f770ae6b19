//! Connections to a running server.

use std::fmt;
use std::pin::Pin;

use super::builder::Starter;
use crate::error::Error;
use crate::nonblocking::client::Client;
use crate::transport::{FrameReader, FrameWriter};

type Connecting = Pin<Box<dyn Future<Output = Result<Client, Error>> + Send>>;

/// A connection to a running server: a pair of a [`FrameReader`] and a [`FrameWriter`], or an
/// [`Endpoint`](crate::transport::Endpoint).
pub struct Transport(Box<dyn FnOnce(Starter) -> Connecting + Send>);

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl Transport {
    pub(super) fn new(connect: impl FnOnce(Starter) -> Connecting + Send + 'static) -> Self {
        Self(Box::new(connect))
    }

    pub(super) fn connect(self, starter: Starter) -> Connecting {
        (self.0)(starter)
    }
}

impl<R: FrameReader, W: FrameWriter> From<(R, W)> for Transport {
    fn from((reader, writer): (R, W)) -> Self {
        Self(Box::new(move |starter| {
            Box::pin(async move { Ok(starter.connect(reader, writer)) })
        }))
    }
}
