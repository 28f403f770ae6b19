//! From a frame to what the engine takes in.
//!
//! Decodes each message once, before any lock is taken. Never fails: what cannot be read is
//! something to report, too.

use std::time::Instant;

use codex_types::rpc::{Envelope, EnvelopeKind, ErrorObject, ServerMessage, Undecodable};
use codex_types::{DecodeError, RequestId, ServerRequest};

use super::noise;
use crate::connection::replies::safe_answer;
use crate::engine::{Answer, NewRequest};
use crate::error::Fault;
use crate::shared::event::Event;

/// One message of the server.
#[derive(Debug)]
pub(crate) enum Incoming {
    Answer {
        id: RequestId,
        answer: Answer,
    },
    Event(Event),
    Request {
        id: RequestId,
        request: Asked,
        /// Roughly how many bytes it takes.
        weight: usize,
    },
    Fault(Fault),
}

/// A request of the server, as far as it could be read.
#[derive(Debug)]
pub(crate) enum Asked {
    Readable(Box<ServerRequest>),
    /// Of a known method, with parameters that do not fit it: refused with this.
    Unreadable(ErrorObject),
}

/// What a request takes besides its text.
const FIXED_WEIGHT: usize = 512;

const INVALID_PARAMS: i64 = -32602;

impl Incoming {
    /// Reads one frame.
    pub(crate) fn read(frame: &[u8]) -> Self {
        let frame = noise::skip(frame);
        let text = match std::str::from_utf8(frame) {
            Ok(text) => text,
            Err(error) => return Self::Fault(Fault::new(error.to_string(), frame)),
        };
        match ServerMessage::parse(text) {
            Ok(ServerMessage::Notification(notification)) => {
                Self::Event(Event::new(notification, text))
            }
            Ok(ServerMessage::Request { id, request, .. }) => Self::Request {
                id,
                request: Asked::Readable(Box::new(request)),
                weight: FIXED_WEIGHT + 2 * text.len(),
            },
            Ok(ServerMessage::Response { id, result, .. }) => {
                let answer = Ok(result.to_owned());
                Self::Answer { id, answer }
            }
            Ok(ServerMessage::Error {
                id: Some(id),
                error,
                ..
            }) => {
                let answer = Err(error);
                Self::Answer { id, answer }
            }
            Ok(ServerMessage::Error {
                id: None, error, ..
            }) => Self::Fault(Fault::new(
                format!("an error without an id: {error}"),
                frame,
            )),
            Ok(ServerMessage::Undecodable(message)) => Self::from_undecodable(&message, text),
            Ok(_) => Self::Fault(Fault::new("a message of an unknown kind", frame)),
            Err(error) => Self::from_unreadable(&error.to_string(), text),
        }
    }

    fn from_undecodable(message: &Undecodable<'_>, text: &str) -> Self {
        let method = message.envelope.method.as_deref().unwrap_or_default();
        let Some(id) = message.envelope.id.clone() else {
            report_undecodable(method, &message.error);
            return Self::Event(Event::undecodable(message, text));
        };
        if message.envelope.method.is_none() {
            return Self::broken_response(id, &message.error.to_string());
        }
        report_undecodable(method, &message.error);
        let refusal = ErrorObject::new(INVALID_PARAMS, message.error.to_string());
        Self::Request {
            id,
            request: Asked::Unreadable(refusal),
            weight: 0,
        }
    }

    /// An answer with a broken error object still is the answer somebody waits for.
    fn from_unreadable(problem: &str, text: &str) -> Self {
        let asked = Envelope::parse(text)
            .ok()
            .filter(|envelope| envelope.kind() == EnvelopeKind::Error)
            .and_then(|envelope| envelope.id);
        let Some(id) = asked else {
            return Self::Fault(Fault::new(problem, text.as_bytes()));
        };
        Self::broken_response(id, problem)
    }

    /// A response that is malformed still is the one that its request waits for.
    fn broken_response(id: RequestId, problem: &str) -> Self {
        let message = format!("an error that cannot be read: {problem}");
        let answer = Err(ErrorObject::new(0, message));
        Self::Answer { id, answer }
    }
}

/// What is wrong may quote the payload, which is for the trace level only.
fn report_undecodable(method: &str, error: &DecodeError) {
    tracing::warn!(method, path = error.path(), "undecodable payload");
    tracing::trace!(method, %error, "undecodable payload");
}

impl Asked {
    /// As the engine takes it, or the refusal.
    pub(super) fn into_new(
        self,
        id: RequestId,
        due: Option<Instant>,
        weight: usize,
    ) -> Result<NewRequest<Box<ServerRequest>, Answer>, (RequestId, Answer)> {
        match self {
            Self::Readable(payload) => Ok(NewRequest {
                id,
                default: safe_answer(payload.method()),
                payload,
                due,
                weight,
            }),
            Self::Unreadable(refusal) => Err((id, Err(refusal))),
        }
    }
}
