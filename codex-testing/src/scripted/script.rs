//! Scripts: what the client is expected to send, and what the server sends.

use std::collections::VecDeque;
use std::fmt;

use serde_json::{Value, json};

use super::Role;

type Check = Box<dyn FnOnce(&Value) + Send>;

/// A conversation, step by step.
///
/// The client must send exactly what is expected, in this order. Checks are closures that
/// assert; the message of a panic becomes the failure of the peer.
///
/// ```
/// use codex_testing::scripted::Script;
/// use serde_json::json;
///
/// let script = Script::new()
///     .handshake()
///     .expect_with("turn/start", |params| assert_eq!(params["threadId"], "t"))
///     .notify("turn/started", json!({ "threadId": "t", "turn": {} }))
///     .reply(json!({ "turn": {} }))
///     .request(0, "currentTime/read", json!({}))
///     .expect_answer(0, |answer| assert!(answer["error"].is_object()))
///     .send("not even JSON")
///     .close();
/// # let _ = script;
/// ```
#[must_use = "a script does nothing until a peer plays it"]
pub struct Script {
    steps: VecDeque<Step>,
    /// Requests of the client that were not answered yet: method and id.
    unanswered: Vec<(String, Value)>,
    closes: bool,
}

enum Step {
    Call {
        method: String,
        check: Check,
    },
    Answer {
        id: Value,
        check: Check,
    },
    Send(Vec<u8>),
    Reply {
        to: Option<String>,
        key: &'static str,
        value: Value,
    },
    Close,
}

/// Expectations about the client.
impl Script {
    /// An empty script.
    pub fn new() -> Self {
        Self {
            steps: VecDeque::new(),
            unanswered: Vec::new(),
            closes: false,
        }
    }

    /// Expects a request or a notification.
    pub fn expect(self, method: impl Into<String>) -> Self {
        self.expect_with(method, |_| {})
    }

    /// Expects a request or a notification, and has a look at its parameters (null if absent).
    pub fn expect_with(
        self,
        method: impl Into<String>,
        check: impl FnOnce(&Value) + Send + 'static,
    ) -> Self {
        self.step(Step::Call {
            method: method.into(),
            check: Box::new(check),
        })
    }

    /// Expects the answer to a [`Script::request`], and has a look at the whole message.
    pub fn expect_answer(
        self,
        id: impl Into<Value>,
        check: impl FnOnce(&Value) + Send + 'static,
    ) -> Self {
        self.step(Step::Answer {
            id: id.into(),
            check: Box::new(check),
        })
    }

    /// Expects what every client does first, `initialize` and `initialized`, and answers it.
    pub fn handshake(self) -> Self {
        let version = codex_types::RUNTIME_VERSION;
        self.expect("initialize")
            .reply(json!({
                "userAgent": format!("scripted/{version} (scripted)"),
                "codexHome": "/scripted",
                "platformFamily": "unix",
                "platformOs": "linux",
            }))
            .expect("initialized")
    }
}

/// Actions of the server.
impl Script {
    /// Answers the latest request that has no answer yet.
    pub fn reply(self, result: Value) -> Self {
        self.answer(None, "result", result)
    }

    /// Answers the latest request of this method that has no answer yet.
    pub fn reply_to(self, method: impl Into<String>, result: Value) -> Self {
        self.answer(Some(method.into()), "result", result)
    }

    /// Answers the latest request that has no answer yet, with an error.
    pub fn reply_error(self, code: i64, message: &str) -> Self {
        let error = json!({ "code": code, "message": message });
        self.answer(None, "error", error)
    }

    /// Sends a notification.
    pub fn notify(self, method: &str, params: impl Into<Value>) -> Self {
        self.send(json!({ "method": method, "params": params.into() }).to_string())
    }

    /// Sends a request to the client.
    pub fn request(self, id: impl Into<Value>, method: &str, params: impl Into<Value>) -> Self {
        let message = json!({ "id": id.into(), "method": method, "params": params.into() });
        self.send(message.to_string())
    }

    /// Sends a frame as it is.
    pub fn send(self, frame: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Send(frame.into()))
    }

    /// Closes the server's side of the connection.
    pub fn close(self) -> Self {
        self.step(Step::Close)
    }

    fn answer(self, to: Option<String>, key: &'static str, value: Value) -> Self {
        self.step(Step::Reply { to, key, value })
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push_back(step);
        self
    }

    /// The id of the latest unanswered request, of a method if one is given.
    fn take_unanswered(&mut self, method: Option<&str>) -> Result<Value, String> {
        let fits = |(candidate, _): &(String, Value)| method.is_none_or(|name| name == candidate);
        match self.unanswered.iter().rposition(fits) {
            Some(index) => Ok(self.unanswered.remove(index).1),
            None => Err(match method {
                Some(method) => format!("the script answers `{method}`, which nobody asked"),
                None => "the script answers a request, but there is none".to_owned(),
            }),
        }
    }
}

impl Role for Script {
    fn next_frame(&mut self) -> Result<Option<Vec<u8>>, String> {
        match self.steps.pop_front() {
            Some(Step::Send(frame)) => Ok(Some(frame)),
            Some(Step::Reply { to, key, value }) => {
                let id = self.take_unanswered(to.as_deref())?;
                Ok(Some(
                    json!({ "id": id, key: value }).to_string().into_bytes(),
                ))
            }
            Some(Step::Close) => {
                self.closes = true;
                self.next_frame()
            }
            Some(step) => {
                self.steps.push_front(step);
                Ok(None)
            }
            None => Ok(None),
        }
    }

    fn receive(&mut self, frame: &[u8]) -> Result<(), String> {
        let got = String::from_utf8_lossy(frame);
        let message: Value = serde_json::from_slice(frame)
            .map_err(|error| format!("the client sent no JSON ({error}): {got}"))?;
        let expected = self.missing().unwrap_or_else(|| "nothing more".to_owned());
        match self.steps.pop_front() {
            Some(Step::Call { method, check }) if message["method"] == method => {
                if let Some(id) = message.get("id") {
                    self.unanswered.push((method, id.clone()));
                }
                check(&message["params"]);
            }
            Some(Step::Answer { id, check })
                if message["id"] == id && message["method"].is_null() =>
            {
                check(&message);
            }
            _ => return Err(format!("expected {expected}, got {got}")),
        }
        Ok(())
    }

    fn missing(&self) -> Option<String> {
        self.steps.front().map(|step| match step {
            Step::Call { method, .. } => format!("`{method}` from the client"),
            Step::Answer { id, .. } => format!("the client's answer to request {id}"),
            Step::Send(_) | Step::Reply { .. } | Step::Close => "its own next words".to_owned(),
        })
    }

    fn closes(&self) -> bool {
        self.closes
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Script")
            .field("steps_left", &self.steps.len())
            .field("next", &self.missing())
            .finish_non_exhaustive()
    }
}
