//! Decoding of the unions of messages: by method, directly into the type.
//!
//! Handles the two keys `method` and `params`; ids, results and errors are in [`crate::rpc`].

use std::fmt;

use serde_core::Serialize;
use serde_core::ser::{SerializeMap, Serializer};
use serde_json::Value;

use super::decode::{Decode, Done, Failed, Reader, from_text};
use super::exact::Exact;
use super::key::Key;
use super::lookup::Lookup;
use crate::DecodeError;

/// A message with a method that this version of the crate does not know.
#[derive(Clone, PartialEq, Eq)]
pub struct UnrecognizedMessage {
    method: String,
    params: Option<Value>,
    /// The text of the parameters, when the value does not hold all of it.
    text: Option<Exact>,
}

impl UnrecognizedMessage {
    /// A message with this method and parameters.
    pub fn new(method: impl Into<String>, params: Option<Value>) -> Self {
        Self {
            method: method.into(),
            params,
            text: None,
        }
    }

    /// A message with these parameters, whatever they are.
    pub(crate) fn from_text(method: &str, params: &str) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(params);
        match reader.any_exactly() {
            Ok((value, text)) => Ok(Self::new(method, Some(value)).with_text(text)),
            Err(Failed) => Err(reader.into_error()),
        }
    }

    fn with_text(self, text: Option<Exact>) -> Self {
        Self { text, ..self }
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
pub trait MessageUnion: Decode {
    /// The known methods, sorted.
    const METHODS: &'static [&'static str];
    /// Their location.
    const LOOKUP: &'static Lookup = &Lookup::new(Self::METHODS);

    /// Becomes the message of this number, blank, and returns its parameters to be filled.
    fn select(&mut self, index: usize) -> Option<&mut dyn Decode>;

    /// Keeps a message with an unknown method.
    fn unrecognized(message: UnrecognizedMessage) -> Self;

    /// Becomes the message of a known method.
    fn select_method(&mut self, method: &str) -> Option<&mut dyn Decode> {
        let index = Self::LOOKUP.find(Self::METHODS, method)?;
        self.select(index)
    }

    /// Reads parameters by their method.
    #[inline]
    fn read_params(&mut self, method: &str, reader: &mut Reader<'_>) -> Done
    where
        Self: Sized,
    {
        if let Some(params) = self.select_method(method) {
            let done = params.read(reader);
            return done.map_err(|Failed| reader.at_key("params"));
        }
        self.read_unrecognized(method, reader)
    }

    /// Keeps the parameters of an unknown method.
    #[inline(never)]
    fn read_unrecognized(&mut self, method: &str, reader: &mut Reader<'_>) -> Done
    where
        Self: Sized,
    {
        let (params, text) = reader.any_exactly()?;
        let message = UnrecognizedMessage::new(method, Some(params));
        *self = Self::unrecognized(message.with_text(text));
        Ok(())
    }

    /// Becomes a message that has no parameters.
    fn read_absent(&mut self, method: &str) -> Result<(), DecodeError>
    where
        Self: Sized,
    {
        if let Some(params) = self.select_method(method) {
            let done = from_text(params, "null");
            return done.map_err(|_| DecodeError::new("params: missing field"));
        }
        *self = Self::unrecognized(UnrecognizedMessage::new(method, None));
        Ok(())
    }
}

/// Reads `{"method": …, "params": …}` and ignores what stands beside them.
pub fn read_message<T: MessageUnion>(message: &mut T, reader: &mut Reader<'_>) -> Done {
    const KEYS: &[&str] = &["method", "params"];
    reader.open(b'{', "a message")?;
    let mut method = None;
    let mut params = None;
    let mut is_read = false;
    let mut first = true;
    while reader.more(&mut first, b'}')? {
        match (reader.next_key(KEYS, 0)?, &method) {
            (Key::Known(0), _) => {
                let text = reader.string().map_err(|Failed| reader.at_key("method"))?;
                is_read = false;
                method = Some(text);
            }
            (Key::Known(_), Some(method)) => {
                params = Some(reader.mark());
                message.read_params(method, reader)?;
                is_read = true;
            }
            (Key::Known(_), None) => {
                params = Some(reader.mark());
                reader.raw().map_err(|Failed| reader.at_key("params"))?;
            }
            (Key::Unknown(_), _) => drop(reader.raw()?),
        }
    }
    match (method, params) {
        (None, _) => Err(reader.missing("method")),
        (Some(_), _) if is_read => Ok(()),
        (Some(method), Some(params)) => {
            // The method came behind its parameters.
            let end = reader.mark();
            reader.rewind(params);
            message.read_params(&method, reader)?;
            reader.rewind(end);
            Ok(())
        }
        (Some(method), None) => {
            let done = message.read_absent(&method);
            done.map_err(|error| reader.fail_with(&error))
        }
    }
}

/// Writes the entries of a message with a known method; `null` parameters are left out unless
/// they came as such.
pub fn write_entries<M: SerializeMap, P: Serialize>(
    map: &mut M,
    method: &str,
    params: &P,
    null_params: bool,
) -> Result<(), M::Error> {
    map.serialize_entry("method", method)?;
    if !null_params && crate::rpc::is_null(params) {
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
    match (&message.text, &message.params) {
        (Some(text), _) => map.serialize_entry("params", text),
        (None, Some(params)) => map.serialize_entry("params", params),
        (None, None) => Ok(()),
    }
}

/// A message that can be written as entries of an object; generated.
pub trait WriteMessage {
    /// Writes `method` and `params`; parameters that are `null` only if they came as such.
    fn write<M: SerializeMap>(&self, map: &mut M, null_params: bool) -> Result<(), M::Error>;
}

/// Writes a message as an object of its own.
pub fn write_message<T: WriteMessage, S: Serializer>(
    message: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    message.write(&mut map, false)?;
    map.end()
}

/// A union of responses by the method of their request; generated.
pub trait ResponseUnion: Sized {
    /// The known methods, sorted.
    const METHODS: &'static [&'static str];
    /// Their location.
    const LOOKUP: &'static Lookup = &Lookup::new(Self::METHODS);

    /// The response of this number, blank.
    fn select(index: usize) -> Option<Self>;

    /// The result, to be filled; `None` for an unknown method.
    fn result(&mut self) -> Option<&mut dyn Decode>;

    /// Keeps the response to an unknown method.
    fn unrecognized(message: UnrecognizedMessage) -> Self;
}

/// Reads a result by the method of its request.
pub fn read_response<T: ResponseUnion>(method: &str, result: &str) -> Result<T, DecodeError> {
    let index = T::LOOKUP.find(T::METHODS, method);
    let Some(mut response) = index.and_then(T::select) else {
        return UnrecognizedMessage::from_text(method, result).map(T::unrecognized);
    };
    if let Some(part) = response.result() {
        from_text(part, result)?;
    }
    Ok(response)
}

/// Writes the result of an unknown method.
pub fn write_result<S: Serializer>(
    message: &UnrecognizedMessage,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match &message.text {
        Some(text) => text.serialize(serializer),
        None => message.params.serialize(serializer),
    }
}
