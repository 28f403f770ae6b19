//! Connections to a websocket.

use super::Transport;
use crate::transport::Endpoint;

/// Connecting may take as long as a request.
impl From<Endpoint> for Transport {
    fn from(endpoint: Endpoint) -> Self {
        Self::new(move |starter| {
            let (reader, writer) = endpoint.connect_blocking(starter.settings.call.deadline)?;
            starter.connect(reader, writer)
        })
    }
}

impl From<&Endpoint> for Transport {
    fn from(endpoint: &Endpoint) -> Self {
        endpoint.clone().into()
    }
}
