//! Connections to a websocket.

use super::Transport;
use crate::connection::timer::within;
use crate::error::Error;
use crate::transport::Endpoint;

/// The deadline of requests applies to connecting.
impl From<Endpoint> for Transport {
    fn from(endpoint: Endpoint) -> Self {
        Self::new(move |starter| {
            let endpoint = endpoint.clone();
            Box::pin(async move {
                let settings = starter.settings();
                let limit = settings.call.deadline;
                let connecting = Box::pin(endpoint.connect_limited(settings.max_message_size));
                let timeout = || Error::Timeout {
                    method: "connect".to_owned(),
                    after: limit.unwrap_or_default(),
                };
                let connected = within(limit, connecting).await;
                let (reader, writer) = connected.unwrap_or_else(|| Err(timeout()))?;
                starter.connect(reader, writer)
            })
        })
    }
}

impl From<&Endpoint> for Transport {
    fn from(endpoint: &Endpoint) -> Self {
        endpoint.clone().into()
    }
}
