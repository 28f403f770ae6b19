//! TLS for `wss://` on tasks.

use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tungstenite::Error as WebSocketError;
use tungstenite::handshake::client::Request;
use tungstenite::protocol::WebSocketConfig;

use super::Socket;
use crate::transport::websocket::tls;

/// Turns a connection into a websocket, over TLS for a `wss://` URL.
pub(super) async fn upgrade<S>(
    request: Request,
    stream: S,
    config: WebSocketConfig,
) -> Result<Pin<Box<dyn Socket>>, WebSocketError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let connector = connector(&request).await?;
    let connecting =
        tokio_tungstenite::client_async_tls_with_config(request, stream, Some(config), connector);
    Ok(Box::pin(connecting.await?.0))
}

async fn connector(
    request: &Request,
) -> Result<Option<tokio_tungstenite::Connector>, WebSocketError> {
    if request.uri().scheme_str() != Some("wss") {
        return Ok(None);
    }
    let config = tokio::task::spawn_blocking(tls::config).await;
    let config = config.map_err(io::Error::other)??;
    Ok(Some(tokio_tungstenite::Connector::Rustls(config)))
}
