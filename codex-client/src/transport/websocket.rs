//! One message per text message of a websocket, over TCP, TLS or a unix socket.
//!
//! What both faces share: where a server is, how a token is shown, and how messages become
//! frames. How bytes get there is in `asynchronous` and `blocking`, whom TLS trusts in `tls`; what
//! is said there is not known here.

use std::fmt;
use std::io;
#[cfg(unix)]
use std::path::PathBuf;

use tungstenite::client::IntoClientRequest as _;
use tungstenite::handshake::client::Request;
use tungstenite::http::HeaderValue;
use tungstenite::http::header::AUTHORIZATION;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Bytes, Error as WebSocketError, Message};

use super::{DEFAULT_LIMIT, FrameBatch};
use crate::error::Error;
use crate::secret::Secret;

#[cfg(feature = "websocket")]
mod asynchronous;
#[cfg(feature = "websocket-blocking")]
pub(super) mod blocking;
#[cfg(feature = "websocket-tls")]
mod tls;

#[cfg(feature = "websocket")]
pub use asynchronous::{WebSocketReader, WebSocketWriter};

/// Where a running server listens.
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
}

#[derive(Clone)]
enum Place {
    Url(String),
    #[cfg(unix)]
    Socket(PathBuf),
}

/// A longer message is sent in fragments: the runtime takes no longer one in one piece.
const LARGEST_FRAME: usize = 16 << 20;

impl Endpoint {
    /// A server that listens at a `ws://` URL, or, with the feature `websocket-tls`, at a
    /// `wss://` one. Then it has to prove who it is to what the system trusts; the variable
    /// `SSL_CERT_FILE` names other certificates to trust.
    pub fn url(url: impl Into<String>) -> Self {
        let place = Place::Url(url.into());
        Self { place, token: None }
    }

    /// A server that listens at a unix socket: `codex app-server --listen unix://PATH`.
    #[cfg(unix)]
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        let place = Place::Socket(path.into());
        Self { place, token: None }
    }

    /// The token the server demands. It is sent in a header when the connection is made, and
    /// never shown.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Secret(token.into()));
        self
    }

    /// No connection could be made.
    fn problem(&self, problem: impl fmt::Display) -> Error {
        Error::Connect {
            endpoint: format!("{:?}", self.place),
            problem: problem.to_string(),
        }
    }

    /// The opening handshake. There is no `Origin`: the runtime refuses browsers by it.
    fn request(&self) -> Result<Request, WebSocketError> {
        let mut request = match &self.place {
            Place::Url(url) => url.as_str().into_client_request()?,
            #[cfg(unix)]
            Place::Socket(_) => "ws://localhost/".into_client_request()?,
        };
        if let Some(Secret(token)) = &self.token {
            let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }
}

/// Without a user, a password or a query: they may be secrets.
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

/// Until the batch says how long a message may be.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(DEFAULT_LIMIT))
        .max_frame_size(Some(DEFAULT_LIMIT))
}

/// How many messages, and how many bytes of them, are handed over at once at most.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 1 << 20;

/// Whether more messages may be added before the batch is handed over.
fn has_room(batch: &FrameBatch) -> bool {
    batch.len() < BATCH && batch.bytes() < BATCH_BYTES
}

/// Adds a message to the batch; `false` when there will be no more.
fn take_in(
    message: Option<Result<Message, WebSocketError>>,
    batch: &mut FrameBatch,
) -> io::Result<bool> {
    match message {
        Some(Ok(Message::Text(text))) => batch.push(text.as_bytes()),
        Some(Ok(Message::Binary(bytes))) => batch.push(&bytes),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
        Some(Ok(Message::Close(_))) | None => return Ok(false),
        Some(Err(WebSocketError::ConnectionClosed | WebSocketError::AlreadyClosed)) => {
            return Ok(false);
        }
        Some(Err(error)) => return Err(into_io(error)),
    }
    Ok(true)
}

/// One message, in fragments if it is long.
fn messages(frame: &str) -> Vec<Message> {
    if frame.len() <= LARGEST_FRAME {
        return vec![Message::text(frame)];
    }
    let bytes = Bytes::copy_from_slice(frame.as_bytes());
    let count = bytes.len().div_ceil(LARGEST_FRAME);
    let fragment = |index: usize| {
        let start = index * LARGEST_FRAME;
        let end = bytes.len().min(start + LARGEST_FRAME);
        let kind = if index == 0 {
            Data::Text
        } else {
            Data::Continue
        };
        let last = index + 1 == count;
        Message::Frame(Frame::message(
            bytes.slice(start..end),
            OpCode::Data(kind),
            last,
        ))
    };
    (0..count).map(fragment).collect()
}

fn into_io(error: WebSocketError) -> io::Error {
    match error {
        WebSocketError::Io(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, LARGEST_FRAME, Message, messages};

    #[test]
    fn only_long_messages_are_fragmented() {
        let short = "x".repeat(LARGEST_FRAME);
        assert!(matches!(&messages(&short)[..], [Message::Text(_)]));
        let long = "x".repeat(2 * LARGEST_FRAME + 1);
        let fragments = messages(&long);
        let parts: Vec<_> = fragments
            .iter()
            .map(|message| match message {
                Message::Frame(frame) => (frame.payload().len(), frame.header().is_final),
                other => panic!("{other:?}"),
            })
            .collect();
        let full = (LARGEST_FRAME, false);
        assert_eq!(parts, [full, full, (1, true)]);
    }

    #[test]
    fn secrets_of_an_endpoint_are_not_shown() {
        let endpoint = Endpoint::url("wss://user:word@host:1/path?token=word").bearer_token("word");
        let shown = format!("{endpoint:?}");
        assert!(shown.contains("wss://host:1/path"), "{shown}");
        assert!(!shown.contains("word"), "{shown}");
    }
}
