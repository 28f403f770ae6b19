//! Connections to a running server.

use std::fmt;

use super::Client;
use super::builder::Starter;
use crate::error::Error;
use crate::transport::blocking::{FrameReader, FrameWriter};

/// A connection to a running server: a pair of a [`FrameReader`] and a [`FrameWriter`], or an
/// [`Endpoint`](crate::transport::Endpoint).
pub struct Transport(Box<dyn FnOnce(Starter) -> Result<Client, Error> + Send>);

impl Transport {
    pub(super) fn new(
        connect: impl FnOnce(Starter) -> Result<Client, Error> + Send + 'static,
    ) -> Self {
        Self(Box::new(connect))
    }

    pub(super) fn connect(self, starter: Starter) -> Result<Client, Error> {
        (self.0)(starter)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl<R: FrameReader, W: FrameWriter> From<(R, W)> for Transport {
    fn from((reader, writer): (R, W)) -> Self {
        Self::new(move |starter| starter.connect(reader, writer))
    }
}
