//! The mock model endpoint, seen through a plain HTTP client.

mod captured;
mod choosing;
mod replies;
mod timing;

use std::time::Duration;

use codex_testing::MockResponses;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

fn client() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(LIMIT))
        .build();
    config.into()
}

fn post(model: &MockResponses, path: &str, body: &Value) -> ureq::http::Response<ureq::Body> {
    client()
        .post(format!("{}{path}", model.base_url()))
        .header("Authorization", "Bearer secret-token")
        .header("X-Trace", "abc")
        .send(body.to_string())
        .unwrap()
}

fn ask(model: &MockResponses) -> ureq::http::Response<ureq::Body> {
    post(model, "/responses", &json!({ "input": [] }))
}

fn ask_text(model: &MockResponses) -> String {
    ask(model).body_mut().read_to_string().unwrap()
}

/// The JSON of each event of a stream.
#[track_caller]
fn parse(stream: &str) -> Vec<Value> {
    stream
        .split_terminator("\n\n")
        .map(|event| {
            let (kind, data) = event.split_once("\ndata: ").unwrap();
            let data: Value = serde_json::from_str(data).unwrap();
            assert_eq!(kind, format!("event: {}", data["type"].as_str().unwrap()));
            data
        })
        .collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}
