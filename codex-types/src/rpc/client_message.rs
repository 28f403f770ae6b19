//! One message from a client, for programs on the other end or in between.

use std::fmt;

use codex_types_core::rpc::{
    Envelope, EnvelopeKind, ErrorObject, Members, Undecodable, not_a_message, read_payload, show,
    show_response,
};
use codex_types_core::support::macros::{Serialize, SerializeMap, Serializer};
use codex_types_core::support::message::WriteMessage;
use serde_json::value::RawValue;

use crate::{ClientNotification, ClientRequest, DecodeError, RequestId};

/// One message from a client: the counterpart of [`ServerMessage`](super::ServerMessage) for
/// proxies, recorders and test servers.
///
/// A message that cannot be read is not lost as long as its method or its ID can be found: it
/// comes as [`ClientMessage::Undecodable`] with everything that could be read.
///
/// ```
/// use codex_types::rpc::ClientMessage;
///
/// let line = r#"{"id":7,"method":"turn/interrupt","params":{"threadId":"t","turnId":"u"}}"#;
/// let ClientMessage::Request { id, request, .. } = ClientMessage::parse(line)? else {
///     panic!("not a request");
/// };
/// assert_eq!(id.to_string(), "7");
/// assert_eq!(request.method(), "turn/interrupt");
/// assert_eq!((request.thread_id(), request.turn_id()), (Some("t"), Some("u")));
/// # Ok::<(), codex_types::DecodeError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum ClientMessage<'a> {
    /// A request, to which the server responds.
    #[non_exhaustive]
    Request {
        /// The ID that the response must carry.
        id: RequestId,
        /// The payload of the request.
        request: ClientRequest,
        /// The other members of the message.
        members: Members,
    },
    /// A notification.
    #[non_exhaustive]
    Notification {
        /// The payload of the notification.
        notification: ClientNotification,
        /// The other members of the message.
        members: Members,
    },
    /// The response to a request of the server.
    #[non_exhaustive]
    Response {
        /// The ID of the request.
        id: RequestId,
        /// The result; [`ServerResponse::decode`](crate::ServerResponse::decode) reads it.
        result: &'a RawValue,
        /// The other members of the message.
        members: Members,
    },
    /// The error response to a request of the server.
    #[non_exhaustive]
    Error {
        /// The ID of the request.
        id: Option<RequestId>,
        /// The reason.
        error: ErrorObject,
        /// The other members of the message.
        members: Members,
    },
    /// A message that is malformed: with an unexpected payload, or not even JSON.
    Undecodable(Undecodable<'a>),
}

/// Results are not printed.
impl fmt::Debug for ClientMessage<'_> {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request {
                id,
                request,
                members,
            } => show(
                formatter,
                "Request",
                &[("id", id), ("request", request), ("members", members)],
            ),
            Self::Notification {
                notification,
                members,
            } => show(
                formatter,
                "Notification",
                &[("notification", notification), ("members", members)],
            ),
            Self::Response {
                id,
                result,
                members,
            } => show_response(formatter, id, result, members),
            Self::Error { id, error, members } => show(
                formatter,
                "Error",
                &[("id", id), ("error", error), ("members", members)],
            ),
            Self::Undecodable(it) => formatter.debug_tuple("Undecodable").field(it).finish(),
        }
    }
}

impl<'a> ClientMessage<'a> {
    /// Parses one message.
    ///
    /// # Errors
    ///
    /// Only when the text is not a JSON-RPC message at all, and neither a method nor an ID can be
    /// found in it; see [`ClientMessage::Undecodable`] for the rest.
    #[inline]
    pub fn parse(text: &'a str) -> Result<Self, DecodeError> {
        match Envelope::parse(text) {
            Ok(envelope) => Self::from_envelope(envelope),
            Err(error) => Undecodable::find(text, error).map(Self::Undecodable),
        }
    }

    /// Types the parts of a message.
    ///
    /// # Errors
    ///
    /// Only when the parts are not a JSON-RPC message at all.
    #[inline]
    pub fn from_envelope(envelope: Envelope<'a>) -> Result<Self, DecodeError> {
        let typed = match (&envelope.method, &envelope.id) {
            (Some(method), Some(id)) => Self::request(method, id, &envelope),
            (Some(method), None) => Self::notification(method, &envelope),
            (None, _) if envelope.kind() == EnvelopeKind::Invalid => return Err(not_a_message()),
            (None, _) => Self::response(&envelope),
        };
        Ok(typed.unwrap_or_else(|error| Self::Undecodable(Undecodable::of(envelope, error))))
    }

    #[inline]
    fn request(method: &str, id: &RequestId, envelope: &Envelope<'a>) -> Result<Self, DecodeError> {
        let mut members = envelope.members.clone();
        let request = read_payload(method, envelope.params, &mut members)?;
        Ok(Self::Request {
            id: id.clone(),
            request,
            members,
        })
    }

    #[inline]
    fn notification(method: &str, envelope: &Envelope<'a>) -> Result<Self, DecodeError> {
        let mut members = envelope.members.clone();
        let notification = read_payload(method, envelope.params, &mut members)?;
        Ok(Self::Notification {
            notification,
            members,
        })
    }

    #[inline]
    fn response(envelope: &Envelope<'a>) -> Result<Self, DecodeError> {
        let members = envelope.members.clone();
        match (envelope.error, envelope.result, envelope.id.clone()) {
            (Some(error), _, id) => Ok(Self::Error {
                id,
                error: ErrorObject::parse(error)?,
                members,
            }),
            (None, Some(result), Some(id)) => Ok(Self::Response {
                id,
                result,
                members,
            }),
            _ => Err(not_a_message()),
        }
    }
}

/// Writes a message like a client does, also one that could not be read.
impl Serialize for ClientMessage<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Undecodable(message) = self {
            return message.envelope.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Request {
                id,
                request,
                members,
            } => {
                map.serialize_entry("id", id)?;
                request.write(&mut map, members.has_null_params())?;
                members.write(&mut map)?;
            }
            Self::Notification {
                notification,
                members,
            } => {
                notification.write(&mut map, members.has_null_params())?;
                members.write(&mut map)?;
            }
            Self::Response {
                id,
                result,
                members,
            } => {
                map.serialize_entry("id", id)?;
                map.serialize_entry("result", result)?;
                members.write(&mut map)?;
            }
            Self::Error { id, error, members } => {
                map.serialize_entry("error", error)?;
                map.serialize_entry("id", id)?;
                members.write(&mut map)?;
            }
            Self::Undecodable(_) => {}
        }
        map.end()
    }
}
