//! The reply of the mock endpoint to one model request.
//!
//! A reply is a script of events, pauses and gates; the endpoint sends it.

mod lower;
mod output_items;
mod script;

use std::time::Duration;

use serde_json::Value;

use super::Gate;
use super::events::{Event, Usage};
pub(crate) use lower::Lowered;
pub(crate) use script::Action;
use script::{OpenMessage, Step};

/// One answer of [`MockResponses`](super::MockResponses), put together in the order in which
/// the model would produce it.
///
/// A reply starts with `response.created` and ends with `response.completed` automatically.
/// Response and message ids are filled in when the reply is sent (`resp-1`, `msg-1-0`, ...),
/// so that the same reply can be sent twice.
///
/// ```
/// use codex_testing::events::Usage;
/// use codex_testing::{Gate, Reply};
/// use serde_json::json;
///
/// let plain = Reply::assistant("Hello.");
/// let streamed = Reply::streaming(["Hel", "lo."]);
/// let tool_call = Reply::new()
///     .reasoning("I should look around.")
///     .commentary("Looking around.")
///     .function_call("call-1", "exec_command", json!({ "cmd": "ls" }))
///     .usage(Usage::new(120, 30).cached(100));
/// let gate = Gate::new();
/// let held = Reply::streaming(["Wait"]).gate(&gate).delta(" for it.");
/// let overloaded = Reply::http_error(503, json!({ "error": { "code": "server_is_overloaded" } }));
/// let cut = Reply::streaming(["Only the begin"]).cut();
/// # let _ = (plain, streamed, tool_call, held, overloaded, cut);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a reply does nothing until it is enqueued or returned by a responder"]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    /// The step before the status line is sent.
    holds: Vec<Step>,
    steps: Vec<Step>,
    /// The message whose deltas are being written; closed by whatever comes next.
    open_message: Option<OpenMessage>,
    items: usize,
    opening: bool,
    ending: Ending,
    pace: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Ending {
    Completed(Usage),
    Failed { code: String, message: String },
    Incomplete { reason: String },
    Cut,
    Nothing,
}

/// Ways to begin.
impl Reply {
    /// A successful response without content.
    pub fn new() -> Self {
        Self {
            status: 200,
            headers: vec![header("content-type", "text/event-stream")],
            holds: Vec::new(),
            steps: Vec::new(),
            open_message: None,
            items: 0,
            opening: true,
            ending: Ending::Completed(Usage::default()),
            pace: None,
        }
    }

    /// One assistant message, sent whole.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new().message(text)
    }

    /// One assistant message, sent in pieces. It stays open for more [`Reply::delta`]s.
    pub fn streaming<T: AsRef<str>>(deltas: impl IntoIterator<Item = T>) -> Self {
        Self::new().deltas(deltas)
    }

    /// A response that fails after it has started; see [`events::failed`](super::events::failed).
    pub fn failed(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new().fail(code, message)
    }

    /// Exactly these events: nothing is put before, between or behind them.
    pub fn events(events: impl IntoIterator<Item = Event>) -> Self {
        let empty = Self {
            opening: false,
            ending: Ending::Nothing,
            ..Self::new()
        };
        events.into_iter().fold(empty, Self::event)
    }

    /// A status other than success. The body is text, or JSON when a JSON value is given.
    ///
    /// A status outside 100..=999 is answered as 500 and noted as a
    /// [`Fault`](super::Fault).
    pub fn http_error(status: u16, body: impl Into<Value>) -> Self {
        match body.into() {
            Value::String(text) => Self::plain(status, "text/plain; charset=utf-8", text),
            json => Self::plain(status, "application/json", json.to_string()),
        }
    }

    /// A successful answer that is a JSON document and not a stream.
    pub fn json(body: impl Into<Value>) -> Self {
        Self::plain(200, "application/json", body.into().to_string())
    }

    fn plain(status: u16, content_type: &str, body: String) -> Self {
        Self {
            status,
            headers: vec![header("content-type", content_type)],
            steps: vec![Step::raw(body)],
            ..Self::events([])
        }
    }
}

/// Timing.
impl Reply {
    /// Stops here until the gate is released. Everything before has been sent by then.
    pub fn gate(mut self, gate: &Gate) -> Self {
        self.steps.push(Step::Gate(gate.clone()));
        self
    }

    /// Pauses here.
    pub fn pause(mut self, time: Duration) -> Self {
        self.steps.push(Step::Pause(time));
        self
    }

    /// Pauses between every two events.
    pub fn pace(mut self, time: Duration) -> Self {
        self.pace = Some(time);
        self
    }

    /// Holds back everything, the status line included, until the gate is released.
    pub fn held_by(mut self, gate: &Gate) -> Self {
        self.holds.push(Step::Gate(gate.clone()));
        self
    }

    /// Holds back everything, the status line included, for this long.
    pub fn delayed(mut self, time: Duration) -> Self {
        self.holds.push(Step::Pause(time));
        self
    }
}

/// Ways to end, and the frame around the stream. The last ending counts.
impl Reply {
    /// Ends with `response.completed` and these token counts.
    pub fn usage(mut self, usage: Usage) -> Self {
        self.ending = Ending::Completed(usage);
        self
    }

    /// Ends with `response.failed`; see [`events::failed`](super::events::failed).
    pub fn fail(mut self, code: impl Into<String>, message: impl Into<String>) -> Self {
        self.ending = Ending::Failed {
            code: code.into(),
            message: message.into(),
        };
        self
    }

    /// Ends with `response.incomplete`; see [`events::incomplete`](super::events::incomplete).
    pub fn incomplete(mut self, reason: impl Into<String>) -> Self {
        self.ending = Ending::Incomplete {
            reason: reason.into(),
        };
        self
    }

    /// Breaks the connection after everything so far; an open message stays open.
    pub fn cut(mut self) -> Self {
        self.ending = Ending::Cut;
        self
    }

    /// Ends the body in good order after everything so far, but without any last event.
    pub fn without_ending(mut self) -> Self {
        self.ending = Ending::Nothing;
        self
    }

    /// Adds a response header. One that HTTP does not allow is left out and noted as a
    /// [`Fault`](super::Fault).
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(header(name, value));
        self
    }
}

impl Default for Reply {
    fn default() -> Self {
        Self::new()
    }
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
