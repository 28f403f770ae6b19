//! Messages that cannot be read, with everything that could be found in them.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::Envelope;
use super::ids::{Found, Ids};
use crate::{DecodeError, ServerNotification, UnrecognizedMessage};

/// A message that is malformed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Undecodable<'a> {
    /// The parts of the message; of a message that is no JSON only the method and the id, as far
    /// as they were found.
    pub envelope: Envelope<'a>,
    /// The fault.
    pub error: DecodeError,
    /// The ids of the message, found without reading the rest of it.
    pub ids: Ids<'a>,
}

impl<'a> Undecodable<'a> {
    /// A message whose parts were read, and whose payload is malformed.
    #[doc(hidden)]
    pub fn of(envelope: Envelope<'a>, error: DecodeError) -> Self {
        let params = envelope.params.map(RawValue::get).unwrap_or_default();
        Self {
            ids: Ids::in_params(params),
            envelope,
            error,
        }
    }

    /// Finds the method and the ids in a text that is no message.
    ///
    /// # Errors
    ///
    /// The error of reading it, when there is neither a method nor the id of a response.
    #[cold]
    #[doc(hidden)]
    pub fn find(text: &'a str, error: DecodeError) -> Result<Self, DecodeError> {
        Self::found(Found::in_message(text), error)
    }

    /// Finds what can be found of a message of the server in a text that is not as it came, such as
    /// one whose invalid UTF-8 was replaced, which is the problem then. `None` when neither its
    /// method nor the id of a response is in it.
    pub fn recover(text: &'a str, problem: impl Into<String>) -> Option<Self> {
        Self::find_of_server(text, DecodeError::new(problem)).ok()
    }

    /// The same as [`Undecodable::find`], also with a method that was cut off, if only one of the
    /// server's notifications begins like that.
    #[cold]
    pub(super) fn find_of_server(text: &'a str, error: DecodeError) -> Result<Self, DecodeError> {
        let mut found = Found::in_message(text);
        let cut = found.cut_method.filter(|_| found.method.is_none());
        found.method = found.method.or_else(|| whole_method(cut?));
        Self::found(found, error)
    }

    fn found(mut found: Found<'a>, error: DecodeError) -> Result<Self, DecodeError> {
        let envelope = Envelope {
            method: found.method.take(),
            id: found.id.take(),
            ..Envelope::default()
        };
        let is_response = found.is_response && envelope.id.is_some();
        if envelope.method.is_none() && !is_response {
            return Err(error);
        }
        Ok(Self {
            envelope,
            error,
            ids: found.ids(),
        })
    }

    /// The message as one whose method is not known, with its parameters as they came.
    pub fn to_unrecognized(&self) -> UnrecognizedMessage {
        let method = self.envelope.method.as_deref().unwrap_or_default();
        let params = self.envelope.params.map(RawValue::get);
        params
            .and_then(|params| UnrecognizedMessage::from_text(method, params).ok())
            .unwrap_or_else(|| UnrecognizedMessage::new(method, None))
    }
}

/// The only notification whose method begins like this.
fn whole_method(cut: &str) -> Option<Cow<'static, str>> {
    let methods = ServerNotification::METHODS.iter();
    let mut fitting = methods.filter(|method| method.starts_with(cut));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(Cow::Borrowed(*first))
}
