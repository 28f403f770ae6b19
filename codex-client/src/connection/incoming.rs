//! From a frame to the input of the engine.
//!
//! Decodes each message once, before any lock is taken. Never fails: a malformed message is an
//! input as well.

use std::sync::Arc;
use std::time::Instant;

use codex_runtime::VersionMismatch;
use codex_types::rpc::{Envelope, EnvelopeKind, ErrorObject, Parser, ServerMessage, Undecodable};
use codex_types::{
    DecodeError, FormMcpServerElicitationRequestParams, McpServerElicitationRequestParams,
    RequestId, ServerRequest, TurnId,
};

use super::dispatch::{Rejected, Rejection};
use super::noise;
use super::open_items::{OpenItem, OpenItems};
use super::sub_agents::SubAgents;
use crate::connection::replies::default_reply;
use crate::engine::{InTurn, NewRequest, Response};
use crate::error::MalformedMessage;
use crate::secret::Secret;
use crate::shared::event::{Batches, Event, Run};

/// One message of the server.
#[derive(Debug)]
pub(crate) enum Incoming {
    Response {
        id: RequestId,
        response: Response,
    },
    Events(Run),
    Request {
        id: RequestId,
        request: RequestPayload,
        /// Approximate memory use, in bytes.
        weight: usize,
    },
    Malformed(MalformedMessage),
}

/// A request of the server, as far as it could be read.
#[derive(Debug)]
pub(crate) enum RequestPayload {
    Valid(Box<ReceivedRequest>),
    /// A known method with malformed parameters: the method, and the error response.
    Invalid(String, ErrorObject),
}

/// A request of the server, with the item it is about.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) request: ServerRequest,
    /// The message; empty if it did not come from a server.
    pub(crate) text: Secret<Box<str>>,
    /// The item, if the request names one that is open.
    pub(crate) item: Option<OpenItem>,
    /// The turn that the turn of the request belongs to, if it is that of a sub-agent.
    pub(crate) root: Option<String>,
}

impl ReceivedRequest {
    /// The event of the request, for views.
    pub(crate) fn to_event(&self) -> Event {
        Event::of_request(self.request.method(), &self.text.0)
    }
}

impl From<ServerRequest> for ReceivedRequest {
    fn from(request: ServerRequest) -> Self {
        Self {
            request,
            text: Secret(Box::default()),
            item: None,
            root: None,
        }
    }
}

/// Memory that is used again for the next read.
#[derive(Debug, Default)]
pub(crate) struct ReadingMemory {
    pub(super) events: Batches,
    /// The messages before the events that are being put together.
    messages: Vec<Incoming>,
}

/// The state that the frames of one read share.
pub(crate) struct Reading<'a> {
    /// One for each read: the texts that its events share are in use by one thread at a time.
    parser: Parser,
    memory: &'a mut ReadingMemory,
    /// Another version of the server is noted in what cannot be decoded.
    mismatch: Option<&'a VersionMismatch>,
}

impl<'a> Reading<'a> {
    /// Begins a read of these frames.
    pub(crate) fn new<'f>(
        frames: impl Iterator<Item = &'f [u8]>,
        memory: &'a mut ReadingMemory,
        mismatch: Option<&'a VersionMismatch>,
    ) -> Self {
        let (count, bytes) = frames.fold((0, 0), |(count, bytes), frame| {
            (count + 1, bytes + frame.len())
        });
        memory.events.begin(count, bytes);
        Self {
            parser: Parser::new(),
            memory,
            mismatch,
        }
    }

    /// Reads the next frame.
    pub(crate) fn read(&mut self, frame: &[u8]) {
        if let Some(message) = Incoming::read(frame, self) {
            self.memory.end_events();
            self.memory.messages.push(message);
        }
    }

    /// Returns all messages in their order.
    pub(crate) fn finish(self) -> &'a mut Vec<Incoming> {
        self.memory.end_events();
        &mut self.memory.messages
    }
}

impl ReadingMemory {
    fn end_events(&mut self) {
        self.messages
            .extend(self.events.take().map(Incoming::Events));
    }
}

/// Memory use of a request besides its text.
const FIXED_WEIGHT: usize = 512;

const INVALID_PARAMS: i64 = -32602;

impl Incoming {
    /// The event, or the first of several that go the same way.
    pub(super) fn event(&self) -> Option<&Event> {
        match self {
            Self::Events(events) => Some(events.first()),
            _ => None,
        }
    }

    /// Reads one frame; `None` for an event, which is added to those of the reading.
    fn read(frame: &[u8], reading: &mut Reading<'_>) -> Option<Self> {
        let frame = noise::skip(frame);
        let text = match std::str::from_utf8(frame) {
            Ok(text) => text,
            Err(error) => {
                return Self::from_invalid_utf8(
                    &error.to_string(),
                    frame,
                    &mut reading.memory.events,
                );
            }
        };
        Some(match reading.parser.parse(text) {
            Ok(ServerMessage::Notification(notification)) => {
                reading.memory.events.push(notification, text);
                return None;
            }
            Ok(ServerMessage::Request { id, request, .. }) => Self::Request {
                id,
                request: RequestPayload::Valid(Box::new(ReceivedRequest {
                    text: Secret(text.into()),
                    ..request.into()
                })),
                weight: FIXED_WEIGHT + 3 * text.len(),
            },
            Ok(ServerMessage::Response { id, result, .. }) => {
                let response = Ok(result.to_owned());
                Self::Response { id, response }
            }
            Ok(ServerMessage::Error {
                id: Some(id),
                error,
                ..
            }) => {
                let response = Err(error);
                Self::Response { id, response }
            }
            Ok(ServerMessage::Error {
                id: None, error, ..
            }) => Self::Malformed(MalformedMessage::new(
                format!("an error without an id: {error}"),
                frame,
            )),
            Ok(ServerMessage::Undecodable(mut message)) => {
                if let Some(mismatch) = reading.mismatch {
                    message.error = message.error.with_note(mismatch.to_string());
                }
                return Self::from_undecodable(&message, text, &mut reading.memory.events);
            }
            Ok(_) => Self::Malformed(MalformedMessage::new("a message of an unknown kind", frame)),
            Err(error) => Self::from_unreadable(&error.to_string(), text),
        })
    }

    fn from_undecodable(
        message: &Undecodable<'_>,
        text: &str,
        events: &mut Batches,
    ) -> Option<Self> {
        let method = message.envelope.method.as_deref().unwrap_or_default();
        let Some(id) = message.envelope.id.clone() else {
            report_undecodable(method, &message.error);
            events.push_event(Event::undecodable(message, text));
            return None;
        };
        if message.envelope.method.is_none() {
            return Some(Self::broken_response(id, &message.error.to_string()));
        }
        report_undecodable(method, &message.error);
        let error = ErrorObject::new(INVALID_PARAMS, message.error.to_string());
        Some(Self::Request {
            id,
            request: RequestPayload::Invalid(method.to_owned(), error),
            weight: 0,
        })
    }

    /// Finds the item that a message ends, or the request that it answers, despite invalid UTF-8.
    #[cold]
    fn from_invalid_utf8(problem: &str, frame: &[u8], events: &mut Batches) -> Option<Self> {
        let text = String::from_utf8_lossy(frame);
        match Undecodable::recover(&text, problem) {
            Some(message) => Self::from_undecodable(&message, &text, events),
            None => Some(Self::Malformed(MalformedMessage::new(problem, frame))),
        }
    }

    /// A response with a malformed error object still completes its request.
    fn from_unreadable(problem: &str, text: &str) -> Self {
        let id = Envelope::parse(text)
            .ok()
            .filter(|envelope| envelope.kind() == EnvelopeKind::Error)
            .and_then(|envelope| envelope.id);
        let Some(id) = id else {
            return Self::Malformed(MalformedMessage::new(problem, text.as_bytes()));
        };
        Self::broken_response(id, problem)
    }

    /// A malformed response still completes its request.
    fn broken_response(id: RequestId, problem: &str) -> Self {
        let message = format!("an error that cannot be read: {problem}");
        let response = Err(ErrorObject::new(0, message));
        Self::Response { id, response }
    }
}

/// The error may quote the payload, which is for the trace level only.
fn report_undecodable(method: &str, error: &DecodeError) {
    let (path, note) = (error.path(), error.note());
    tracing::warn!(method, path, note, "undecodable payload");
    tracing::trace!(method, %error, "undecodable payload");
}

impl RequestPayload {
    /// Adds the item that the request is about, and the turn that its turn belongs to. Returns the
    /// weight of the item.
    pub(super) fn add_item(&mut self, items: &OpenItems, sub_agents: &SubAgents) -> usize {
        let Self::Valid(received) = self else {
            return 0;
        };
        received.item = items.find(&received.request).cloned();
        let request = &received.request;
        let root = turn_id(request).and_then(|turn| sub_agents.root_of(request.thread_id(), turn));
        received.root = root;
        received.item.as_ref().map_or(0, OpenItem::weight)
    }

    /// The input of the engine, or the error response.
    pub(super) fn into_new(
        self,
        id: RequestId,
        due: Option<Instant>,
        weight: usize,
    ) -> Result<NewRequest<Arc<ReceivedRequest>, Response>, Box<Rejection>> {
        match self {
            Self::Valid(payload) => {
                let payload: Arc<ReceivedRequest> = Arc::from(payload);
                Ok(NewRequest {
                    id,
                    default: default_reply(payload.request.method()),
                    turn: turn_of_approval(&payload),
                    ends_with: turn_of_call(&payload.request),
                    is_recorded: is_approval(&payload.request),
                    payload,
                    due,
                    weight,
                })
            }
            Self::Invalid(method, error) => Err(Box::new(Rejection {
                id,
                response: Err(error),
                recorded: if APPROVALS.contains(&method.as_str()) {
                    Rejected::Malformed(method)
                } else {
                    Rejected::Other
                },
            })),
        }
    }
}

/// The form by which the runtime requests the approval of a call of an MCP tool: a question to the
/// user, which only its metadata distinguishes from one of the server itself.
pub(crate) fn mcp_tool_call(
    request: &ServerRequest,
) -> Option<&FormMcpServerElicitationRequestParams> {
    let ServerRequest::McpServerElicitationRequest(request) = request else {
        return None;
    };
    let McpServerElicitationRequestParams::Form(form) = request else {
        return None;
    };
    let kind = form.meta.as_ref()?.get("codex_approval_kind")?;
    (kind == "mcp_tool_call").then_some(form)
}

/// The turn of a request that may be an approval.
pub(crate) fn turn_id(request: &ServerRequest) -> Option<&str> {
    match mcp_tool_call(request) {
        Some(form) => form.turn_id.as_ref().map(TurnId::as_str),
        None => request.turn_id(),
    }
}

/// The methods of requests for an approval. Calls of MCP tools have that of a question to the user.
const APPROVALS: &[&str] = &[
    "applyPatchApproval",
    "execCommandApproval",
    "item/commandExecution/requestApproval",
    "item/fileChange/requestApproval",
    "item/permissions/requestApproval",
];

fn is_approval(request: &ServerRequest) -> bool {
    APPROVALS.contains(&request.method()) || mcp_tool_call(request).is_some()
}

/// The turn of a call of a tool. The server resolves requests for approvals when their turn ends, and
/// not these: a tool would run on.
fn turn_of_call(request: &ServerRequest) -> Option<String> {
    match request {
        ServerRequest::ItemToolCall(_) => request.turn_id().map(ToOwned::to_owned),
        _ => None,
    }
}

/// The turn that waits for an approval, whose stream may respond to it. The legacy forms name none.
fn turn_of_approval(received: &ReceivedRequest) -> Option<InTurn> {
    let request = &received.request;
    let turn = turn_id(request).filter(|_| is_approval(request))?;
    Some(InTurn {
        thread: request.thread_id().map(ToOwned::to_owned),
        turn: turn.to_owned(),
        root: received.root.clone(),
    })
}
