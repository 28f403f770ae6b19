//! Connections to a server that is running already.

use std::fmt;
use std::pin::Pin;

use super::builder::Starter;
use crate::connection::session::Session;
use crate::error::Error;
use crate::nonblocking::client::Client;
use crate::transport::{FrameReader, FrameWriter};

type Connecting = Pin<Box<dyn Future<Output = Result<Client, Error>> + Send>>;

/// A way to a server that is running already: a pair of a [`FrameReader`] and a [`FrameWriter`], or
/// an [`Endpoint`](crate::transport::Endpoint).
pub struct Transport(Box<dyn FnOnce(Starter) -> Connecting + Send>);

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl Transport {
    pub(super) fn connect(self, starter: Starter) -> Connecting {
        (self.0)(starter)
    }
}

impl<R: FrameReader, W: FrameWriter> From<(R, W)> for Transport {
    fn from((reader, writer): (R, W)) -> Self {
        Self(Box::new(move |starter| {
            Box::pin(async move { Ok(start(starter, reader, writer)) })
        }))
    }
}

fn start(starter: Starter, reader: impl FrameReader, writer: impl FrameWriter) -> Client {
    let session = Session::new(starter.settings.clone());
    starter.start(session, reader, writer, None)
}

/// Connecting may take as long as a request.
#[cfg(feature = "websocket")]
impl From<crate::transport::Endpoint> for Transport {
    fn from(endpoint: crate::transport::Endpoint) -> Self {
        Self(Box::new(move |starter| {
            Box::pin(async move {
                let limit = starter.settings.call.deadline;
                let connecting =
                    Box::pin(endpoint.connect_limited(starter.settings.max_message_size));
                let connected = crate::connection::timer::within(limit, connecting).await;
                let timeout = || Error::Timeout {
                    method: "connect".to_owned(),
                    after: limit.unwrap_or_default(),
                };
                let (reader, writer) = connected.unwrap_or_else(|| Err(timeout()))?;
                Ok(start(starter, reader, writer))
            })
        }))
    }
}

#[cfg(feature = "websocket")]
impl From<&crate::transport::Endpoint> for Transport {
    fn from(endpoint: &crate::transport::Endpoint) -> Self {
        endpoint.clone().into()
    }
}
