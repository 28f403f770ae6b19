//! Connections to a websocket.

use super::Transport;
use crate::transport::Endpoint;

/// The deadline of requests applies to connecting.
impl From<Endpoint> for Transport {
    fn from(endpoint: Endpoint) -> Self {
        Self::new(move |starter| {
            let (reader, writer) = endpoint.connect_blocking(starter.settings().call.deadline)?;
            starter.connect(reader, writer)
        })
    }
}

impl From<&Endpoint> for Transport {
    fn from(endpoint: &Endpoint) -> Self {
        endpoint.clone().into()
    }
}
