//! Stands for `tls` where TLS is not built: `wss://` is an error.

use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tungstenite::Error as WebSocketError;
use tungstenite::handshake::client::Request;
use tungstenite::protocol::WebSocketConfig;

use super::Socket;

/// Turns a connection into a websocket.
pub(super) async fn upgrade<S>(
    request: Request,
    stream: S,
    config: WebSocketConfig,
) -> Result<Pin<Box<dyn Socket>>, WebSocketError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    if request.uri().scheme_str() == Some("wss") {
        let problem = tungstenite::error::UrlError::TlsFeatureNotEnabled;
        return Err(WebSocketError::Url(problem));
    }
    let connecting = tokio_tungstenite::client_async_with_config(request, stream, Some(config));
    Ok(Box::pin(connecting.await?.0))
}
