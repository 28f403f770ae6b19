//! Connections to a running server.

use std::io;

use crate::driver::tasks::{Connecting, Function, Handler};
use crate::driver::{Connect, Once, Starter, connect_error};
use crate::transport::{FrameReader, FrameWriter};

/// A connection to a running server: a pair of a [`FrameReader`] and a [`FrameWriter`], or an
/// [`Endpoint`](crate::transport::Endpoint).
#[derive(Debug)]
pub struct Transport(pub(super) Connect<Function>);

impl Transport {
    /// A transport that can be made again, such as a tunnel, so that the connection can be
    /// [supervised](crate::Builder::supervise). Each call makes a new pair.
    pub fn from_fn<F, Fut, R, W>(connect: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = io::Result<(R, W)>> + Send + 'static,
        R: FrameReader,
        W: FrameWriter,
    {
        Self::new(move |starter| {
            let connecting = connect();
            Box::pin(async move {
                let (reader, writer) = connecting.await.map_err(connect_error)?;
                starter.connect(reader, writer)
            })
        })
    }

    pub(super) fn new(
        connect: impl Fn(Starter<Handler>) -> Connecting + Send + Sync + 'static,
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
        let connect = move |starter: Starter<Handler>| -> Connecting {
            let pair = pair.take();
            Box::pin(
                async move { pair.and_then(|(reader, writer)| starter.connect(reader, writer)) },
            )
        };
        let connect = Box::new(connect);
        let is_repeatable = false;
        Self(Connect {
            connect,
            is_repeatable,
        })
    }
}
