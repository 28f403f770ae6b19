//! Tools that are functions of the program: their results, and the tables that calls are looked up in.
//!
//! Independent of the types of the functions, which are erased, and of connections.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use codex_types::{
    DynamicToolCallOutputContentItem, DynamicToolCallParams, DynamicToolCallResponse,
    DynamicToolSpec, Field, FunctionDynamicToolSpec, InputAudioDynamicToolCallOutputContentItem,
    InputImageDynamicToolCallOutputContentItem, InputTextDynamicToolCallOutputContentItem,
};
use serde_core::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::connection::long_texts::encoded_in_pieces;
use crate::connection::replies::internal;
use crate::engine::{Body, Response};
use crate::error::Error;
use crate::shared::input::data_url;

mod error;

pub use error::{ToolError, ToolResult};

/// The result of a tool, for the model: texts, images and sounds.
///
/// ```
/// use codex_client::ToolOutput;
///
/// let output = ToolOutput::text("The map:").and_image("image/png", b"...");
/// assert_eq!(output.items().len(), 2);
/// let output = ToolOutput::json(&[1, 2])?;
/// # assert_eq!(output, ToolOutput::from(serde_json::json!([1, 2])));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolOutput {
    items: Vec<DynamicToolCallOutputContentItem>,
}

impl ToolOutput {
    /// Creates an output without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new().and_text(text)
    }

    /// A value as JSON text.
    ///
    /// # Errors
    ///
    /// Returns an error if the value cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self::text)
    }

    /// An image, by its media type, such as `image/png`, and its bytes.
    pub fn image(media_type: &str, bytes: &[u8]) -> Self {
        Self::new().and_image(media_type, bytes)
    }

    /// An image, by its address or a `data:` URL.
    pub fn image_url(url: impl Into<String>) -> Self {
        Self::new().and_image_url(url)
    }

    /// Adds a text.
    #[must_use]
    pub fn and_text(self, text: impl Into<String>) -> Self {
        self.and(InputTextDynamicToolCallOutputContentItem::new(text))
    }

    /// Adds an image; see [`ToolOutput::image`].
    #[must_use]
    pub fn and_image(self, media_type: &str, bytes: &[u8]) -> Self {
        self.and_image_url(data_url(media_type, bytes))
    }

    /// Adds an image; see [`ToolOutput::image_url`].
    #[must_use]
    pub fn and_image_url(self, url: impl Into<String>) -> Self {
        self.and(InputImageDynamicToolCallOutputContentItem::new(url))
    }

    /// Adds a sound, by its media type, such as `audio/wav`, and its bytes.
    #[must_use]
    pub fn and_audio(self, media_type: &str, bytes: &[u8]) -> Self {
        let url = data_url(media_type, bytes);
        self.and(InputAudioDynamicToolCallOutputContentItem::new(url))
    }

    /// Adds any part of the protocol.
    #[must_use]
    pub fn and(mut self, part: impl Into<DynamicToolCallOutputContentItem>) -> Self {
        self.items.push(part.into());
        self
    }

    /// The parts.
    pub fn items(&self) -> &[DynamicToolCallOutputContentItem] {
        &self.items
    }
}

impl From<&str> for ToolOutput {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for ToolOutput {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

/// The value as JSON text; a text as it is.
impl From<Value> for ToolOutput {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self::text(text),
            value => Self::text(value.to_string()),
        }
    }
}

/// A tool without a result: the model is told that it is done.
impl From<()> for ToolOutput {
    fn from((): ()) -> Self {
        Self::text("done")
    }
}

impl From<DynamicToolCallOutputContentItem> for ToolOutput {
    fn from(item: DynamicToolCallOutputContentItem) -> Self {
        Self::new().and(item)
    }
}

impl From<Vec<DynamicToolCallOutputContentItem>> for ToolOutput {
    fn from(items: Vec<DynamicToolCallOutputContentItem>) -> Self {
        Self { items }
    }
}

/// A running tool.
pub(crate) type Running = Pin<Box<dyn Future<Output = ToolResult<ToolOutput>> + Send>>;

/// A function of the program, with its description for the model.
#[derive(Clone)]
pub(crate) struct Tool {
    name: Arc<str>,
    description: Arc<str>,
    input_schema: Arc<Value>,
    function: Function,
}

/// Tools with different names, unless they are rejected by [`Tools::check`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Tools(Vec<Tool>);

impl fmt::Debug for Tool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Tool({})", self.name)
    }
}

/// A function with its type erased.
pub(crate) type Function = Arc<dyn Fn(Value) -> Running + Send + Sync>;

impl Tool {
    pub(crate) fn new(
        name: String,
        description: String,
        input_schema: Value,
        function: Function,
    ) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            input_schema: Arc::new(input_schema),
            function,
        }
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Starts the function with the arguments of a call.
    pub(crate) fn start(&self, arguments: Value) -> Running {
        (self.function)(arguments)
    }

    /// The description for the server.
    fn spec(&self) -> DynamicToolSpec {
        let schema = Value::clone(&self.input_schema);
        FunctionDynamicToolSpec::new(&*self.name, &*self.description, schema).into()
    }
}

/// The tool of a call.
#[derive(Debug)]
pub(crate) enum Called {
    Tool(Tool),
    /// There are tools, and none with this name: the response, unless the handler has another one.
    Unknown(DynamicToolCallResponse),
}

impl Tools {
    pub(crate) fn push(&mut self, tool: Tool) {
        self.0.push(tool);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds further tools.
    pub(crate) fn append(&mut self, tools: &Self) {
        self.0.extend(tools.0.iter().cloned());
    }

    /// Adds tools, which replace those with the same name.
    pub(crate) fn replace(&mut self, tools: &Self) {
        let is_replaced = |name: &str| tools.0.iter().any(|tool| *tool.name == *name);
        self.0.retain(|tool| !is_replaced(&tool.name));
        self.0.extend(tools.0.iter().cloned());
    }

    fn find(&self, name: &str) -> Option<&Tool> {
        self.0.iter().find(|tool| *tool.name == *name)
    }

    /// Rejects two tools with one name, and arguments that are no object.
    pub(crate) fn check(&self, method: &str) -> Result<(), Error> {
        let rejected = |problem| {
            Err(Error::InvalidArgument {
                method: method.to_owned(),
                problem,
            })
        };
        for (index, tool) in self.0.iter().enumerate() {
            if self.0[..index].iter().any(|other| other.name == tool.name) {
                return rejected(format!("there are two tools called `{}`", tool.name));
            }
            if tool.input_schema.get("type") != Some(&Value::from("object")) {
                let name = &tool.name;
                let problem = "a struct with named fields has them";
                return rejected(format!(
                    "the arguments of the tool `{name}` are no object with properties: {problem}"
                ));
            }
        }
        Ok(())
    }

    /// Adds the tools to those that a thread is started with.
    ///
    /// # Errors
    ///
    /// Returns an error if a name is there twice.
    pub(crate) fn offer(
        &self,
        method: &str,
        offered: &mut Field<Vec<DynamicToolSpec>>,
    ) -> Result<(), Error> {
        self.check(method)?;
        if self.is_empty() {
            return Ok(());
        }
        let mut all = offered.as_option().cloned().unwrap_or_default();
        let names = all.iter().filter_map(|spec| match spec {
            DynamicToolSpec::Function(function) => Some(function.name.as_str()),
            _ => None,
        });
        if let Some(name) = names.into_iter().find(|name| self.find(name).is_some()) {
            return Err(Error::InvalidArgument {
                method: method.to_owned(),
                problem: format!("there are two tools called `{name}`"),
            });
        }
        all.extend(self.0.iter().map(Tool::spec));
        *offered = Field::Value(all);
        Ok(())
    }

    /// Finds the tool of a call among those of its thread and those of the connection; `None` if there
    /// are none at all.
    pub(crate) fn called(
        of_thread: Option<&Self>,
        of_connection: &Self,
        call: &DynamicToolCallParams,
    ) -> Option<Called> {
        let tables = || of_thread.into_iter().chain([of_connection]);
        let found = tables().find_map(|tools| tools.find(&call.tool));
        if let Some(tool) = found.filter(|_| call.namespace.is_none()) {
            return Some(Called::Tool(tool.clone()));
        }
        let names = tables().flat_map(|tools| &tools.0);
        let names: Vec<String> = names.map(|tool| format!("`{}`", tool.name)).collect();
        if names.is_empty() {
            return None;
        }
        let (unknown, names) = (&call.tool, names.join(", "));
        let text = format!("there is no tool `{unknown}`; the tools are {names}");
        Some(Called::Unknown(DynamicToolCallResponse::failure(text)))
    }
}

/// Encodes the response to a call. An image in it is not copied.
pub(crate) fn encoded(mut response: DynamicToolCallResponse) -> Response {
    let body = encoded_in_pieces(&mut response, |it| &mut it.content_items, text_of);
    let text = body.map(Body::into_text).and_then(RawValue::from_string);
    text.map_err(internal)
}

/// The text of an item that may be long.
fn text_of(item: &mut DynamicToolCallOutputContentItem) -> Option<&mut String> {
    match item {
        DynamicToolCallOutputContentItem::InputText(text) => Some(&mut text.text),
        DynamicToolCallOutputContentItem::InputImage(image) => Some(&mut image.image_url),
        DynamicToolCallOutputContentItem::InputAudio(audio) => Some(&mut audio.audio_url),
        _ => None,
    }
}

/// The response to a call, from the outcome of its tool; `None` if the tool panicked.
pub(crate) fn response(
    name: &str,
    outcome: Option<ToolResult<ToolOutput>>,
) -> DynamicToolCallResponse {
    match outcome {
        Some(Ok(output)) => DynamicToolCallResponse::new(output.items, true),
        Some(Err(error)) => {
            tracing::debug!(tool = name, "a tool failed: the model is told why");
            DynamicToolCallResponse::failure(error.to_string())
        }
        None => {
            tracing::error!(tool = name, "a tool panicked: the model is told so");
            DynamicToolCallResponse::failure(format!("the tool `{name}` panicked"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
    use serde_json::value::to_raw_value;

    use super::{DynamicToolCallResponse, ToolOutput, encoded};

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[a-z]{1,8}".prop_map(|text| text.repeat(70_000)),
            any::<char>().prop_map(|letter| letter.to_string().repeat(70_000)),
            Just("codex-client:text-0:".to_owned()),
        ]
    }

    proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn moved_outputs_are_encoded_as_all_others(
            texts in prop::collection::vec((texts(), any::<bool>()), 0..5),
        ) {
            let output = texts.into_iter().fold(ToolOutput::new(), |output, (text, is_image)| {
                if is_image {
                    output.and_image_url(text)
                } else {
                    output.and_text(text)
                }
            });
            let response = DynamicToolCallResponse::new(output.items, true);
            let expected = to_raw_value(&response).unwrap();
            let moved = encoded(response).unwrap();
            prop_assert_eq!(moved.get(), expected.get());
        }
    }
}
