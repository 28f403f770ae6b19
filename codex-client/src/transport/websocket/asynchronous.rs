//! Websockets of the async API: one task reads, another writes, over one socket.
//!
//! The lock is held for a step of the protocol; there is no wait under it.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use tungstenite::handshake::client::Request;
use tungstenite::{Bytes, Error as WebSocketError, Message};

#[cfg_attr(not(feature = "websocket-tls"), path = "asynchronous/no_tls.rs")]
mod tls;

use super::{Endpoint, Heartbeat, Place, Quiet, config, has_room, into_io, messages, push_message};
use crate::error::Error;
use crate::transport::{DEFAULT_LIMIT, Frame, FrameBatch, FrameReader, FrameWriter};

type Halves = (WebSocketReader, WebSocketWriter);

impl Endpoint {
    /// Connects. Both halves of the connection are needed to keep it open. Messages are limited to
    /// 256 MiB; a builder that connects to the endpoint itself has the option `max_message_size`.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Connect`] if no server listens there, or the server rejects the connection.
    pub async fn connect(&self) -> Result<(WebSocketReader, WebSocketWriter), Error> {
        self.connect_limited(DEFAULT_LIMIT).await
    }

    /// Connects, for messages of up to this number of bytes.
    pub(crate) async fn connect_limited(&self, longest: usize) -> Result<Halves, Error> {
        let request = self.request().map_err(|error| self.problem(error))?;
        let activity = Activity::begin();
        let socket = match &self.place {
            Place::Url(_) => connect_url(request, longest, &activity).await,
            #[cfg(unix)]
            Place::Socket(path) => connect_socket(path, request, longest, &activity).await,
        };
        let socket = Arc::new(Mutex::new(socket.map_err(|error| self.problem(error))?));
        let reader = WebSocketReader {
            socket: Arc::clone(&socket),
            activity,
            heartbeat: self.heartbeat,
        };
        Ok((reader, WebSocketWriter(socket)))
    }
}

async fn connect_url(
    request: Request,
    longest: usize,
    activity: &Activity,
) -> Result<Pin<Box<dyn Socket>>, WebSocketError> {
    let uri = request.uri();
    let host = uri.host().unwrap_or_default();
    // An address of version 6 is in brackets.
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let usual = if uri.scheme_str() == Some("wss") {
        443
    } else {
        80
    };
    let port = uri.port_u16().unwrap_or(usual);
    let stream = tokio::net::TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    let stream = activity.watch(stream);
    tls::upgrade(request, stream, config(longest)).await
}

#[cfg(unix)]
async fn connect_socket(
    path: &std::path::Path,
    request: Request,
    longest: usize,
    activity: &Activity,
) -> Result<Pin<Box<dyn Socket>>, WebSocketError> {
    let stream = activity.watch(tokio::net::UnixStream::connect(path).await?);
    let config = Some(config(longest));
    let connecting = tokio_tungstenite::client_async_with_config(request, stream, config);
    Ok(Box::pin(connecting.await?.0))
}

/// A websocket over any kind of byte stream.
trait Socket:
    Stream<Item = Result<Message, WebSocketError>> + Sink<Message, Error = WebSocketError> + Send
{
}

impl<T> Socket for T where
    T: Stream<Item = Result<Message, WebSocketError>>
        + Sink<Message, Error = WebSocketError>
        + Send
{
}

type Shared = Arc<Mutex<Pin<Box<dyn Socket>>>>;

fn lock(socket: &Shared) -> MutexGuard<'_, Pin<Box<dyn Socket>>> {
    socket.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time at which data was last received.
#[derive(Clone, Debug)]
struct Activity {
    begin: Instant,
    /// In milliseconds after `begin`.
    last: Arc<AtomicU64>,
}

impl Activity {
    fn begin() -> Self {
        Self {
            begin: Instant::now(),
            last: Arc::default(),
        }
    }

    fn note(&self) {
        let elapsed = self.begin.elapsed().as_millis();
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.begin + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }

    fn watch<S>(&self, stream: S) -> Watched<S> {
        let activity = self.clone();
        Watched { stream, activity }
    }
}

/// A byte stream that records the time of each receipt, including parts of messages.
struct Watched<S> {
    stream: S,
    activity: Activity,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        self.activity.note();
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Receives messages.
pub struct WebSocketReader {
    socket: Shared,
    activity: Activity,
    heartbeat: Option<Heartbeat>,
}

/// Sends messages.
pub struct WebSocketWriter(Shared);

impl fmt::Debug for WebSocketReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WebSocketReader")
            .field("heartbeat", &self.heartbeat)
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

impl WebSocketReader {
    fn poll_read(
        &self,
        context: &mut Context<'_>,
        batch: &mut FrameBatch,
    ) -> Poll<io::Result<bool>> {
        let mut socket = lock(&self.socket);
        // Pings count as well: a flood of them is not read in one go.
        let mut seen = 0;
        while has_room(batch, seen) {
            seen += 1;
            match socket.as_mut().poll_next(context) {
                Poll::Ready(message) => match push_message(message, batch) {
                    Ok(true) => {}
                    end => return Poll::Ready(end),
                },
                Poll::Pending if batch.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(Ok(true))
    }

    /// Queues a ping, which is sent after the data before it.
    fn ping(&self) {
        let ping = Message::Ping(Bytes::new());
        if let Err(error) = lock(&self.socket).as_mut().start_send(ping) {
            tracing::debug!(%error, "no ping could be sent");
        }
    }
}

impl FrameReader for WebSocketReader {
    async fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
        // Data that was not read while the reader was busy does not count as silence.
        let (begin, mut asked) = (Instant::now(), None);
        loop {
            let reading = poll_fn(|context| self.poll_read(context, batch));
            let Some(heartbeat) = self.heartbeat else {
                return reading.await;
            };
            let quiet_since = self.activity.last().max(begin);
            match heartbeat.judge(quiet_since, asked.filter(|asked| *asked > quiet_since)) {
                Quiet::Wait(limit) => {
                    if let Ok(read) = timeout(limit, reading).await {
                        return read;
                    }
                }
                Quiet::Ping => {
                    self.ping();
                    asked = Some(Instant::now());
                }
                Quiet::GiveUp => return Err(heartbeat.error()),
            }
        }
    }
}

impl WebSocketWriter {
    async fn flush(&self) -> Result<(), WebSocketError> {
        poll_fn(|context| lock(&self.0).as_mut().poll_flush(context)).await
    }

    async fn send(&self, message: Message) -> Result<(), WebSocketError> {
        let mut message = message;
        loop {
            poll_fn(|context| lock(&self.0).as_mut().poll_ready(context)).await?;
            let sent = lock(&self.0).as_mut().start_send(message);
            match sent {
                // Pongs have filled the buffer.
                Err(WebSocketError::WriteBufferFull(unsent)) => {
                    self.flush().await?;
                    message = *unsent;
                }
                other => return other,
            }
        }
    }
}

impl FrameWriter for WebSocketWriter {
    async fn write(&mut self, frames: &[Frame]) -> io::Result<()> {
        for frame in frames {
            for message in messages(frame) {
                self.send(message).await.map_err(into_io)?;
            }
        }
        self.flush().await.map_err(into_io)
    }

    async fn close(&mut self) -> io::Result<()> {
        let closing = poll_fn(|context| lock(&self.0).as_mut().poll_close(context));
        closing.await.map_err(into_io)
    }
}
