//! One message from the server, typed in the same pass that reads its envelope.

use std::borrow::Cow;
use std::fmt;

use serde_core::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::envelope::{EMITTED_AT_MS, ERROR, ID, KEYS, METHOD, PARAMS};
use super::{Envelope, EnvelopeKind, ErrorObject};
use crate::support::key::{Key, KeySeed};
use crate::support::message::{MessageUnion, ParamsSeed, WriteMessage};
use crate::support::path;
use crate::support::text::TextSeed;
use crate::{DecodeError, RequestId, ServerNotification, ServerRequest};

/// One message from the server.
///
/// A payload that cannot be read does not cost the message: it comes as
/// [`ServerMessage::Undecodable`] with everything that could be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ServerMessage<'a> {
    /// Something happened.
    Notification(Notification),
    /// The server asks; it waits until it is answered.
    Request {
        /// The id that the response must carry.
        id: RequestId,
        /// The payload of the request.
        request: ServerRequest,
    },
    /// The answer to a request of the client.
    Response {
        /// The id of the request.
        id: RequestId,
        /// The answer; its type depends on the method of the request.
        result: &'a RawValue,
    },
    /// The refusal of a request of the client.
    Error {
        /// The id of the request.
        id: Option<RequestId>,
        /// Why it was refused.
        error: ErrorObject,
    },
    /// A notification or request of a known method with an unexpected payload.
    Undecodable(Undecodable<'a>),
}

/// A message whose payload does not have the shape its method demands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Undecodable<'a> {
    /// The parts of the message.
    pub envelope: Envelope<'a>,
    /// The error of the payload.
    pub error: DecodeError,
}

/// A notification with the time it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// The payload of the notification.
    pub payload: ServerNotification,
    /// The time at which the server sent it, in milliseconds since the Unix epoch.
    pub emitted_at_ms: Option<i64>,
}

impl Notification {
    /// A notification without a time.
    pub fn new(payload: impl Into<ServerNotification>) -> Self {
        Self {
            payload: payload.into(),
            emitted_at_ms: None,
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
        self.payload.write(&mut map)?;
        if let Some(milliseconds) = self.emitted_at_ms {
            map.serialize_entry("emittedAtMs", &milliseconds)?;
        }
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
            Self::Request { id, request } => {
                map.serialize_entry("id", id)?;
                request.write(&mut map)?;
            }
            Self::Response { id, result } => {
                map.serialize_entry("id", id)?;
                map.serialize_entry("result", result)?;
            }
            Self::Error { id, error } => {
                map.serialize_entry("error", error)?;
                map.serialize_entry("id", id)?;
            }
            Self::Notification(_) | Self::Undecodable(_) => {}
        }
        map.end()
    }
}

impl<'a> ServerMessage<'a> {
    /// Parses one message.
    ///
    /// # Errors
    ///
    /// Only when the text is not a JSON-RPC message at all; see
    /// [`ServerMessage::Undecodable`] for the rest.
    pub fn parse(text: &'a str) -> Result<Self, DecodeError> {
        let mut parts = Parts::default();
        if let Err(error) = parts.read_text(text) {
            // What failed may have been read as something it is not: only the whole
            // envelope distinguishes a request from a notification.
            return match Envelope::parse(text) {
                Ok(envelope) => Self::from_envelope(envelope),
                Err(_) => Err(error.into()),
            };
        }
        // Here, not in a function: the parts would be moved there, too.
        match parts {
            Parts {
                out_of_order: false,
                notification: Some(payload),
                emitted_at_ms,
                ..
            } => Ok(Self::Notification(Notification {
                payload,
                emitted_at_ms,
            })),
            Parts {
                out_of_order: false,
                request: Some(request),
                id: Some(id),
                ..
            } => Ok(Self::Request { id, request }),
            answer => answer.into_answer(text),
        }
    }

    /// Types the parts of a message.
    ///
    /// # Errors
    ///
    /// Only when the parts are not a JSON-RPC message at all.
    pub fn from_envelope(envelope: Envelope<'a>) -> Result<Self, DecodeError> {
        let method = envelope.method.clone().unwrap_or_default();
        let typed = match envelope.kind() {
            EnvelopeKind::Notification => read_raw(&method, envelope.params).map(|payload| {
                Self::Notification(Notification {
                    payload,
                    emitted_at_ms: envelope.emitted_at_ms,
                })
            }),
            EnvelopeKind::Request => read_raw(&method, envelope.params).map(|request| {
                let id = envelope.id.clone().unwrap_or(RequestId::Integer(0));
                Self::Request { id, request }
            }),
            _ => return Self::from_answer(&envelope),
        };
        typed.or_else(|error| Ok(Self::Undecodable(Undecodable { envelope, error })))
    }

    fn from_answer(envelope: &Envelope<'a>) -> Result<Self, DecodeError> {
        match (envelope.error, &envelope.id, envelope.result) {
            (Some(error), id, _) => Ok(Self::Error {
                id: id.clone(),
                error: ErrorObject::parse(error)?,
            }),
            (None, Some(id), Some(result)) => Ok(Self::Response {
                id: id.clone(),
                result,
            }),
            _ => Err(DecodeError::new(
                "not a JSON-RPC message: neither method, result nor error",
            )),
        }
    }
}

fn read_raw<T: MessageUnion>(method: &str, params: Option<&RawValue>) -> Result<T, DecodeError> {
    let mut slot = None;
    match params {
        Some(raw) => {
            let params = &mut serde_json::Deserializer::from_str(raw.get());
            T::read(&mut slot, method, params)?;
        }
        None => T::read_absent(&mut slot, method)?,
    }
    slot.ok_or_else(|| DecodeError::new("not a message"))
}

/// The payload's own errors begin with `params` already.
#[cold]
fn at_part<E: serde_core::de::Error>(error: E, index: usize) -> E {
    match index {
        PARAMS => error,
        _ => path::at_field(&error, KEYS[index]),
    }
}

/// The parts of a message, typed while they are read.
#[derive(Default)]
struct Parts<'a> {
    method: Option<Cow<'a, str>>,
    id: Option<RequestId>,
    notification: Option<ServerNotification>,
    request: Option<ServerRequest>,
    emitted_at_ms: Option<i64>,
    result: Option<&'a RawValue>,
    error: Option<ErrorObject>,
    /// The keys came in an order that one pass cannot read.
    out_of_order: bool,
}

/// Fills the parts in place: what is large is moved once.
impl<'de> DeserializeSeed<'de> for &mut Parts<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Parts<'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let mut hint = 0;
        while let Some(key) = access.next_key_seed(KeySeed { names: KEYS, hint })? {
            let Key::Known(index) = key else {
                access.next_value::<IgnoredAny>()?;
                continue;
            };
            hint = index + 1;
            self.read(index, &mut access)
                .map_err(|error| at_part(error, index))?;
        }
        Ok(())
    }
}

impl<'de> Parts<'de> {
    fn read_text(&mut self, text: &'de str) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        self.deserialize(&mut deserializer)?;
        deserializer.end()
    }

    #[inline]
    fn read<A: MapAccess<'de>>(&mut self, index: usize, access: &mut A) -> Result<(), A::Error> {
        match index {
            METHOD => {
                self.out_of_order |= self.notification.is_some() || self.request.is_some();
                self.method = Some(access.next_value_seed(TextSeed)?);
            }
            ID => {
                self.out_of_order |= self.notification.is_some();
                self.id = access.next_value()?;
            }
            PARAMS => self.read_params(access)?,
            EMITTED_AT_MS => self.emitted_at_ms = access.next_value()?,
            ERROR => self.error = Some(access.next_value()?),
            _ => self.result = Some(access.next_value()?),
        }
        Ok(())
    }

    #[inline]
    fn read_params<A: MapAccess<'de>>(&mut self, access: &mut A) -> Result<(), A::Error> {
        let Some(method) = self.method.as_deref() else {
            self.out_of_order = true;
            return access.next_value::<IgnoredAny>().map(|_| ());
        };
        if self.id.is_some() {
            let slot = &mut self.request;
            return access.next_value_seed(ParamsSeed { method, slot });
        }
        let slot = &mut self.notification;
        access.next_value_seed(ParamsSeed { method, slot })
    }

    /// The answer; what is none is read again by its envelope.
    fn into_answer(self, text: &'de str) -> Result<ServerMessage<'de>, DecodeError> {
        match (self.method, self.id, self.result, self.error) {
            (None, id, _, Some(error)) => Ok(ServerMessage::Error { id, error }),
            (None, Some(id), Some(result), None) => Ok(ServerMessage::Response { id, result }),
            // Without parameters, out of order, or not a message.
            _ => ServerMessage::from_envelope(Envelope::parse(text)?),
        }
    }
}
