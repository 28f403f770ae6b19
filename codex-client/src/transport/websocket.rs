//! One message per text message of a websocket, over TCP, TLS or a Unix socket.
//!
//! The common part of both APIs: the endpoint, the token, and the conversion of messages into
//! frames. The byte streams are in `asynchronous` and `blocking`, the trusted certificates in
//! `tls`. Independent of the contents of messages.

use std::fmt;
use std::io;
use std::net::IpAddr;
#[cfg(unix)]
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tungstenite::client::IntoClientRequest as _;
use tungstenite::error::CapacityError;
use tungstenite::handshake::client::Request;
use tungstenite::http::HeaderValue;
use tungstenite::http::header::AUTHORIZATION;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::protocol::frame::Frame as Fragment;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Error as WebSocketError, Message};

use super::batch::too_long;
use super::{ClosedWithCode, Frame, FrameBatch};
use crate::error::Error;
use crate::secret::Secret;

#[cfg(feature = "websocket")]
pub(super) mod asynchronous;
#[cfg(feature = "websocket-blocking")]
pub(super) mod blocking;
mod server;
#[cfg(feature = "websocket-tls")]
mod tls;

pub use server::Server;

/// The address of a running server.
///
/// ```
/// use codex_client::transport::Endpoint;
///
/// let local = Endpoint::url("ws://127.0.0.1:4500").bearer_token("secret");
/// assert!(!format!("{local:?}").contains("secret"));
/// ```
#[derive(Clone, Debug)]
pub struct Endpoint {
    place: Place,
    token: Option<Secret<String>>,
    plaintext_token: bool,
    heartbeat: Option<Heartbeat>,
}

/// The interval and the limit of pings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Heartbeat {
    interval: Duration,
    limit: Duration,
}

#[derive(Clone)]
enum Place {
    Url(String),
    #[cfg(unix)]
    Socket(PathBuf),
}

/// Maximum size of a fragment. Longer messages are sent in fragments: the runtime accepts at most
/// 16 MiB in one piece, and a fragment is copied before it is sent.
const LARGEST_FRAME: usize = 1 << 20;
/// Maximum size of the write buffer: a fragment, and pongs for a server that does not read them.
const LARGEST_BUFFER: usize = 2 * LARGEST_FRAME;

impl Endpoint {
    /// A server that listens at a `ws://` URL, or, with the feature `websocket-tls`, at a `wss://`
    /// one. Its certificate is then verified with the trusted certificates of the system, or those
    /// in `SSL_CERT_FILE`.
    pub fn url(url: impl Into<String>) -> Self {
        Self::new(Place::Url(url.into()))
    }

    /// A server that listens at a Unix socket: `codex app-server --listen unix://PATH`.
    #[cfg(unix)]
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        Self::new(Place::Socket(path.into()))
    }

    fn new(place: Place) -> Self {
        Self {
            place,
            token: None,
            plaintext_token: false,
            heartbeat: Some(Heartbeat {
                interval: Duration::from_secs(20),
                limit: Duration::from_secs(60),
            }),
        }
    }

    /// Sets the token that the server requires. It is sent in a header of the handshake, and never
    /// printed. Over plain `ws://` it is only sent to this machine, unless
    /// [`Endpoint::allow_plaintext_token`] is set.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Secret(token.into()));
        self
    }

    /// Allows the token to be sent unencrypted, over plain `ws://`, to another machine. Every host
    /// on the path can read it: use it in a trusted network only.
    #[must_use]
    pub fn allow_plaintext_token(mut self) -> Self {
        self.plaintext_token = true;
        self
    }

    /// Sends a ping whenever nothing was received for `interval`, and closes the connection when
    /// nothing was received for `limit`; 20 and 60 seconds by default. Any received byte counts.
    /// Without it the loss of the other machine is not detected.
    #[must_use]
    pub fn heartbeat(mut self, interval: Duration, limit: Duration) -> Self {
        // A socket does not accept an interval of zero.
        let interval = interval.max(Duration::from_millis(1));
        self.heartbeat = Some(Heartbeat { interval, limit });
        self
    }

    /// Never sends pings, for servers that do not respond to them.
    #[must_use]
    pub fn without_heartbeat(mut self) -> Self {
        self.heartbeat = None;
        self
    }

    /// The error of a failed connection.
    fn problem(&self, problem: impl fmt::Display) -> Error {
        Error::Connect {
            endpoint: format!("{:?}", self.place),
            problem: problem.to_string(),
        }
    }

    /// The opening handshake. There is no `Origin`, by which the runtime rejects browsers.
    fn request(&self) -> Result<Request, WebSocketError> {
        let mut request = match &self.place {
            Place::Url(url) => url.as_str().into_client_request()?,
            #[cfg(unix)]
            Place::Socket(_) => "ws://localhost/".into_client_request()?,
        };
        if let Some(Secret(token)) = &self.token {
            self.check_token_may_be_sent(&request)?;
            let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }
}

impl Endpoint {
    fn check_token_may_be_sent(&self, request: &Request) -> io::Result<()> {
        let is_url = matches!(self.place, Place::Url(_));
        let is_plain =
            !matches!(request.uri().scheme_str(), Some(it) if it.eq_ignore_ascii_case("wss"));
        let host = request.uri().host().unwrap_or_default();
        if is_url && is_plain && !self.plaintext_token && !is_this_machine(host) {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the token would be sent unencrypted to another machine: use wss://, or allow it with `allow_plaintext_token`",
            ));
        }
        Ok(())
    }
}

/// Returns whether a host of a URL is this machine, independent of name servers.
fn is_this_machine(host: &str) -> bool {
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

/// Omits a user, a password and a query, which may be secrets.
impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
                let rest = rest.split(['?', '#']).next().unwrap_or_default();
                let rest = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                write!(formatter, "{scheme}://{rest}")
            }
            #[cfg(unix)]
            Self::Socket(path) => write!(formatter, "unix://{}", path.display()),
        }
    }
}

/// Limits received messages before memory is reserved, and the write buffer. Frames are sent at
/// once.
fn config(longest_message: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(longest_message))
        .max_frame_size(Some(longest_message))
        .write_buffer_size(0)
        .max_write_buffer_size(LARGEST_BUFFER)
}

/// The action for a silent server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quiet {
    /// Wait for this time.
    Wait(Duration),
    /// A ping is due.
    Ping,
    /// The limit has passed.
    GiveUp,
}

impl Heartbeat {
    /// Decides by the time since the last byte was received, and since the last ping.
    fn judge(self, quiet_since: Instant, asked: Option<Instant>) -> Quiet {
        let quiet = quiet_since.elapsed();
        let Some(left) = self.limit.checked_sub(quiet).filter(|left| !left.is_zero()) else {
            return Quiet::GiveUp;
        };
        let since_asked = asked.map_or(quiet, |asked| asked.elapsed());
        match self.interval.checked_sub(since_asked) {
            Some(wait) if !wait.is_zero() => Quiet::Wait(wait.min(left)),
            _ => Quiet::Ping,
        }
    }

    fn error(self) -> io::Error {
        let limit = self.limit;
        let problem =
            format!("nothing was received from the server for {limit:?} (`Endpoint::heartbeat`)");
        io::Error::new(io::ErrorKind::TimedOut, problem)
    }
}

/// Maximum number and size of messages in one batch.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 1 << 20;

/// Returns whether more messages may be read into the batch, after this number.
fn has_room(batch: &FrameBatch, seen: usize) -> bool {
    seen < BATCH && batch.bytes() < BATCH_BYTES
}

/// Adds a message to the batch; returns `false` after the last one.
fn push_message(
    message: Option<Result<Message, WebSocketError>>,
    batch: &mut FrameBatch,
) -> io::Result<bool> {
    match message {
        Some(Ok(Message::Text(text))) => batch.push(text.as_bytes()),
        Some(Ok(Message::Binary(bytes))) => batch.push(&bytes),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
        Some(Ok(Message::Close(Some(frame)))) => {
            let (code, reason) = (frame.code.into(), frame.reason.to_string());
            return Err(io::Error::other(ClosedWithCode { code, reason }));
        }
        Some(Ok(Message::Close(None))) | None => return Ok(false),
        Some(Err(WebSocketError::ConnectionClosed | WebSocketError::AlreadyClosed)) => {
            return Ok(false);
        }
        Some(Err(error)) => return Err(into_io(error)),
    }
    Ok(true)
}

/// One message, in fragments if it is long. Each is made when the one before it is sent.
fn messages(frame: &Frame) -> impl Iterator<Item = Message> {
    let count = frame.len().div_ceil(LARGEST_FRAME).max(1);
    let mut parts = frame.parts().map(str::as_bytes);
    let mut rest: &[u8] = &[];
    (0..count).map(move |index| {
        if count == 1 {
            return Message::text(&*frame.text());
        }
        let mut fragment = Vec::with_capacity(LARGEST_FRAME);
        while fragment.len() < LARGEST_FRAME {
            if rest.is_empty() {
                let Some(part) = parts.next() else { break };
                rest = part;
            }
            let fits = rest.len().min(LARGEST_FRAME - fragment.len());
            let (bytes, others) = rest.split_at(fits);
            fragment.extend_from_slice(bytes);
            rest = others;
        }
        let kind = if index == 0 {
            Data::Text
        } else {
            Data::Continue
        };
        let is_last = index + 1 == count;
        Message::Frame(Fragment::message(fragment, OpCode::Data(kind), is_last))
    })
}

fn into_io(error: WebSocketError) -> io::Error {
    match error {
        WebSocketError::Io(error) => error,
        WebSocketError::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            too_long(Some(size), max_size)
        }
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{
        Endpoint, Frame, Heartbeat, LARGEST_FRAME, Message, Quiet, is_this_machine, messages,
    };
    use crate::engine::Body;

    #[test]
    fn only_loopback_is_this_machine() {
        for host in [
            "localhost",
            "LOCALHOST",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "localhost.example.com",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "[fe80::1]",
            "127.0.0.1.example.com",
            "",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn tokens_are_not_sent_unencrypted_to_other_machines() {
        for url in [
            "ws://10.0.0.1:1",
            "ws://127.0.0.1@example.com",
            "ws://localhost.example.com/x",
        ] {
            let endpoint = Endpoint::url(url);
            assert!(endpoint.request().is_ok(), "{url}: there is no token");
            let endpoint = endpoint.bearer_token("word");
            let refused = endpoint.request().unwrap_err().to_string();
            assert!(refused.contains("allow_plaintext_token"), "{refused}");
            assert!(endpoint.allow_plaintext_token().request().is_ok(), "{url}");
        }
        for url in [
            "wss://example.com",
            "ws://localhost:1",
            "ws://[::1]:1/x",
            "ws://127.0.0.1",
        ] {
            assert!(
                Endpoint::url(url).bearer_token("word").request().is_ok(),
                "{url}"
            );
        }
    }

    #[test]
    fn a_quiet_server_is_asked_and_then_given_up() {
        let heartbeat = Heartbeat {
            interval: Duration::from_secs(20),
            limit: Duration::from_secs(60),
        };
        let ago = |seconds| {
            Instant::now()
                .checked_sub(Duration::from_secs(seconds))
                .unwrap()
        };
        assert!(matches!(heartbeat.judge(ago(5), None), Quiet::Wait(_)));
        assert_eq!(heartbeat.judge(ago(21), None), Quiet::Ping);
        assert!(matches!(
            heartbeat.judge(ago(25), Some(ago(4))),
            Quiet::Wait(_)
        ));
        assert_eq!(heartbeat.judge(ago(42), Some(ago(21))), Quiet::Ping);
        assert_eq!(heartbeat.judge(ago(61), Some(ago(1))), Quiet::GiveUp);
    }

    #[test]
    fn only_long_messages_are_fragmented() {
        let short = Frame::from("x".repeat(LARGEST_FRAME));
        let short: Vec<_> = messages(&short).collect();
        assert!(matches!(&short[..], [Message::Text(_)]));
        let body = Body::new("x".repeat(2 * LARGEST_FRAME - 2));
        let long = Frame::around("abc".to_owned(), 1, Arc::new(body));
        let mut sent = Vec::new();
        let parts = messages(&long).map(|message| match message {
            Message::Frame(frame) => {
                sent.extend_from_slice(frame.payload());
                (frame.payload().len(), frame.header().is_final)
            }
            other => panic!("{other:?}"),
        });
        let full = (LARGEST_FRAME, false);
        assert_eq!(parts.collect::<Vec<_>>(), [full, full, (1, true)]);
        assert_eq!(sent, long.text().as_bytes());
    }

    #[test]
    fn secrets_of_an_endpoint_are_not_shown() {
        let endpoint = Endpoint::url("wss://user:word@host:1/path?token=word").bearer_token("word");
        let shown = format!("{endpoint:?}");
        assert!(shown.contains("wss://host:1/path"), "{shown}");
        assert!(!shown.contains("word"), "{shown}");
    }
}
