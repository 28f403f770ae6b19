//! A running service, and a browser without a page.

use std::io::{BufRead as _, BufReader};
use std::process::Command;

use codex_testing::AppServerHarness;
use rustix::process::Signal;
use serde_json::{Value, json};
use ureq::Agent;

use crate::support::{LIMIT, Running};

pub(crate) struct Service {
    process: Running,
    address: String,
    agent: Agent,
}

impl Service {
    /// Starts the service on a free port.
    pub(crate) fn start(harness: &AppServerHarness, arguments: &[&str]) -> Self {
        let mut command: Command = harness.program(env!("CARGO_BIN_EXE_web"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        let mut process = Running::start(&mut command);
        process.expect("listening on ");
        let address = process.expect("\n");
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(LIMIT));
        Self {
            process,
            address,
            agent: config.build().into(),
        }
    }

    /// The status, the type of the content, and the content.
    pub(crate) fn get(&self, path: &str) -> (u16, String, String) {
        let url = format!("{}{path}", self.address);
        let mut response = self.agent.get(url).call().unwrap();
        let kind = response.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), kind, text)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.address);
        let request = self
            .agent
            .post(url)
            .header("Content-Type", "application/json");
        let mut response = request.send(body.to_string()).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        (response.status().as_u16(), json)
    }

    /// Posts a text with these headers. Returns the status.
    pub(crate) fn send(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = self.agent.post(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send(body).unwrap().status().as_u16()
    }

    pub(crate) fn new_thread(&self) -> String {
        let (status, started) = self.post("/threads", &json!({}));
        assert_eq!(status, 200, "{started}");
        started["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn prompt(&self, id: &str, prompt: &str) -> u16 {
        let (status, _) = self.post(
            &format!("/threads/{id}/prompts"),
            &json!({"prompt": prompt}),
        );
        status
    }

    /// Opens the stream of a conversation.
    pub(crate) fn watch(&self, id: &str) -> Browser {
        let url = format!("{}/threads/{id}/events", self.address);
        let response = self.agent.get(url).call().unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Browser {
            lines: BufReader::new(response.into_body().into_reader()),
        }
    }

    /// Sends a signal, and waits until the service has ended well. Returns the rest of its output.
    pub(crate) fn end(self, signal: Signal) -> String {
        self.process.signal(signal);
        let (status, output) = self.process.end();
        assert!(status.success(), "{status}: {output}");
        output
    }
}

pub(crate) struct Browser {
    lines: BufReader<ureq::BodyReader<'static>>,
}

impl Browser {
    /// The next event: its name and its data. `None` after the last.
    pub(crate) fn next(&mut self) -> Option<(String, Value)> {
        let (mut name, mut data) = (String::new(), Value::Null);
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("event", event)) => event.clone_into(&mut name),
                Some(("data", text)) => data = serde_json::from_str(text).unwrap(),
                _ if name.is_empty() => {} // a comment that keeps the connection open
                _ => return Some((name, data)),
            }
        }
    }

    /// The first update for which this is true.
    #[track_caller]
    pub(crate) fn until(&mut self, mut is_found: impl FnMut(&Value) -> bool) -> Value {
        let mut seen = Vec::new();
        while let Some((name, data)) = self.next() {
            if name == "update" && is_found(&data) {
                return data;
            }
            seen.push(data);
        }
        panic!("the stream has ended: {seen:#?}");
    }
}

/// The text that was appended to messages.
pub(crate) fn appended(update: &Value) -> String {
    let items = update["items"].as_array().unwrap().iter();
    let pieces = items
        .filter_map(|item| item["appended"].as_array())
        .flatten();
    let texts = pieces.filter(|piece| piece["field"] == "Text" || piece["field"] == "text");
    texts.filter_map(|piece| piece["text"].as_str()).collect()
}

pub(crate) fn status_is(update: &Value, status: &str) -> bool {
    let mut turns = update["turns"].as_array().unwrap().iter();
    turns.any(|turn| turn["status"] == status)
}

pub(crate) fn is_pending(update: &Value) -> bool {
    update["pending"]
        .as_array()
        .is_some_and(|it| !it.is_empty())
}
