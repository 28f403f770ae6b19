//! Builders for the events of a model's response stream, one function per event.
//!
//! [`Reply`](super::Reply) puts them together for the usual cases; these are for everything
//! else. Events carry JSON, so whatever is missing here is built with [`Event::new`].

mod usage;

use std::fmt;

use serde_json::{Map, Value, json};

pub use usage::Usage;

/// One server-sent event of a response stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    kind: String,
    data: Value,
}

/// The role of an assistant message in its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Commentary before the answer.
    Commentary,
    /// The answer.
    FinalAnswer,
}

impl Phase {
    /// The phase as the model writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commentary => "commentary",
            Self::FinalAnswer => "final_answer",
        }
    }
}

impl Event {
    /// An event of any kind. `fields` must be a JSON object; its `type` is set to `kind`.
    ///
    /// # Panics
    ///
    /// When `fields` is anything but an object.
    #[track_caller]
    pub fn new(kind: impl Into<String>, mut fields: Value) -> Self {
        let kind = kind.into();
        let Some(object) = fields.as_object_mut() else {
            panic!("the fields of the event `{kind}` must be a JSON object, got {fields}");
        };
        object.insert("type".to_owned(), Value::from(kind.as_str()));
        Self { kind, data: fields }
    }

    /// The event's type.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The event's JSON, `type` included.
    pub fn data(&self) -> &Value {
        &self.data
    }
}

/// Written the way it goes over the wire, blank line included.
impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "event: {}\ndata: {}\n\n", self.kind, self.data)
    }
}

/// `response.created`: the first event of a stream.
pub fn created(response_id: &str) -> Event {
    Event::new(
        "response.created",
        json!({ "response": { "id": response_id } }),
    )
}

/// `response.completed`: the last event of a successful stream.
pub fn completed(response_id: &str, usage: Usage) -> Event {
    Event::new(
        "response.completed",
        json!({ "response": { "id": response_id, "usage": usage.to_json() } }),
    )
}

/// `response.failed`: the model failed. The runtime recognizes codes such as `server_error`,
/// `rate_limit_exceeded`, `context_length_exceeded` and `server_is_overloaded`.
pub fn failed(response_id: &str, code: &str, message: &str) -> Event {
    Event::new(
        "response.failed",
        json!({ "response": {
            "id": response_id,
            "error": { "code": code, "message": message },
        } }),
    )
}

/// `response.incomplete`: the model stopped early, for instance for `max_output_tokens`.
pub fn incomplete(response_id: &str, reason: &str) -> Event {
    Event::new(
        "response.incomplete",
        json!({ "response": {
            "id": response_id,
            "incomplete_details": { "reason": reason },
        } }),
    )
}

/// `response.output_item.added` with an item of any kind.
pub fn item_added(item: Value) -> Event {
    item_event("response.output_item.added", item)
}

/// `response.output_item.done` with an item of any kind.
pub fn item_done(item: Value) -> Event {
    item_event("response.output_item.done", item)
}

/// An assistant message, complete.
pub fn message(item_id: &str, text: &str, phase: Option<Phase>) -> Event {
    item_done(message_item(item_id, text, phase))
}

/// The start of an assistant message whose text follows in [`text_delta`]s.
pub fn message_added(item_id: &str, phase: Option<Phase>) -> Event {
    item_added(message_item(item_id, "", phase))
}

/// A piece of the text of the message that was added last.
pub fn text_delta(delta: &str) -> Event {
    Event::new("response.output_text.delta", json!({ "delta": delta }))
}

/// The start of reasoning whose text follows in deltas.
pub fn reasoning_added(item_id: &str) -> Event {
    item_added(json!({ "type": "reasoning", "id": item_id, "summary": [] }))
}

/// A new part of the reasoning summary begins; parts count from 0.
pub fn reasoning_summary_part_added(summary_index: usize) -> Event {
    Event::new(
        "response.reasoning_summary_part.added",
        json!({ "summary_index": summary_index }),
    )
}

/// A piece of a part of the reasoning summary.
pub fn reasoning_summary_delta(summary_index: usize, delta: &str) -> Event {
    Event::new(
        "response.reasoning_summary_text.delta",
        json!({ "summary_index": summary_index, "delta": delta }),
    )
}

/// A piece of the raw reasoning.
pub fn reasoning_content_delta(content_index: usize, delta: &str) -> Event {
    Event::new(
        "response.reasoning_text.delta",
        json!({ "content_index": content_index, "delta": delta }),
    )
}

/// Reasoning, complete: the parts of its summary and of its raw content.
pub fn reasoning(item_id: &str, summary: &[&str], content: &[&str]) -> Event {
    let typed = |kind: &str, texts: &[&str]| -> Value {
        texts
            .iter()
            .map(|text| json!({ "type": kind, "text": text }))
            .collect()
    };
    let mut item = json!({
        "type": "reasoning",
        "id": item_id,
        "summary": typed("summary_text", summary),
    });
    if !content.is_empty() {
        item["content"] = typed("reasoning_text", content);
    }
    item_done(item)
}

/// A call of a function tool. `arguments` is sent as the model sends it: JSON inside a string.
pub fn function_call(call_id: &str, name: &str, arguments: &Value) -> Event {
    item_done(json!({
        "type": "function_call",
        "call_id": call_id,
        "name": name,
        "arguments": arguments.to_string(),
    }))
}

/// A call of a function tool in a namespace; the tools of an MCP server `docs` are in
/// `mcp__docs`.
pub fn namespaced_function_call(
    call_id: &str,
    namespace: &str,
    name: &str,
    arguments: &Value,
) -> Event {
    item_done(json!({
        "type": "function_call",
        "call_id": call_id,
        "namespace": namespace,
        "name": name,
        "arguments": arguments.to_string(),
    }))
}

/// A call of a free-form tool such as `apply_patch`.
pub fn custom_tool_call(call_id: &str, name: &str, input: &str) -> Event {
    item_done(json!({
        "type": "custom_tool_call",
        "call_id": call_id,
        "name": name,
        "input": input,
    }))
}

fn item_event(kind: &str, item: Value) -> Event {
    Event::new(
        kind,
        Value::Object(Map::from_iter([("item".to_owned(), item)])),
    )
}

fn message_item(item_id: &str, text: &str, phase: Option<Phase>) -> Value {
    let mut item = json!({
        "type": "message",
        "role": "assistant",
        "id": item_id,
        "content": [{ "type": "output_text", "text": text }],
    });
    if let Some(phase) = phase {
        item["phase"] = Value::from(phase.as_str());
    }
    item
}
