//! Requests as the mock endpoint received them.
//!
//! Does not judge them: what is missing reads as empty.

use std::fmt;
use std::sync::Arc;

use hyper::body::Bytes;
use serde_json::Value;

/// Headers whose values are never printed.
const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-api-key",
];

/// The kind of a request, by its method and path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestKind {
    /// `POST .../responses`: a model request.
    Responses,
    /// `POST .../responses/compact`: a request to compact a conversation.
    Compact,
    /// `GET .../models`: the list of models.
    Models,
    /// Anything else; answered with 404.
    Other,
}

impl RequestKind {
    pub(crate) fn of(method: &str, path: &str) -> Self {
        match method {
            "POST" if path.ends_with("/responses") => Self::Responses,
            "POST" if path.ends_with("/responses/compact") => Self::Compact,
            "GET" if path.ends_with("/models") => Self::Models,
            _ => Self::Other,
        }
    }

    /// Returns true if a [`Reply`](super::Reply) answers it.
    pub(crate) fn is_model_request(self) -> bool {
        matches!(self, Self::Responses | Self::Compact)
    }
}

/// A request that reached the mock endpoint. Clones are cheap.
///
/// `Debug` prints a summary, without the values of headers that carry secrets.
#[derive(Clone)]
pub struct CapturedRequest {
    inner: Arc<Inner>,
}

struct Inner {
    kind: RequestKind,
    method: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    body: Bytes,
    json: Value,
}

impl CapturedRequest {
    pub(crate) fn new(head: &hyper::http::request::Parts, body: Bytes) -> Self {
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let inner = Inner {
            kind: RequestKind::of(head.method.as_str(), head.uri.path()),
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers,
            json: serde_json::from_slice(&body).unwrap_or_default(),
            body,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The kind of the request.
    pub fn kind(&self) -> RequestKind {
        self.inner.kind
    }

    /// The HTTP method, in capitals.
    pub fn method(&self) -> &str {
        &self.inner.method
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        &self.inner.path
    }

    /// The query, without its question mark.
    pub fn query(&self) -> Option<&str> {
        self.inner.query.as_deref()
    }

    /// The headers in the order they came, names in lower case. May contain secrets.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inner
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first header of this name, in whatever case the name is given. May be a secret.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The body as it came.
    pub fn body(&self) -> &[u8] {
        &self.inner.body
    }

    /// The body as JSON; null when it is not JSON.
    pub fn body_json(&self) -> &Value {
        &self.inner.json
    }
}

/// The parts of a model request.
impl CapturedRequest {
    /// The model's name.
    pub fn model(&self) -> Option<&str> {
        self.body_json()["model"].as_str()
    }

    /// The base instructions: the field of that name, or else the first text of the developer,
    /// which is how the runtime sends them today.
    pub fn instructions(&self) -> Option<&str> {
        let developer = || self.message_texts("developer").first().copied();
        self.body_json()["instructions"].as_str().or_else(developer)
    }

    /// The tools offered to the model.
    pub fn tools(&self) -> &[Value] {
        array(&self.body_json()["tools"])
    }

    /// The names of the tools offered to the model; a tool without a name goes by its type.
    pub fn tool_names(&self) -> Vec<&str> {
        self.tools()
            .iter()
            .filter_map(|tool| tool["name"].as_str().or_else(|| tool["type"].as_str()))
            .collect()
    }

    /// The conversation: messages, tool calls and their outputs.
    pub fn input(&self) -> &[Value] {
        array(&self.body_json()["input"])
    }

    /// The parts of all messages of a role, in order. A message that is a plain string has no
    /// parts.
    pub fn message_content(&self, role: &str) -> Vec<&Value> {
        self.messages(role)
            .into_iter()
            .flat_map(|message| array(&message["content"]))
            .collect()
    }

    /// The texts of all messages of a role, in order. The runtime puts a message about the
    /// environment before the user's own: see [`CapturedRequest::last_user_text`].
    pub fn message_texts(&self, role: &str) -> Vec<&str> {
        self.messages(role)
            .into_iter()
            .flat_map(|message| message_texts(&message["content"]))
            .collect()
    }

    /// The last text of the user.
    pub fn last_user_text(&self) -> Option<&str> {
        self.message_texts("user").pop()
    }

    /// The images in all messages of a role, in order, as URLs; local ones are data URLs.
    pub fn image_urls(&self, role: &str) -> Vec<&str> {
        self.message_content(role)
            .into_iter()
            .filter(|part| part["type"] == "input_image")
            .filter_map(|part| part["image_url"].as_str())
            .collect()
    }

    /// The output that answers a function or custom tool call: a text, or a list of parts.
    pub fn tool_output(&self, call_id: &str) -> Option<&Value> {
        self.input()
            .iter()
            .filter(|item| item["call_id"] == call_id)
            .find_map(|item| item.get("output"))
    }

    /// The last thing in the conversation, for messages to people.
    pub(crate) fn describe_last_input(&self) -> String {
        let Some(item) = self.input().last() else {
            return "no input".to_owned();
        };
        let text = |value: &Value| match value {
            Value::String(text) => shortened(text),
            value => shortened(&value.to_string()),
        };
        match (item["role"].as_str(), item.get("output")) {
            (Some(role), _) => {
                let said = message_texts(&item["content"]).join(" ");
                format!("the {role}'s {:?}", shortened(&said))
            }
            (None, Some(output)) => {
                let call = item["call_id"].as_str().unwrap_or("unknown");
                format!("the output of the call `{call}`, {:?}", text(output))
            }
            (None, None) => text(item),
        }
    }

    fn messages(&self, role: &str) -> Vec<&Value> {
        self.input()
            .iter()
            .filter(|item| item["type"] == "message" && item["role"] == role)
            .collect()
    }
}

impl fmt::Debug for CapturedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers().map(redacted).collect();
        formatter
            .debug_struct("CapturedRequest")
            .field("kind", &self.kind())
            .field("method", &self.method())
            .field("path", &self.path())
            .field("headers", &headers)
            .field("model", &self.model())
            .field("last_user_text", &self.last_user_text())
            .field("body_bytes", &self.body().len())
            .finish_non_exhaustive()
    }
}

fn redacted<'a>((name, value): (&'a str, &'a str)) -> (&'a str, &'a str) {
    if SECRET_HEADERS.contains(&name) {
        (name, "<redacted>")
    } else {
        (name, value)
    }
}

/// No more than a line of it.
fn shortened(text: &str) -> String {
    const LENGTH: usize = 120;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn message_texts(content: &Value) -> Vec<&str> {
    match content {
        Value::String(text) => vec![text],
        parts => array(parts)
            .iter()
            .filter(|part| part["type"] == "input_text" || part["type"] == "output_text")
            .filter_map(|part| part["text"].as_str())
            .collect(),
    }
}
