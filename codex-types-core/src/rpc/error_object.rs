//! The error of an error response.

use std::fmt;

use serde_json::value::RawValue;

use crate::DecodeError;
use crate::support::Extra;
use crate::support::decode::{Decode, from_text};

/// The error of an error response. Its data may contain secrets, and is not in `Debug`.
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

    /// Reads the error of an [`Envelope`](crate::rpc::Envelope).
    ///
    /// # Errors
    ///
    /// When the JSON is not an error object; names the path to the fault.
    pub fn parse(raw: &RawValue) -> Result<Self, DecodeError> {
        let mut error = Self::blank();
        from_text(&mut error, raw.get()).map(|()| error)
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
