//! One message with borrowed parts, before anything is typed.

use std::borrow::Cow;
use std::fmt;

use serde_core::de::{Deserialize, Deserializer, Error};
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::Members;
use crate::support::decode::{Decode, Done, Failed, Reader, raw_text};
use crate::support::key::Key;
use crate::{DecodeError, RequestId};

/// The parts of one JSON-RPC message, parsed once and borrowed from its text.
///
/// The parts that are present determine the kind: see [`Envelope::kind`].
/// Ids keep their JSON type: `"5"` and `5` are different requests.
///
/// ```
/// use codex_types::rpc::{Envelope, EnvelopeKind};
///
/// let envelope = Envelope::parse(r#"{"id":7,"result":{"ok":true}}"#)?;
/// assert_eq!(envelope.kind(), EnvelopeKind::Response);
/// assert_eq!(envelope.result.map(|raw| raw.get()), Some(r#"{"ok":true}"#));
/// # Ok::<(), codex_types::DecodeError>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Envelope<'a> {
    /// The number or string that ties an answer to its request.
    pub id: Option<RequestId>,
    /// The method of a request or notification.
    pub method: Option<Cow<'a, str>>,
    /// The parameters of a request or notification.
    pub params: Option<&'a RawValue>,
    /// The answer to a request.
    pub result: Option<&'a RawValue>,
    /// The refusal of a request, an [`ErrorObject`](crate::rpc::ErrorObject).
    pub error: Option<&'a RawValue>,
    /// The time at which the server sent a notification, in milliseconds since the Unix epoch; a time that is
    /// no such number is among the other members.
    pub emitted_at_ms: Option<i64>,
    /// The other members of the message.
    pub members: Members,
}

/// Shows the parts that are present; payloads may hold secrets and are not printed.
impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |part: Option<&RawValue>| part.map(|raw| raw.get().len());
        formatter
            .debug_struct("Envelope")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("params_bytes", &bytes(self.params))
            .field("result_bytes", &bytes(self.result))
            .field("error_bytes", &bytes(self.error))
            .field("emitted_at_ms", &self.emitted_at_ms)
            .field("members", &self.members)
            .finish()
    }
}

/// The kind of an [`Envelope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvelopeKind {
    /// Has a method and an id.
    Request,
    /// Has a method and no id.
    Notification,
    /// Has a result and no method.
    Response,
    /// Has an error and no method.
    Error,
    /// Has neither: not JSON-RPC.
    Invalid,
}

/// The keys of a message, in the order in which the runtime writes those of notifications, and those
/// of responses: each is expected after the one before.
pub(super) const KEYS: &[&str] = &["method", "params", "emittedAtMs", "id", "result", "error"];
pub(super) const METHOD: usize = 0;
pub(super) const PARAMS: usize = 1;
pub(super) const EMITTED_AT_MS: usize = 2;
pub(super) const ID: usize = 3;
pub(super) const ERROR: usize = 5;

impl<'a> Envelope<'a> {
    /// Parses one message.
    ///
    /// # Errors
    ///
    /// When the text is not one JSON object, or a part of it is not what
    /// JSON-RPC demands.
    pub fn parse(text: &'a str) -> Result<Self, DecodeError> {
        let mut envelope = Self::default();
        let mut reader = Reader::new(text);
        match envelope.read(&mut reader) {
            Ok(()) => Ok(envelope),
            Err(Failed) => Err(reader.into_error()),
        }
    }

    /// The kind of the message.
    pub fn kind(&self) -> EnvelopeKind {
        match (&self.method, &self.id, self.result, self.error) {
            (Some(_), Some(_), ..) => EnvelopeKind::Request,
            (Some(_), None, ..) => EnvelopeKind::Notification,
            (None, _, _, Some(_)) => EnvelopeKind::Error,
            (None, Some(_), Some(_), None) => EnvelopeKind::Response,
            (None, ..) => EnvelopeKind::Invalid,
        }
    }
}

/// Only from text that can be borrowed.
impl<'de: 'a, 'a> Deserialize<'de> for Envelope<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match raw_text(deserializer)? {
            Cow::Borrowed(text) => Self::parse(text).map_err(D::Error::custom),
            Cow::Owned(_) => Err(D::Error::custom("a message is borrowed from its text")),
        }
    }
}

/// Reads the members of a message, each by its number in [`KEYS`]; `None` is any other.
pub(super) fn read_members<'a, P: AsMut<Members>>(
    reader: &mut Reader<'a>,
    parts: &mut P,
    mut read: impl FnMut(usize, &mut Reader<'a>, &mut P) -> Done,
) -> Done {
    reader.open(b'{', "a message")?;
    let mut expected = 0;
    let mut more = reader.more(&mut true, b'}')?;
    while more {
        let index = if reader.take_expected(KEYS, &mut expected) {
            Some(expected - 1)
        } else {
            match reader.key(KEYS, expected)? {
                Key::Known(index) => Some(index),
                Key::Unknown(name) => {
                    parts.as_mut().read(name, reader)?;
                    None
                }
            }
        };
        if let Some(index) = index {
            expected = index + 1;
            read(index, reader, parts)?;
        }
        more = reader.another(b'}')?;
    }
    reader.end()
}

/// Reads an id, which is mostly a number of the client.
#[inline]
pub(super) fn read_id(id: &mut Option<RequestId>, reader: &mut Reader<'_>) -> Done {
    match reader.short_integer() {
        Some(number) => *id = Some(RequestId::Integer(number)),
        None => id.read(reader)?,
    }
    Ok(())
}

/// A time that is malformed must not cost the message: it is kept among the other members.
#[inline]
pub(super) fn read_time(
    time: &mut Option<i64>,
    members: &mut Members,
    reader: &mut Reader<'_>,
) -> Done {
    if let Some(number) = reader.short_integer() {
        members.remove(KEYS[EMITTED_AT_MS]);
        *time = Some(number);
        return Ok(());
    }
    read_odd_time(time, members, reader)
}

#[cold]
fn read_odd_time(time: &mut Option<i64>, members: &mut Members, reader: &mut Reader<'_>) -> Done {
    let start = reader.mark();
    let mut number = i64::blank();
    if number.read(reader).is_ok() {
        members.remove(KEYS[EMITTED_AT_MS]);
        *time = Some(number);
        return Ok(());
    }
    reader.rewind(start);
    *time = None;
    let (value, text) = reader.any_exactly()?;
    members.keep(KEYS[EMITTED_AT_MS], value, text);
    reader.take_error();
    Ok(())
}

impl<'a> Envelope<'a> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Done {
        read_members(reader, self, |index, reader, envelope| {
            let done = envelope.read_member(index, reader);
            done.map_err(|Failed| reader.at_key(KEYS[index]))
        })
    }

    fn read_member(&mut self, index: usize, reader: &mut Reader<'a>) -> Done {
        match index {
            METHOD => self.method = Some(reader.string()?),
            ID => read_id(&mut self.id, reader)?,
            PARAMS => self.params = Some(reader.raw()?),
            EMITTED_AT_MS => read_time(&mut self.emitted_at_ms, &mut self.members, reader)?,
            ERROR => self.error = Some(reader.raw()?),
            _ => self.result = Some(reader.raw()?),
        }
        Ok(())
    }
}

impl AsMut<Members> for Envelope<'_> {
    fn as_mut(&mut self) -> &mut Members {
        &mut self.members
    }
}

impl Serialize for Envelope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write_part(&mut map, "method", self.method.as_ref())?;
        write_part(&mut map, "id", self.id.as_ref())?;
        write_part(&mut map, "params", self.params)?;
        write_part(&mut map, "emittedAtMs", self.emitted_at_ms.as_ref())?;
        write_part(&mut map, "result", self.result)?;
        write_part(&mut map, "error", self.error)?;
        self.members.write(&mut map)?;
        map.end()
    }
}

fn write_part<M: SerializeMap, T: Serialize + ?Sized>(
    map: &mut M,
    name: &str,
    part: Option<&T>,
) -> Result<(), M::Error> {
    match part {
        Some(part) => map.serialize_entry(name, part),
        None => Ok(()),
    }
}
