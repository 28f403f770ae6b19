//! One message with borrowed parts, before anything is typed.

use std::borrow::Cow;
use std::fmt;

use serde_core::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::support::decode::Decode;
use crate::support::key::{Key, KeySeed};
use crate::support::text::TextSeed;
use crate::support::{Extra, path};
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
    /// The refusal of a request, an [`ErrorObject`].
    pub error: Option<&'a RawValue>,
    /// The time at which the server sent a notification, in milliseconds since the Unix epoch.
    pub emitted_at_ms: Option<i64>,
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

/// The keys of a message, in the order in which the runtime writes most of them.
pub(super) const KEYS: &[&str] = &["method", "id", "params", "emittedAtMs", "error", "result"];
pub(super) const METHOD: usize = 0;
pub(super) const ID: usize = 1;
pub(super) const PARAMS: usize = 2;
pub(super) const EMITTED_AT_MS: usize = 3;
pub(super) const ERROR: usize = 4;

impl<'a> Envelope<'a> {
    /// Parses one message.
    ///
    /// # Errors
    ///
    /// When the text is not one JSON object, or a part of it is not what
    /// JSON-RPC demands.
    pub fn parse(text: &'a str) -> Result<Self, DecodeError> {
        serde_json::from_str(text).map_err(DecodeError::from)
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

impl<'de: 'a, 'a> Deserialize<'de> for Envelope<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor)
    }
}

struct EnvelopeVisitor;

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut envelope = Envelope::default();
        let mut hint = 0;
        while let Some(key) = access.next_key_seed(KeySeed { names: KEYS, hint })? {
            let Key::Known(index) = key else {
                access.next_value::<IgnoredAny>()?;
                continue;
            };
            hint = index + 1;
            envelope
                .read_part(index, &mut access)
                .map_err(|error| path::at_field(&error, KEYS[index]))?;
        }
        Ok(envelope)
    }
}

impl<'de> Envelope<'de> {
    fn read_part<A: MapAccess<'de>>(
        &mut self,
        index: usize,
        access: &mut A,
    ) -> Result<(), A::Error> {
        match index {
            METHOD => self.method = Some(access.next_value_seed(TextSeed)?),
            ID => self.id = access.next_value()?,
            PARAMS => self.params = Some(access.next_value()?),
            EMITTED_AT_MS => self.emitted_at_ms = access.next_value()?,
            ERROR => self.error = Some(access.next_value()?),
            _ => self.result = Some(access.next_value()?),
        }
        Ok(())
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

/// Why a request was refused. Its data may hold anything, and is not in `Debug`.
#[derive(Clone)]
#[non_exhaustive]
pub struct ErrorObject {
    /// The number that classifies the error; the runtime uses -32600 for most.
    pub code: i64,
    /// The message of the error, for people.
    pub message: String,
    /// The details of the error, for programs; their shape depends on the method.
    pub data: Option<serde_json::Value>,
    extra: Extra,
}

impl fmt::Debug for ErrorObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = self.data.as_ref().map(|_| format_args!("[not shown]"));
        formatter
            .debug_struct("ErrorObject")
            .field("code", &self.code)
            .field("message", &self.message)
            .field("data", &data)
            .finish_non_exhaustive()
    }
}

impl ErrorObject {
    /// The code of JSON-RPC for text that is not JSON. The runtime never sends it: it ignores such text.
    pub const PARSE_ERROR: i64 = -32700;
    /// The code of JSON-RPC for what is no request; the runtime also uses it for most
    /// refusals, parameters of the wrong shape among them.
    pub const INVALID_REQUEST: i64 = -32600;
    /// The code of JSON-RPC for a method that is not known.
    pub const METHOD_NOT_FOUND: i64 = -32601;
    /// The code of JSON-RPC for parameters that do not fit the method.
    pub const INVALID_PARAMS: i64 = -32602;
    /// The code of JSON-RPC for a failure on the other side.
    pub const INTERNAL_ERROR: i64 = -32603;

    /// An error without data.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
            extra: Extra::default(),
        }
    }

    /// The same error with data for programs.
    #[must_use]
    pub fn data(mut self, data: impl Into<serde_json::Value>) -> Self {
        self.data = Some(data.into());
        self
    }

    /// Reads the error of an [`Envelope`].
    ///
    /// # Errors
    ///
    /// When the JSON is not an error object; names the path to the fault.
    pub fn parse(raw: &RawValue) -> Result<Self, DecodeError> {
        let deserializer = &mut serde_json::Deserializer::from_str(raw.get());
        Self::decode(deserializer).map_err(DecodeError::from)
    }
}

impl fmt::Display for ErrorObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (code {})", self.message, self.code)
    }
}

impl std::error::Error for ErrorObject {}

crate::__object! {
    ErrorObject;
    0 code: required("code"),
    1 message: required("message"),
    2 data: optional("data"),
}
