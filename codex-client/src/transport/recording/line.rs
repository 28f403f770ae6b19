//! One record as one line of JSON.

use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Map, Value};

use super::{Direction, Record};

pub(super) fn encode(record: &Record, mut sink: impl Write) -> io::Result<()> {
    let mut line = Map::new();
    line.insert("direction".to_owned(), name(record.direction).into());
    if let Some(at) = record.at {
        let millis = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        line.insert("at_ms".to_owned(), millis.into());
    }
    match String::from_utf8_lossy(&record.frame) {
        Cow::Borrowed(text) => line.insert("frame".to_owned(), text.into()),
        Cow::Owned(_) => line.insert("bytes".to_owned(), record.frame.clone().into()),
    };
    writeln!(sink, "{}", Value::Object(line))
}

pub(super) fn decode(text: &str) -> Result<Record, serde_json::Error> {
    let mut line: Map<String, Value> = serde_json::from_str(text)?;
    let direction = match line.get("direction").and_then(Value::as_str) {
        Some("client") => Direction::Client,
        Some("server") => Direction::Server,
        _ => return Err(invalid("`direction` must be `client` or `server`")),
    };
    let at = match line.get("at_ms") {
        None | Some(Value::Null) => None,
        Some(millis) => Some(
            millis
                .as_u64()
                .ok_or_else(|| invalid("`at_ms` must be a count"))?,
        ),
    };
    let frame = match (line.remove("frame"), line.remove("bytes")) {
        (Some(Value::String(text)), None) => text.into_bytes(),
        (None, Some(bytes)) => serde_json::from_value(bytes)?,
        _ => return Err(invalid("there must be either `frame`, a text, or `bytes`")),
    };
    Ok(Record {
        direction,
        at: at.map(Duration::from_millis),
        frame,
    })
}

fn name(direction: Direction) -> &'static str {
    match direction {
        Direction::Client => "client",
        Direction::Server => "server",
    }
}

fn invalid(message: &str) -> serde_json::Error {
    <serde_json::Error as serde_core::de::Error>::custom(message)
}
