//! Websockets of the blocking API: one thread reads, another writes, over one socket.
//!
//! Pongs are written by the thread that has the socket: the reading thread waits neither for the
//! writing one nor for a server that does not read.

#[cfg_attr(not(feature = "websocket-tls"), path = "blocking/no_tls.rs")]
mod tls;
mod writable;

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tungstenite::error::UrlError;
use tungstenite::handshake::HandshakeError;
use tungstenite::handshake::client::Request;
use tungstenite::protocol::Role;
use tungstenite::{Bytes, Error as WebSocketError, Message, WebSocket};

use super::{Endpoint, Heartbeat, Place, Quiet, config, has_room, into_io, messages, push_message};
use crate::error::Error;
use crate::transport::blocking::{FrameReader, FrameWriter, Interrupter};
use crate::transport::{DEFAULT_LIMIT, Frame, FrameBatch};

/// Time limit for the server to confirm the close.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

impl Endpoint {
    /// Connects, within this time if there is one. Both halves of the connection are needed to
    /// keep it open.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Connect`] if no server listens there, or the server rejects the connection,
    /// and [`Error::Timeout`]. An attempt that takes too long continues in the background, and its
    /// connection is closed.
    pub fn connect_blocking(
        &self,
        limit: Option<Duration>,
    ) -> Result<(WebSocketReader, WebSocketWriter), Error> {
        let request = self.request().map_err(|error| self.problem(error))?;
        let (place, heartbeat) = (self.place.clone(), self.heartbeat);
        let (sender, receiver) = sync_channel(1);
        // Name lookups and connecting have no deadlines.
        let attempt = move || drop(sender.send(open(&place, request, limit, heartbeat)));
        thread::Builder::new()
            .name("codex-connect".to_owned())
            .spawn(attempt)
            .map_err(|error| self.problem(error))?;
        let opened = match limit {
            Some(limit) => receiver.recv_timeout(limit),
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match opened {
            Ok(opened) => opened.map_err(|error| self.problem(error)),
            Err(RecvTimeoutError::Timeout) => Err(Error::Timeout {
                method: "connect".to_owned(),
                after: limit.unwrap_or_default(),
            }),
            Err(RecvTimeoutError::Disconnected) => Err(self.problem("the attempt was given up")),
        }
    }
}

fn open(
    place: &Place,
    request: Request,
    limit: Option<Duration>,
    heartbeat: Option<Heartbeat>,
) -> Result<(WebSocketReader, WebSocketWriter), WebSocketError> {
    let socket = match place {
        Place::Url(_) => connect_url(&request)?,
        #[cfg(unix)]
        Place::Socket(path) => Socket::Unix(UnixStream::connect(path)?),
    };
    let shared = Arc::new(Shared {
        socket,
        writing: Mutex::new(()),
        replies: Mutex::default(),
    });
    let half = |writes| Half {
        shared: Arc::clone(&shared),
        writes,
        may_wait: true,
        last_read: Instant::now(),
    };
    // Ends an abandoned attempt; its caller has timed out before.
    let limit = limit.map(|limit| limit.saturating_add(Duration::from_secs(1)));
    shared.socket.limit_reads(limit)?;
    shared.socket.set_write_timeout(limit)?;
    let config = Some(config(DEFAULT_LIMIT));
    let handshake = tungstenite::client::client_with_config(request, half(false), config);
    let (incoming, _) = handshake.map_err(|error| match error {
        HandshakeError::Failure(error) => error,
        HandshakeError::Interrupted(_) => io::Error::from(io::ErrorKind::TimedOut).into(),
    })?;
    shared
        .socket
        .limit_reads(heartbeat.map(|heartbeat| heartbeat.interval.min(heartbeat.limit)))?;
    shared.socket.set_write_timeout(None)?;
    let outgoing = WebSocket::from_raw_socket(half(true), Role::Client, config);
    let (ended, has_ended) = channel();
    let reader = WebSocketReader {
        incoming,
        heartbeat,
        _ended: ended,
    };
    let writer = WebSocketWriter {
        outgoing,
        has_ended,
    };
    Ok((reader, writer))
}

fn connect_url(request: &Request) -> Result<Socket, WebSocketError> {
    let uri = request.uri();
    let host = uri.host().unwrap_or_default();
    // An address of version 6 is in brackets.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let connect = |usual: u16| {
        let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(usual)))?;
        stream.set_nodelay(true)?;
        Ok::<_, io::Error>(stream)
    };
    match uri.scheme_str() {
        Some("ws") => Ok(Socket::Tcp(connect(80)?)),
        Some("wss") => {
            let socket = tls::TlsSocket::connect(|| connect(443), host)?;
            Ok(Socket::Tls(Box::new(socket)))
        }
        _ => Err(UrlError::UnsupportedUrlScheme.into()),
    }
}

/// Maximum size of replies queued during a write.
const MOST_REPLIES: usize = 4096;

/// The shared state of both halves.
#[derive(Debug)]
struct Shared {
    socket: Socket,
    /// Held while whole frames are written.
    writing: Mutex<()>,
    /// Unwritten whole frames of the reading half.
    replies: Mutex<Vec<u8>>,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpStream),
    Tls(Box<tls::TlsSocket>),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Socket {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => Read::read(&mut &*stream, buffer),
            Self::Tls(socket) => socket.read(buffer),
            #[cfg(unix)]
            Self::Unix(stream) => Read::read(&mut &*stream, buffer),
        }
    }

    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => Write::write_all(&mut &*stream, bytes),
            Self::Tls(socket) => socket.write_all(bytes),
            #[cfg(unix)]
            Self::Unix(stream) => Write::write_all(&mut &*stream, bytes),
        }
    }

    /// Sets the read timeout; a socket does not accept zero.
    fn limit_reads(&self, limit: Option<Duration>) -> io::Result<()> {
        let limit = limit.map(|limit| limit.max(Duration::from_millis(1)));
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(limit),
            Self::Tls(socket) => socket.stream().set_read_timeout(limit),
            #[cfg(unix)]
            Self::Unix(stream) => stream.set_read_timeout(limit),
        }
    }

    /// Sets the write timeout.
    fn set_write_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        let limit = limit.map(|limit| limit.max(Duration::from_millis(1)));
        match self {
            Self::Tcp(stream) => stream.set_write_timeout(limit),
            Self::Tls(socket) => socket.stream().set_write_timeout(limit),
            #[cfg(unix)]
            Self::Unix(stream) => stream.set_write_timeout(limit),
        }
    }

    /// Returns whether a few frames can be written without waiting.
    fn is_writable(&self) -> bool {
        match self {
            Self::Tcp(stream) => writable::is_writable(stream),
            Self::Tls(socket) => writable::is_writable(socket.stream()),
            #[cfg(unix)]
            Self::Unix(stream) => writable::is_writable(stream),
        }
    }

    fn shut_down(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Self::Tls(socket) => socket.shut_down(),
            #[cfg(unix)]
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Writes whole frames of the writing half, and queued replies of the reading one.
    fn write(&self, frames: &[u8]) -> io::Result<()> {
        let writing = lock(&self.writing);
        self.socket.write_all(frames)?;
        drop(writing);
        self.write_replies(true)
    }

    /// Queues whole frames of the reading half for the thread that has the socket. Only the last
    /// ones are kept: a pong also answers the pings before the last one.
    fn reply(&self, frames: &[u8]) -> io::Result<()> {
        let mut replies = lock(&self.replies);
        if replies.len() > MOST_REPLIES {
            replies.clear();
        }
        replies.extend_from_slice(frames);
        drop(replies);
        self.write_replies(false)
    }

    /// A thread that has the socket meanwhile writes them afterwards. Without waiting, they are also
    /// left to the next write if the server does not read.
    fn write_replies(&self, may_wait: bool) -> io::Result<()> {
        while !lock(&self.replies).is_empty() {
            let Ok(_writing) = self.writing.try_lock() else {
                break;
            };
            if !may_wait && !self.socket.is_writable() {
                break;
            }
            let replies = std::mem::take(&mut *lock(&self.replies));
            self.socket.write_all(&replies)?;
        }
        Ok(())
    }
}

/// One of the two users of a socket. Each write consists of whole frames.
#[derive(Debug)]
struct Half {
    shared: Arc<Shared>,
    writes: bool,
    /// True to wait for bytes, false to return when there are none.
    may_wait: bool,
    /// The time at which data was last received.
    last_read: Instant,
}

impl Read for Half {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.may_wait {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        loop {
            match self.shared.socket.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(count) => {
                    self.last_read = Instant::now();
                    return Ok(count);
                }
                // Some systems use another error kind for it.
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Write for Half {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        if self.writes {
            self.shared.write(frames)?;
        } else {
            self.shared.reply(frames)?;
        }
        Ok(frames.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Receives messages.
#[derive(Debug)]
pub struct WebSocketReader {
    incoming: WebSocket<Half>,
    heartbeat: Option<Heartbeat>,
    /// Signals the end of messages when it is dropped.
    _ended: Sender<()>,
}

impl WebSocketReader {
    /// Handles a read that timed out.
    fn nothing_came(&mut self, begin: Instant, asked: &mut Option<Instant>) -> io::Result<()> {
        self.incoming.get_ref().shared.write_replies(false)?;
        let Some(heartbeat) = self.heartbeat else {
            return Ok(());
        };
        let quiet_since = self.incoming.get_ref().last_read.max(begin);
        match heartbeat.judge(quiet_since, asked.filter(|asked| *asked > quiet_since)) {
            Quiet::Wait(_) => {}
            Quiet::Ping => {
                *asked = Some(Instant::now());
                let ping = Message::Ping(Bytes::new());
                let sent = self.incoming.write(ping);
                sent.and_then(|()| self.incoming.flush()).map_err(into_io)?;
            }
            Quiet::GiveUp => return Err(heartbeat.error()),
        }
        Ok(())
    }
}

/// Sends messages.
#[derive(Debug)]
pub struct WebSocketWriter {
    outgoing: WebSocket<Half>,
    has_ended: Receiver<()>,
}

impl FrameReader for WebSocketReader {
    fn read(&mut self, batch: &mut FrameBatch) -> io::Result<bool> {
        self.incoming.set_config(|config| {
            config.max_message_size = Some(batch.limit());
            config.max_frame_size = Some(batch.limit());
        });
        let (begin, mut asked) = (Instant::now(), None);
        let mut seen = 0;
        while has_room(batch, seen) {
            self.incoming.get_mut().may_wait = batch.is_empty();
            match self.incoming.read() {
                Err(WebSocketError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !batch.is_empty() {
                        break;
                    }
                    self.nothing_came(begin, &mut asked)?;
                }
                message => {
                    seen += 1;
                    let taken = push_message(Some(message), batch);
                    if !matches!(taken, Ok(true)) {
                        // Confirms a close by the server.
                        let _ = self.incoming.flush();
                        return taken;
                    }
                }
            }
        }
        Ok(true)
    }

    fn interrupter(&self) -> Option<Interrupter> {
        Some(interrupter(&self.incoming.get_ref().shared))
    }
}

/// Shutting down the socket ends all waits for it.
fn interrupter(shared: &Arc<Shared>) -> Interrupter {
    let shared = Arc::clone(shared);
    Interrupter::new(move || drop(shared.socket.shut_down()))
}

impl FrameWriter for WebSocketWriter {
    fn write(&mut self, frames: &[Frame]) -> io::Result<()> {
        for frame in frames {
            for message in messages(frame) {
                self.outgoing.write(message).map_err(into_io)?;
            }
        }
        self.outgoing.flush().map_err(into_io)
    }

    fn close(&mut self) -> io::Result<()> {
        let told = self.outgoing.close(None);
        let told = told.and_then(|()| self.outgoing.flush());
        // The server confirms it, and its last messages are read until then.
        let _ = self.has_ended.recv_timeout(CLOSE_LIMIT);
        // Wakes a thread that still waits for messages.
        let _ = self.outgoing.get_ref().shared.socket.shut_down();
        told.map_err(into_io)
    }

    fn set_write_timeout(&mut self, limit: Option<Duration>) {
        // A limit that cannot be set is ignored.
        let _ = self
            .outgoing
            .get_ref()
            .shared
            .socket
            .set_write_timeout(limit);
    }

    fn interrupter(&self) -> Option<Interrupter> {
        Some(interrupter(&self.outgoing.get_ref().shared))
    }
}
