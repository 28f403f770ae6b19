//! Output of the model in a reply: messages, reasoning, calls of tools.
//!
//! Tracks the open message, and closes it before other output begins.

use serde_json::Value;

use super::Reply;
use super::lower::message_id;
use super::script::{OpenMessage, Step};
use crate::events::{self, Event, Phase};

/// Output of the model.
impl Reply {
    /// An assistant message without a phase, whole.
    pub fn message(self, text: impl Into<String>) -> Self {
        self.whole_message(text.into(), None)
    }

    /// A whole assistant message before the answer.
    pub fn commentary(self, text: impl Into<String>) -> Self {
        self.whole_message(text.into(), Some(Phase::Commentary))
    }

    /// An assistant message that is the answer, whole.
    pub fn final_answer(self, text: impl Into<String>) -> Self {
        self.whole_message(text.into(), Some(Phase::FinalAnswer))
    }

    /// Starts an assistant message whose text follows in [`Reply::delta`]s.
    pub fn open_message(mut self, phase: Option<Phase>) -> Self {
        let index = self.begin_item();
        self.push(move |response| events::message_added(&message_id(response, index), phase));
        self.open_message = Some(OpenMessage::new(index, phase));
        self
    }

    /// A piece of the open message; starts one without a phase if none is open. The message
    /// is closed, with its whole text, by whatever comes next.
    pub fn delta(mut self, text: impl Into<String>) -> Self {
        if self.open_message.is_none() {
            self = self.open_message(None);
        }
        let text = text.into();
        if let Some(message) = &mut self.open_message {
            message.text.push_str(&text);
        }
        self.push(move |_| events::text_delta(&text));
        self
    }

    /// Several [`Reply::delta`]s.
    pub fn deltas<T: AsRef<str>>(self, texts: impl IntoIterator<Item = T>) -> Self {
        texts
            .into_iter()
            .fold(self, |reply, text| reply.delta(text.as_ref()))
    }

    /// Reasoning with a one-part summary, streamed in one piece.
    pub fn reasoning(self, summary: impl Into<String>) -> Self {
        self.reasoning_with_content(summary, "")
    }

    /// Reasoning with a one-part summary and raw content, each streamed in one piece unless it
    /// is empty.
    pub fn reasoning_with_content(
        mut self,
        summary: impl Into<String>,
        content: impl Into<String>,
    ) -> Self {
        let (summary, content) = (summary.into(), content.into());
        let index = self.begin_item();
        let id = move |response: usize| format!("rsn-{response}-{index}");
        self.push(move |response| events::reasoning_added(&id(response)));
        if !summary.is_empty() {
            let delta = summary.clone();
            self.push(|_| events::reasoning_summary_part_added(0));
            self.push(move |_| events::reasoning_summary_delta(0, &delta));
        }
        if !content.is_empty() {
            let delta = content.clone();
            self.push(move |_| events::reasoning_content_delta(0, &delta));
        }
        self.push(move |response| {
            events::reasoning(&id(response), &non_empty(&summary), &non_empty(&content))
        });
        self
    }

    /// A call of a function tool; see [`events::function_call`].
    pub fn function_call(self, call_id: &str, name: &str, arguments: impl Into<Value>) -> Self {
        self.event(events::function_call(call_id, name, &arguments.into()))
    }

    /// A call of a tool of an MCP server.
    pub fn mcp_call(
        self,
        call_id: &str,
        server: &str,
        tool: &str,
        arguments: impl Into<Value>,
    ) -> Self {
        let namespace = format!("mcp__{server}");
        self.event(events::namespaced_function_call(
            call_id,
            &namespace,
            tool,
            &arguments.into(),
        ))
    }

    /// A call of a free-form tool such as `apply_patch`.
    pub fn custom_tool_call(self, call_id: &str, name: &str, input: &str) -> Self {
        self.event(events::custom_tool_call(call_id, name, input))
    }

    /// Any event.
    pub fn event(mut self, event: Event) -> Self {
        self.begin_item();
        self.push(move |_| event.clone());
        self
    }

    /// Bytes that are sent as they are, for streams that are not well-formed.
    pub fn raw(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.steps.push(Step::raw(bytes));
        self
    }
}

/// Items, one after the other.
impl Reply {
    fn whole_message(mut self, text: String, phase: Option<Phase>) -> Self {
        let index = self.begin_item();
        self.push(move |response| events::message(&message_id(response, index), &text, phase));
        self
    }

    /// Closes the open message, if any, and numbers the item that begins.
    pub(super) fn begin_item(&mut self) -> usize {
        if let Some(OpenMessage { index, phase, text }) = self.open_message.take() {
            self.push(move |response| events::message(&message_id(response, index), &text, phase));
        }
        let index = self.items;
        self.items += 1;
        index
    }

    pub(super) fn push(&mut self, event: impl Fn(usize) -> Event + Send + Sync + 'static) {
        self.steps.push(Step::event(event));
    }
}

fn non_empty(text: &str) -> Vec<&str> {
    Vec::from_iter((!text.is_empty()).then_some(text))
}
