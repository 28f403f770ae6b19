//! Connections to a running server.

use std::io;

use crate::driver::threads::{Function, Handler};
use crate::driver::{Connect, Once, Starter, connect_error};
use crate::error::Error;
use crate::transport::blocking::{FrameReader, FrameWriter};

/// A connection to a running server: a pair of a [`FrameReader`] and a [`FrameWriter`], or an
/// [`Endpoint`](crate::transport::Endpoint).
#[derive(Debug)]
pub struct Transport(pub(super) Connect<Function>);

impl Transport {
    /// A transport that can be made again, such as a tunnel, so that the connection can be
    /// [supervised](crate::Builder::supervise). Each call makes a new pair.
    pub fn from_fn<F, R, W>(connect: F) -> Self
    where
        F: Fn() -> io::Result<(R, W)> + Send + Sync + 'static,
        R: FrameReader,
        W: FrameWriter,
    {
        Self::new(move |starter| {
            let (reader, writer) = connect().map_err(connect_error)?;
            starter.connect(reader, writer)
        })
    }

    pub(super) fn new(
        connect: impl Fn(Starter<Handler>) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        Self(Connect {
            connect: Box::new(connect),
            is_repeatable: true,
        })
    }
}

impl<R: FrameReader, W: FrameWriter> From<(R, W)> for Transport {
    fn from(pair: (R, W)) -> Self {
        let pair = Once::new(pair);
        let connect = move |starter: Starter<Handler>| {
            let (reader, writer) = pair.take()?;
            starter.connect(reader, writer)
        };
        let connect = Box::new(connect);
        let is_repeatable = false;
        Self(Connect {
            connect,
            is_repeatable,
        })
    }
}
