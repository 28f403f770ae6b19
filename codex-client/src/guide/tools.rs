//! Tools: functions of your program that the model can call.
//!
//! A thread is given its tools when it starts; calls come to
//! [`Handlers::on_tool_call`](crate::Handlers::on_tool_call). The protocol marks tools as
//! experimental, so that the client has to ask for that with
//! [`experimental_api`](crate::Builder::experimental_api):
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
//! - A [`failure`](crate::types::DynamicToolCallResponse::failure) is shown to the model, which
//!   usually tries again. Use it for bad arguments and for failures that the model can work around.
//! - An error or a panic of the handler ends the call, not the turn.
//! - Tool calls run while the turn waits: a slow tool needs a limit of its own
//!   (`handler_limit` of the builder sets one for all).
//! - Tools that other programs should share are better an MCP server, which is part of the
//!   configuration (`mcp_servers`) and needs no code here.
