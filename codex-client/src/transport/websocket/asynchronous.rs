//! Websockets of the async face.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;

use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tungstenite::handshake::client::Request;
use tungstenite::{Error as WebSocketError, Message};

use super::{Endpoint, Place, config, has_room, into_io, messages, take_in};
use crate::error::Error;
use crate::transport::{FrameBatch, FrameReader, FrameWriter};

impl Endpoint {
    /// Connects. Both halves of the connection are needed to keep it open.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] when nobody listens there, or whoever does refuses.
    pub async fn connect(&self) -> Result<(WebSocketReader, WebSocketWriter), Error> {
        let request = self.request().map_err(|error| self.problem(error))?;
        let halves = match &self.place {
            Place::Url(_) => connect_url(request).await,
            #[cfg(unix)]
            Place::Socket(path) => connect_socket(path, request).await,
        };
        halves.map_err(|error| self.problem(error))
    }
}

#[cfg(not(feature = "websocket-tls"))]
async fn connect_url(
    request: Request,
) -> Result<(WebSocketReader, WebSocketWriter), WebSocketError> {
    let connecting = tokio_tungstenite::connect_async_with_config(request, Some(config()), true);
    Ok(split(connecting.await?.0))
}

#[cfg(feature = "websocket-tls")]
async fn connect_url(
    request: Request,
) -> Result<(WebSocketReader, WebSocketWriter), WebSocketError> {
    let connector = match request.uri().scheme_str() {
        Some("wss") => {
            let config = tokio::task::spawn_blocking(super::tls::config).await;
            Some(tokio_tungstenite::Connector::Rustls(
                config.map_err(io::Error::other)??,
            ))
        }
        _ => None,
    };
    let config = Some(config());
    let connecting =
        tokio_tungstenite::connect_async_tls_with_config(request, config, true, connector);
    Ok(split(connecting.await?.0))
}

#[cfg(unix)]
async fn connect_socket(
    path: &std::path::Path,
    request: Request,
) -> Result<(WebSocketReader, WebSocketWriter), WebSocketError> {
    let stream = tokio::net::UnixStream::connect(path).await?;
    let connecting = tokio_tungstenite::client_async_with_config(request, stream, Some(config()));
    Ok(split(connecting.await?.0))
}

/// One half of a websocket over any kind of byte stream.
type Incoming = Pin<Box<dyn Stream<Item = Result<Message, WebSocketError>> + Send>>;
type Outgoing = Pin<Box<dyn Sink<Message, Error = WebSocketError> + Send>>;

/// Receives messages.
pub struct WebSocketReader(Incoming);

/// Sends messages.
pub struct WebSocketWriter(Outgoing);

impl fmt::Debug for WebSocketReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("WebSocketReader")
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WebSocketWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("WebSocketWriter")
            .finish_non_exhaustive()
    }
}

fn split<S>(socket: WebSocketStream<S>) -> (WebSocketReader, WebSocketWriter)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (outgoing, incoming) = socket.split();
    (
        WebSocketReader(Box::pin(incoming)),
        WebSocketWriter(Box::pin(outgoing)),
    )
}

impl FrameReader for WebSocketReader {
    async fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
        poll_fn(|context| {
            while has_room(batch) {
                match self.0.as_mut().poll_next(context) {
                    Poll::Ready(message) => match take_in(message, batch) {
                        Ok(true) => {}
                        end => return Poll::Ready(end),
                    },
                    Poll::Pending if batch.is_empty() => return Poll::Pending,
                    Poll::Pending => break,
                }
            }
            Poll::Ready(Ok(true))
        })
        .await
    }
}

impl FrameWriter for WebSocketWriter {
    async fn write(&mut self, frames: &[String]) -> io::Result<()> {
        for frame in frames {
            for message in messages(frame) {
                self.0.feed(message).await.map_err(into_io)?;
            }
        }
        self.0.flush().await.map_err(into_io)
    }

    async fn close(&mut self) -> io::Result<()> {
        self.0.close().await.map_err(into_io)
    }
}
