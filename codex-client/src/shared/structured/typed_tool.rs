//! From a typed function to a tool: the schema of its arguments, and decoding them.
//!
//! Only the shells are generic.

use std::future::ready;
use std::sync::Arc;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_core::de::DeserializeOwned;
use serde_json::Value;

use crate::shared::tools::{Function, Running, Tool, ToolError, ToolOutput, ToolResult};

impl Tool {
    /// A tool that is an async function.
    pub(crate) fn asynchronous<I, O, F, Fut>(name: String, description: String, tool: F) -> Self
    where
        I: JsonSchema + DeserializeOwned,
        O: Into<ToolOutput>,
        F: Fn(I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ToolResult<O>> + Send + 'static,
    {
        let function = move |arguments| -> Running {
            match decode::<I>(arguments) {
                Ok(input) => {
                    let running = tool(input);
                    Box::pin(async move { running.await.map(Into::into) })
                }
                Err(error) => Box::pin(ready(Err(error))),
            }
        };
        Self::typed::<I>(name, description, Arc::new(function))
    }

    /// A tool that is a blocking function.
    pub(crate) fn blocking<I, O, F>(name: String, description: String, tool: F) -> Self
    where
        I: JsonSchema + DeserializeOwned,
        O: Into<ToolOutput>,
        F: Fn(I) -> ToolResult<O> + Send + Sync + 'static,
    {
        let function = move |arguments| -> Running {
            let output = decode::<I>(arguments).and_then(&tool);
            Box::pin(ready(output.map(Into::into)))
        };
        Self::typed::<I>(name, description, Arc::new(function))
    }

    fn typed<I: JsonSchema>(name: String, description: String, function: Function) -> Self {
        // Without references: the runtime keeps only a part of JSON Schema.
        let mut settings = SchemaSettings::draft2020_12();
        settings.inline_subschemas = true;
        let schema = settings.into_generator().into_root_schema_for::<I>();
        Self::new(name, description, plain(schema), function)
    }
}

/// The schema without what is for people only.
fn plain(mut schema: Schema) -> Value {
    schema.remove("$schema");
    schema.remove("title");
    let mut value = schema.to_value();
    if value.get("type") == Some(&Value::from("object")) && value.get("properties").is_none() {
        // A struct without fields.
        value["properties"] = Value::Object(serde_json::Map::new());
    }
    value
}

/// Decodes the arguments; the error has the path to the wrong one.
fn decode<I: DeserializeOwned>(arguments: Value) -> Result<I, ToolError> {
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let path = error.path().to_string();
        unreadable(&path, &error.into_inner())
    })
}

fn unreadable(path: &str, error: &serde_json::Error) -> ToolError {
    ToolError::new(match path {
        "." => format!("the arguments do not fit the schema: {error}"),
        path => format!("the arguments do not fit the schema: at `{path}`: {error}"),
    })
}
