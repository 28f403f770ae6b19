//! Functions of the program as tools of the model: typed arguments, errors for the model, and a tool of
//! one thread only.
//!
//! `cargo run -p codex-client --features schemars --example typed_tools`: a mock model follows the script
//! at the end, or the real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::collections::BTreeMap;

use codex_client::{Codex, CodexBuilder, Error, ToolResult};
use codex_testing::Reply;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// A city and the unit of its temperature.
#[derive(Deserialize, JsonSchema)]
struct Place {
    /// The name of a city, in English.
    city: String,
    unit: Option<Unit>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Celsius,
    Kelvin,
}

#[derive(Deserialize, JsonSchema)]
struct Note {
    text: String,
}

/// An error is told to the model, which may try another city.
async fn weather(place: Place) -> ToolResult<Value> {
    let known = BTreeMap::from([("Oslo", "9"), ("Rome", "24")]);
    let degrees = known.get(place.city.as_str()).copied();
    let degrees: i32 = degrees.ok_or("there is no weather station")?.parse()?;
    println!("asked about {}", place.city);
    Ok(match place.unit {
        Some(Unit::Kelvin) => json!({ "kelvin": degrees + 273 }),
        Some(Unit::Celsius) | None => json!({ "celsius": degrees }),
    })
}

async fn work(builder: CodexBuilder) -> Result<(), Error> {
    let codex = builder
        .tool("weather", "Returns the weather of a city.", weather)
        .build()
        .await?;
    let thread = codex.thread_start().tool(
        "remember",
        "Takes a note for the user.",
        |note: Note| async move {
            println!("noted: {}", note.text);
            Ok(())
        },
    );
    let result = thread.await?.run("Oslo or Rome? Take a note.").await?;
    println!("{}", result.final_response.unwrap_or_default());
    codex.close().await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([
        Reply::new().function_call("1", "weather", json!({"city": "Atlantis"})),
        Reply::new().function_call("2", "weather", json!({"city": "Rome", "unit": "kelvin"})),
        Reply::new().function_call("3", "remember", json!({"text": "Rome"})),
        Reply::assistant("Rome, it is warmer."),
    ])?;
    stage.log_in_once().await?;
    work(Codex::builder().launch(stage.launch())).await?;
    Ok(())
}
