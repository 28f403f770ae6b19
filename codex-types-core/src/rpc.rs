//! JSON-RPC messages: what is around the models.
//!
//! The runtime uses JSON-RPC without the `jsonrpc` field. A message is parsed
//! once: either as an [`Envelope`] that borrows its parts, or, when it comes
//! from the server, as a [`ServerMessage`] whose payload is typed in the same
//! pass.

use serde_core::Serialize;
use serde_core::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::support::decode::Text;
use crate::{DecodeError, RequestId};

mod envelope;
mod error_object;
mod ids;
mod members;
mod null;
mod parser;
mod server_message;
mod shown;
mod undecodable;

pub use envelope::{Envelope, EnvelopeKind};
pub use error_object::ErrorObject;
pub use ids::Ids;
pub use members::Members;
pub use parser::Parser;
pub use server_message::{Notification, ServerMessage};
#[doc(hidden)]
pub use server_message::{not_a_message, read_payload};
#[doc(hidden)]
pub use shown::{show, show_response};
pub use undecodable::Undecodable;

/// Encodes a request.
///
/// Parameters that are `null` are left out: methods without parameters take
/// neither.
///
/// # Errors
///
/// Only when `params` refuses to be written, which no model of this crate does.
pub fn encode_request<P: Serialize + ?Sized>(
    id: &RequestId,
    method: &str,
    params: &P,
) -> Result<String, DecodeError> {
    encode(|map| {
        map.serialize_entry("id", id)?;
        map.serialize_entry("method", method)?;
        write_params(map, params)
    })
}

/// Encodes a notification; see [`encode_request`] for `null` parameters and errors.
///
/// # Errors
///
/// Only when `params` refuses to be written, which no model of this crate does.
pub fn encode_notification<P: Serialize + ?Sized>(
    method: &str,
    params: &P,
) -> Result<String, DecodeError> {
    encode(|map| {
        map.serialize_entry("method", method)?;
        write_params(map, params)
    })
}

/// Encodes the answer to a request.
///
/// # Errors
///
/// Only when `result` refuses to be written, which no model of this crate does.
pub fn encode_response<R: Serialize + ?Sized>(
    id: &RequestId,
    result: &R,
) -> Result<String, DecodeError> {
    encode(|map| {
        map.serialize_entry("id", id)?;
        map.serialize_entry("result", result)
    })
}

/// Encodes the refusal of a request.
///
/// # Errors
///
/// None in practice: an error object can always be written.
pub fn encode_error(id: &RequestId, error: &ErrorObject) -> Result<String, DecodeError> {
    encode(|map| {
        map.serialize_entry("error", error)?;
        map.serialize_entry("id", id)
    })
}

type TextSerializer<'a> = &'a mut serde_json::Serializer<Vec<u8>>;
type TextMap<'a> = <TextSerializer<'a> as Serializer>::SerializeMap;

fn encode(
    write: impl FnOnce(&mut TextMap<'_>) -> Result<(), serde_json::Error>,
) -> Result<String, DecodeError> {
    let mut serializer = serde_json::Serializer::new(Vec::with_capacity(256));
    let mut map = serializer.serialize_map(None)?;
    write(&mut map)?;
    map.end()?;
    String::from_utf8(serializer.into_inner()).map_err(|error| DecodeError::new(error.to_string()))
}

fn write_params<P: Serialize + ?Sized>(
    map: &mut TextMap<'_>,
    params: &P,
) -> Result<(), serde_json::Error> {
    if is_null(params) {
        return Ok(());
    }
    map.serialize_entry("params", params)
}

/// Returns true if a value is written as `null`, without writing the rest of it.
pub(crate) fn is_null<T: Serialize + ?Sized>(value: &T) -> bool {
    value.serialize(null::Detector).is_ok_and(|is_null| is_null)
}

/// Reads raw parameters or results into their type.
///
/// # Errors
///
/// When the JSON does not have the shape of `T`; names the path to the fault.
pub fn decode<T: serde_core::de::DeserializeOwned>(raw: &RawValue) -> Result<T, DecodeError> {
    T::deserialize(Text(raw.get())).map_err(DecodeError::from)
}
