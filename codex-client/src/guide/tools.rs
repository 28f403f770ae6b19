//! Tools: functions of your program that the model can call.
//!
//! With the feature `schemars`, a tool is a function of one struct: the JSON Schema for the model comes
//! from its type, and its documentation comments describe the fields.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue_all([Reply::new().function_call("c", "weather", serde_json::json!({"city": "Oslo"})), Reply::assistant("Take an umbrella.")]);
//! use codex_client::Codex;
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Place {
//!     /// The name of a city, in English.
//!     city: String,
//! }
//!
//! let codex = Codex::builder()
//!     .tool("weather", "Returns the weather of a city.", |place: Place| async move {
//!         // `?` works on any error: the model is told about it.
//!         let degrees: i32 = "9".parse()?;
//!         Ok(format!("It rains in {}, at {degrees} degrees.", place.city))
//!     })
//! #   .launch(harness.launch())
//!     .build()
//!     .await?;
//! let thread = codex.thread_start().await?;
//! let result = thread.run("Do I need an umbrella in Oslo?").await?;
//! # assert_eq!(result.final_response.as_deref(), Some("Take an umbrella."));
//! # let output = harness.responses().requests()[1].tool_output("c").unwrap().to_string();
//! # assert!(output.contains("It rains in Oslo, at 9 degrees."), "{output}");
//! # Ok(())
//! # }
//! ```
//!
//! - Every thread that this Codex starts has the tool. `thread_start().tool(..)` adds one of a single
//!   thread; names must differ. In the blocking API the function is a plain closure.
//! - The result is anything that converts into a [`ToolOutput`](crate::ToolOutput): a text, a JSON value,
//!   images.
//! - The model is told about everything that goes wrong, and usually tries again: arguments that do not
//!   fit, with the path to the wrong one; an error of the function; a panic. Neither ends the turn.
//! - The future of a tool is dropped when its turn is interrupted. A slow tool needs a limit of its own:
//!   `handler_limit` of the builder sets one for all.
//! - The runtime stores the description of a tool with its thread, and not the function. A thread that is
//!   resumed by another process calls the tools of that process's builder, and those that
//!   `thread_resume(id).tool(..)` adds again.
//! - Tools are experimental in the protocol: registering one requests
//!   [`experimental_api`](crate::Builder::experimental_api). For a tool of a single thread it has to be
//!   requested when connecting.
//!
//! # Without types
//!
//! Tools whose schema is only known at run time, such as those of plugins, are offered in the form of the
//! protocol, and their calls come to [`Handlers::on_tool_call`](crate::Handlers::on_tool_call). Calls of
//! typed tools do not:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue_all([Reply::new().function_call("c", "weather", json!({"city": "Oslo"})), Reply::assistant("Take an umbrella.")]);
//! use codex_client::types::{DynamicToolCallResponse, DynamicToolSpec, FunctionDynamicToolSpec};
//! use codex_client::{Codex, Handlers};
//! use serde_json::json;
//!
//! let schema = json!({
//!     "type": "object",
//!     "properties": { "city": { "type": "string" } },
//!     "required": ["city"],
//! });
//! let weather = FunctionDynamicToolSpec::new("weather", "Returns the weather of a city.", schema);
//!
//! let handlers = Handlers::new().on_tool_call(|call, _context| async move {
//!     // The runtime does not check the arguments against the schema.
//!     Ok(match (call.tool.as_str(), call.arguments["city"].as_str()) {
//!         ("weather", Some(city)) => {
//!             DynamicToolCallResponse::text(format!("It rains in {city}."))
//!         }
//!         ("weather", None) => DynamicToolCallResponse::failure("`city` is missing"),
//!         (other, _) => DynamicToolCallResponse::failure(format!("there is no tool {other}")),
//!     })
//! });
//!
//! let codex = Codex::builder()
//!     .experimental_api(true)
//!     .handler(handlers)
//! #   .launch(harness.launch())
//!     .build()
//!     .await?;
//! let thread = codex
//!     .thread_start()
//!     .with_params(|params| params.dynamic_tools([DynamicToolSpec::from(weather)]))
//!     .await?;
//! let result = thread.run("Do I need an umbrella in Oslo?").await?;
//! # assert_eq!(result.final_response.as_deref(), Some("Take an umbrella."));
//! # let output = harness.responses().requests()[1].tool_output("c").unwrap().to_string();
//! # assert!(output.contains("It rains in Oslo."), "{output}");
//! # Ok(())
//! # }
//! ```
//!
//! Tools that other programs should share are better an MCP server, which is part of the configuration
//! (`mcp_servers`) and needs no code here.
