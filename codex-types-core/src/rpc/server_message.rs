//! One message from the server, typed in the same pass that reads its envelope.

use std::borrow::Cow;
use std::{fmt, mem};

use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::envelope::{
    EMITTED_AT_MS, ERROR, ID, KEYS, METHOD, PARAMS, read_id, read_members, read_time,
};
use super::shown::{show, show_response};
use super::{Envelope, ErrorObject, Members, Undecodable};
use crate::support::decode::{Decode, Done, Failed, Reader};
use crate::support::message::{MessageUnion, WriteMessage};
use crate::support::text::{OfThread, Shared};
use crate::{DecodeError, RequestId, ServerNotification, ServerRequest};

/// One message from the server.
///
/// A message that cannot be read is not lost as long as its method or its id can be found: it
/// comes as [`ServerMessage::Undecodable`] with everything that could be read.
#[derive(Clone)]
#[non_exhaustive]
pub enum ServerMessage<'a> {
    /// Something happened.
    Notification(Notification),
    /// A request, to which the client responds.
    #[non_exhaustive]
    Request {
        /// The id that the response must carry.
        id: RequestId,
        /// The payload of the request.
        request: ServerRequest,
        /// The other members of the message.
        members: Members,
    },
    /// The response to a request of the client.
    #[non_exhaustive]
    Response {
        /// The id of the request.
        id: RequestId,
        /// The result; [`rpc::decode`](super::decode) reads it into the type of the method.
        result: &'a RawValue,
        /// The other members of the message.
        members: Members,
    },
    /// The error response to a request of the client.
    #[non_exhaustive]
    Error {
        /// The id of the request.
        id: Option<RequestId>,
        /// The error.
        error: ErrorObject,
        /// The other members of the message.
        members: Members,
    },
    /// A message that is malformed: with an unexpected payload, or not even JSON.
    Undecodable(Undecodable<'a>),
}

/// Results are not printed.
impl fmt::Debug for ServerMessage<'_> {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notification(it) => formatter.debug_tuple("Notification").field(it).finish(),
            Self::Request {
                id,
                request,
                members,
            } => show(
                formatter,
                "Request",
                &[("id", id), ("request", request), ("members", members)],
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

/// A notification with the time it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// The payload of the notification.
    pub payload: ServerNotification,
    /// The time at which the server sent it, in milliseconds since the Unix epoch.
    pub emitted_at_ms: Option<i64>,
    /// The other members of the message.
    pub members: Members,
}

impl Notification {
    /// A notification without a time.
    pub fn new(payload: impl Into<ServerNotification>) -> Self {
        Self {
            payload: payload.into(),
            emitted_at_ms: None,
            members: Members::default(),
        }
    }

    /// The same notification with a time, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn emitted_at_ms(mut self, milliseconds: i64) -> Self {
        self.emitted_at_ms = Some(milliseconds);
        self
    }
}

impl Serialize for Notification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let null_params = self.members.has_null_params();
        self.payload.write(&mut map, null_params)?;
        if let Some(milliseconds) = self.emitted_at_ms {
            map.serialize_entry("emittedAtMs", &milliseconds)?;
        }
        self.members.write(&mut map)?;
        map.end()
    }
}

/// Writes a message like the runtime does, also one that could not be read.
impl Serialize for ServerMessage<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Notification(notification) => return notification.serialize(serializer),
            Self::Undecodable(message) => return message.envelope.serialize(serializer),
            _ => {}
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
            Self::Notification(_) | Self::Undecodable(_) => {}
        }
        map.end()
    }
}

impl<'a> ServerMessage<'a> {
    /// Parses one message.
    ///
    /// Ids share their text with those of the messages that this thread has parsed last: see
    /// [`Parser`](super::Parser).
    ///
    /// # Errors
    ///
    /// Only when the text is not a JSON-RPC message at all, and neither a method nor an id can be
    /// found in it; see [`ServerMessage::Undecodable`] for the rest.
    pub fn parse(text: &'a str) -> Result<Self, DecodeError> {
        Self::read(text, &mut OfThread::take())
    }

    pub(super) fn read(text: &'a str, shared: &mut Shared) -> Result<Self, DecodeError> {
        // Mostly it is a notification, which is large: it is read where the message stands.
        let mut message = Ok(Self::Notification(Notification {
            payload: ServerNotification::blank(),
            emitted_at_ms: None,
            members: Members::default(),
        }));
        if let Ok(Self::Notification(notification)) = &mut message {
            let mut parts = Parts::new(notification);
            let mut reader = Reader::new(text);
            mem::swap(reader.shared(), shared);
            let done = parts.read(&mut reader);
            mem::swap(reader.shared(), shared);
            if done.is_err() || !parts.is_notification() {
                message = parts.into_other(done, reader, text);
            }
        }
        message
    }

    /// Types the parts of a message.
    ///
    /// # Errors
    ///
    /// Only when the parts are not a JSON-RPC message at all.
    pub fn from_envelope(envelope: Envelope<'a>) -> Result<Self, DecodeError> {
        let mut members = envelope.members.clone();
        let typed = match (&envelope.method, &envelope.id) {
            (Some(method), None) => {
                let payload = read_payload(method, envelope.params, &mut members);
                payload.map(|payload| {
                    Self::Notification(Notification {
                        payload,
                        emitted_at_ms: envelope.emitted_at_ms,
                        members,
                    })
                })
            }
            (Some(method), Some(id)) => {
                let request = read_payload(method, envelope.params, &mut members);
                request.map(|request| Self::Request {
                    id: id.clone(),
                    request,
                    members,
                })
            }
            (None, _) => return Self::from_answer(envelope),
        };
        typed.or_else(|error| Ok(Self::Undecodable(Undecodable::of(envelope, error))))
    }

    fn from_answer(envelope: Envelope<'a>) -> Result<Self, DecodeError> {
        let members = envelope.members;
        match (envelope.error, envelope.id, envelope.result) {
            (Some(error), id, _) => Ok(Self::Error {
                id,
                error: ErrorObject::parse(error)?,
                members,
            }),
            (None, Some(id), Some(result)) => Ok(Self::Response {
                id,
                result,
                members,
            }),
            _ => Err(not_a_message()),
        }
    }
}

/// The error of an object that is no JSON-RPC message.
#[doc(hidden)]
pub fn not_a_message() -> DecodeError {
    DecodeError::new("not a JSON-RPC message: neither method, result nor error")
}

/// Reads the payload of a message apart from the rest.
///
/// # Errors
///
/// When the parameters are malformed, or missing where the method has some.
#[doc(hidden)]
pub fn read_payload<T: MessageUnion>(
    method: &str,
    params: Option<&RawValue>,
    members: &mut Members,
) -> Result<T, DecodeError> {
    let mut message = T::blank();
    let Some(params) = params else {
        return message.read_absent(method).map(|()| message);
    };
    if params.get() == "null" {
        members.note_null_params();
    }
    let mut reader = Reader::new(params.get());
    match message.read_params(method, &mut reader) {
        Ok(()) => Ok(message),
        Err(Failed) => Err(reader.into_error()),
    }
}

/// The parts of a message, typed while they are read.
struct Parts<'a, 'n> {
    method: Option<Cow<'a, str>>,
    id: Option<RequestId>,
    /// With the members of whatever it is.
    notification: &'n mut Notification,
    /// The payload of the notification was read.
    is_read: bool,
    request: Option<ServerRequest>,
    result: Option<&'a RawValue>,
    error: Option<ErrorObject>,
    /// The keys came in an order that one pass cannot read.
    out_of_order: bool,
}

impl<'a, 'n> Parts<'a, 'n> {
    fn new(notification: &'n mut Notification) -> Self {
        Self {
            method: None,
            id: None,
            notification,
            is_read: false,
            request: None,
            result: None,
            error: None,
            out_of_order: false,
        }
    }

    fn read(&mut self, reader: &mut Reader<'a>) -> Done {
        read_members(reader, self, |index, reader, parts| {
            if index == PARAMS {
                // The payload's own errors begin with `params` already.
                return parts.read_params(reader);
            }
            let done = parts.read_member(index, reader);
            done.map_err(|Failed| reader.at_key(KEYS[index]))
        })
    }

    #[inline]
    fn read_member(&mut self, index: usize, reader: &mut Reader<'a>) -> Done {
        match index {
            METHOD => {
                self.out_of_order |= self.is_read || self.request.is_some();
                self.method = Some(reader.string()?);
            }
            ID => {
                self.out_of_order |= self.is_read;
                read_id(&mut self.id, reader)?;
            }
            EMITTED_AT_MS => {
                let Notification {
                    emitted_at_ms,
                    members,
                    ..
                } = &mut *self.notification;
                read_time(emitted_at_ms, members, reader)?;
            }
            ERROR => self.error.insert(ErrorObject::blank()).read(reader)?,
            _ => self.result = Some(reader.raw()?),
        }
        Ok(())
    }

    #[inline]
    fn read_params(&mut self, reader: &mut Reader<'a>) -> Done {
        if reader.peek() == b'n' {
            self.notification.members.note_null_params();
        }
        let Some(method) = self.method.as_deref() else {
            self.out_of_order = true;
            return reader.raw().map(|_| ());
        };
        if self.id.is_some() {
            return read_request(&mut self.request, method, reader);
        }
        self.is_read = true;
        self.notification.payload.read_params(method, reader)
    }

    #[inline]
    fn is_notification(&self) -> bool {
        self.is_read && !self.out_of_order
    }

    /// The message that is no notification; one that cannot be read in one pass is read again by
    /// its envelope.
    #[inline(never)]
    fn into_other(
        self,
        done: Done,
        reader: Reader<'a>,
        text: &'a str,
    ) -> Result<ServerMessage<'a>, DecodeError> {
        if let Err(Failed) = done {
            // What failed may have been read as something it is not: only the whole
            // envelope distinguishes a request from a notification.
            if let Ok(envelope) = Envelope::parse(text) {
                return ServerMessage::from_envelope(envelope);
            }
            let error = reader.into_error();
            return Undecodable::find_of_server(text, error).map(ServerMessage::Undecodable);
        }
        let members = mem::take(&mut self.notification.members);
        match self {
            Parts {
                out_of_order: false,
                request: Some(request),
                id: Some(id),
                ..
            } => Ok(ServerMessage::Request {
                id,
                request,
                members,
            }),
            Parts {
                method: None,
                id,
                error: Some(error),
                ..
            } => Ok(ServerMessage::Error { id, error, members }),
            Parts {
                method: None,
                id: Some(id),
                result: Some(result),
                error: None,
                ..
            } => Ok(ServerMessage::Response {
                id,
                result,
                members,
            }),
            // Without parameters, out of order, or not a message.
            _ => ServerMessage::from_envelope(Envelope::parse(text)?),
        }
    }
}

impl AsMut<Members> for Parts<'_, '_> {
    fn as_mut(&mut self) -> &mut Members {
        &mut self.notification.members
    }
}

#[inline(never)]
fn read_request(place: &mut Option<ServerRequest>, method: &str, reader: &mut Reader<'_>) -> Done {
    let request = place.insert(ServerRequest::blank());
    request.read_params(method, reader)
}
