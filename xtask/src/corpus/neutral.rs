//! A recording as a session of the corpus: without what differs from run to run or tells of a
//! machine.
//!
//! Identifiers are numbered in the order in which they are seen, times count from a fixed one, and
//! the folders of the harness and the name of the host have fixed names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Any time of the recordings is after this one, in seconds.
const RECENT: u64 = 1_700_000_000;
/// The folder that a harness makes, in front of a random name.
const HARNESS: &str = "codex-harness-";

/// The session as the corpus has it: a line for each message, in order.
pub(super) fn session(recording: &str) -> Result<String> {
    let mut names = Names::default();
    let mut session = String::new();
    for line in recording.lines() {
        let record: Value = serde_json::from_str(line)?;
        let frame = record["frame"]
            .as_str()
            .context("a frame that is not text")?;
        // A scripted server may send malformed JSON.
        let Ok(mut message) = serde_json::from_str::<Value>(frame) else {
            return Ok(String::new());
        };
        names.neutralize(&mut message);
        let sender = if record["direction"] == "client" {
            "c2s"
        } else {
            "s2c"
        };
        session.push_str(&json!({ "dir": sender, "msg": message }).to_string());
        session.push('\n');
    }
    Ok(session)
}

/// The shapes of everything in a session: for each object its place in its message and its keys, and
/// for each other value its place and kind.
pub(super) fn shapes(session: &str) -> Result<BTreeSet<String>> {
    let mut shapes = BTreeSet::new();
    for line in session.lines() {
        let record: Value = serde_json::from_str(line)?;
        let (sender, message) = (&record["dir"], &record["msg"]);
        let method = message["method"].as_str().unwrap_or_default();
        add_shapes(&format!("{sender} {method}"), message, &mut shapes);
    }
    Ok(shapes)
}

fn add_shapes(place: &str, value: &Value, shapes: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let keys: Vec<&str> = map.keys().map(String::as_str).collect();
            let tag = map.get("type").and_then(Value::as_str).unwrap_or_default();
            shapes.insert(format!("{place} {tag}{{{}}}", keys.join(",")));
            for (key, value) in map {
                add_shapes(&format!("{place}.{key}"), value, shapes);
            }
        }
        Value::Array(values) => {
            for value in values {
                add_shapes(&format!("{place}[]"), value, shapes);
            }
        }
        Value::Null => drop(shapes.insert(format!("{place} null"))),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The replacements in a session.
#[derive(Default)]
struct Names {
    ids: BTreeMap<String, String>,
}

impl Names {
    fn neutralize(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(values) => {
                for value in values {
                    self.neutralize(value);
                }
            }
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    match (&**key, &value) {
                        ("userAgent", Value::String(agent)) => {
                            *value = json!(without_machine(agent));
                        }
                        ("serverName" | "hostname", Value::String(_)) => *value = json!("host"),
                        ("durationMs" | "duration_ms", Value::Number(_)) => *value = json!(1),
                        _ => self.neutralize(value),
                    }
                }
            }
            Value::Number(number) => {
                let milliseconds = number.as_u64().filter(|it| *it > RECENT * 1000);
                let seconds = number
                    .as_u64()
                    .filter(|it| *it > RECENT && *it < 2 * RECENT);
                if milliseconds.is_some() {
                    *value = json!(RECENT * 1000);
                } else if seconds.is_some() {
                    *value = json!(RECENT);
                }
            }
            Value::Bool(_) | Value::Null => {}
        }
    }

    fn text(&mut self, text: &str) -> String {
        let text = without_folders(text);
        let mut neutral = String::new();
        let mut rest = &*text;
        while let Some(start) = uuid(rest) {
            let (before, found) = rest.split_at(start);
            let (id, after) = found.split_at(UUID);
            let number = self.ids.len() + 1;
            let id = self.ids.entry(id.to_owned());
            neutral.push_str(before);
            neutral.push_str(id.or_insert(format!("00000000-0000-7000-8000-{number:012}")));
            rest = after;
        }
        neutral + rest
    }
}

/// `name/0.169.0` of `name/0.169.0 (Debian 12.0.0; x86_64) terminal (name; 1.0)`.
fn without_machine(user_agent: &str) -> &str {
    user_agent.split(" (").next().unwrap_or_default()
}

/// The length of a UUID.
const UUID: usize = 36;

/// The position of a UUID.
fn uuid(text: &str) -> Option<usize> {
    let is_uuid = |bytes: &[u8]| {
        let mut bytes = bytes.iter().enumerate();
        bytes.all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    text.as_bytes().windows(UUID).position(is_uuid)
}

/// The text with `/workspace` for the folder of a harness, wherever temporary folders are.
fn without_folders(text: &str) -> String {
    let mut neutral = String::new();
    let mut rest = text;
    while let Some(found) = rest.find(HARNESS) {
        let before = &rest[..found];
        let start = before.rfind(|it: char| it.is_whitespace() || "\"'`=:(".contains(it));
        neutral.push_str(&before[..start.map_or(0, |it| it + 1)]);
        neutral.push_str("/workspace");
        let after = &rest[found..];
        rest = &after[after
            .find(|it: char| !it.is_alphanumeric() && it != '-')
            .unwrap_or(after.len())..];
    }
    neutral + rest
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{session, shapes};

    #[test]
    fn session_that_shows_nothing_new_has_no_new_shapes() {
        let shapes = |value: &str| {
            let line =
                format!(r#"{{"dir":"s2c","msg":{{"method":"m","params":{{"a":{value}}}}}}}"#);
            shapes(&line).unwrap()
        };
        assert!(shapes("1").is_subset(&shapes(r#""text""#)));
        assert!(!shapes("null").is_subset(&shapes("1")));
        assert!(!shapes(r#"{"b":1}"#).is_subset(&shapes(r#"{"c":1}"#)));
    }

    #[test]
    fn what_differs_between_runs_is_replaced() {
        let id = "01a1fd81-9a3a-7282-89ce-cb87d1855626";
        let frame = json!({
            "id": 7, "at": 1_795_254_491, "atMs": 1_795_254_491_703_u64, "limit": 400_000,
            "ids": [id, format!("see {id}.")], "serverName": "machine",
            "cwd": "/tmp/codex-harness-Ab3xY/workspace",
        });
        let record = json!({ "direction": "server", "at_ms": 3, "frame": frame.to_string() });
        let session = session(&record.to_string()).unwrap();
        let neutral = "00000000-0000-7000-8000-000000000001";
        let expected = json!({
            "id": 7, "at": 1_700_000_000, "atMs": 1_700_000_000_000_u64, "limit": 400_000,
            "ids": [neutral, format!("see {neutral}.")], "serverName": "host",
            "cwd": "/workspace/workspace",
        });
        let found: Value = serde_json::from_str(&session).unwrap();
        assert_eq!(found, json!({ "dir": "s2c", "msg": expected }));
    }
}
