//! How the unions of messages are read: by method, straight into the type.
//!
//! Knows the two keys `method` and `params`; ids, results and errors are the
//! business of [`crate::rpc`].

use std::fmt;
use std::marker::PhantomData;

use serde_core::Serialize;
use serde_core::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_core::ser::{SerializeMap, Serializer};
use serde_json::Value;

use super::key::{Key, KeySeed};
use super::lookup::Lookup;
use super::path;
use super::text::TextSeed;

/// A message with a method that this version of the crate does not know.
#[derive(Clone, PartialEq, Eq)]
pub struct UnrecognizedMessage {
    method: String,
    params: Option<Value>,
}

impl UnrecognizedMessage {
    /// A message with this method and parameters.
    pub fn new(method: impl Into<String>, params: Option<Value>) -> Self {
        Self {
            method: method.into(),
            params,
        }
    }

    /// The method on the wire.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The parameters, if there are any.
    pub fn params(&self) -> Option<&Value> {
        self.params.as_ref()
    }

    /// For the generated code: a string somewhere in the parameters, where this
    /// protocol keeps its ids.
    #[doc(hidden)]
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        let mut value = self.params.as_ref()?;
        for name in path {
            value = value.get(name)?;
        }
        value.as_str()
    }
}

impl fmt::Debug for UnrecognizedMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Unknown parameters may hold unclassified secrets.
        formatter
            .debug_struct("UnrecognizedMessage")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// A union of messages by method; generated.
pub trait MessageUnion: Sized {
    /// The known methods, sorted.
    const METHODS: &'static [&'static str];
    /// Their location.
    const LOOKUP: &'static Lookup = &Lookup::new(Self::METHODS);

    /// Reads the parameters of a known method into their place: a message is large, and
    /// every step that returns it would move it.
    fn read_params<'de, D: Deserializer<'de>>(
        slot: &mut Option<Self>,
        index: usize,
        params: D,
    ) -> Result<(), D::Error>;

    /// Keeps a message with an unknown method.
    fn unrecognized(message: UnrecognizedMessage) -> Self;

    /// Reads parameters by their method; there is a message unless there is an error.
    fn read<'de, D: Deserializer<'de>>(
        slot: &mut Option<Self>,
        method: &str,
        params: D,
    ) -> Result<(), D::Error> {
        if let Some(index) = Self::LOOKUP.find(Self::METHODS, method) {
            return Self::read_params(slot, index, params)
                .map_err(|error| path::at_field(&error, "params"));
        }
        let params = serde_core::Deserialize::deserialize(params)?;
        let message = UnrecognizedMessage::new(method, Some(params));
        *slot = Some(Self::unrecognized(message));
        Ok(())
    }

    /// Reads a message that has no parameters; there is a message unless there is an error.
    fn read_absent(slot: &mut Option<Self>, method: &str) -> Result<(), serde_json::Error> {
        if let Some(index) = Self::LOOKUP.find(Self::METHODS, method) {
            let params = &mut serde_json::Deserializer::from_str("null");
            return Self::read_params(slot, index, params).map_err(|_| path::missing("params"));
        }
        let message = UnrecognizedMessage::new(method, None);
        *slot = Some(Self::unrecognized(message));
        Ok(())
    }
}

/// Reads the parameters of a message whose method is known into their place.
pub(crate) struct ParamsSeed<'a, T> {
    pub(crate) method: &'a str,
    pub(crate) slot: &'a mut Option<T>,
}

impl<'de, T: MessageUnion> DeserializeSeed<'de> for ParamsSeed<'_, T> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        T::read(self.slot, self.method, deserializer)
    }
}

/// Reads `{"method": …, "params": …}` and ignores what stands beside them.
pub fn read_message<'de, T: MessageUnion, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(MessageVisitor(PhantomData))
}

struct MessageVisitor<T>(PhantomData<T>);

impl<'de, T: MessageUnion> Visitor<'de> for MessageVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<T, A::Error> {
        let mut method = None;
        let mut params: Option<Value> = None;
        let mut message = None;
        while let Some(key) = access.next_key_seed(KeySeed {
            names: &["method", "params"],
            hint: 0,
        })? {
            match (key, &method) {
                (Key::Known(0), _) => method = Some(access.next_value_seed(TextSeed)?),
                (Key::Known(_), Some(method)) => {
                    let slot = &mut message;
                    access.next_value_seed(ParamsSeed { method, slot })?;
                }
                (Key::Known(_), None) => params = Some(access.next_value()?),
                (Key::Unknown(_), _) => {
                    access.next_value::<serde_core::de::IgnoredAny>()?;
                }
            }
        }
        if message.is_none() {
            let method = method.ok_or_else(|| path::missing("method"))?;
            read_late(&mut message, &method, params).map_err(|error| path::transfer(&error))?;
        }
        message.ok_or_else(|| path::missing("params"))
    }
}

/// Reads a message whose method came behind its parameters, or alone.
fn read_late<T: MessageUnion>(
    slot: &mut Option<T>,
    method: &str,
    params: Option<Value>,
) -> Result<(), serde_json::Error> {
    let Some(params) = params else {
        return T::read_absent(slot, method);
    };
    let text = params.to_string();
    T::read(slot, method, &mut serde_json::Deserializer::from_str(&text))
}

/// Writes the entries of a message with a known method; `null` parameters are left out.
pub fn write_entries<M: SerializeMap, P: Serialize>(
    map: &mut M,
    method: &str,
    params: &P,
) -> Result<(), M::Error> {
    map.serialize_entry("method", method)?;
    if crate::rpc::is_null(params) {
        return Ok(());
    }
    map.serialize_entry("params", params)
}

/// Writes the entries of a message with an unknown method.
pub fn write_unrecognized<M: SerializeMap>(
    map: &mut M,
    message: &UnrecognizedMessage,
) -> Result<(), M::Error> {
    map.serialize_entry("method", &message.method)?;
    match &message.params {
        Some(params) => map.serialize_entry("params", params),
        None => Ok(()),
    }
}

/// A message that can be written as entries of an object; generated.
pub trait WriteMessage {
    /// Writes `method` and `params`.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// Writes a message as an object of its own.
pub fn write_message<T: WriteMessage, S: Serializer>(
    message: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    message.write(&mut map)?;
    map.end()
}
