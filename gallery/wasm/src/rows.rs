//! The messages of a recording as rows of a table.

use std::borrow::Cow;
use std::collections::HashMap;

use codex_types::rpc::{ClientMessage, ServerMessage};
use codex_types::{ClientResponse, RequestId, ServerNotification, ServerResponse};
use serde::{Deserialize, Serialize};

/// A line of a recording, as the feature `record` of `codex-client` writes it.
#[derive(Deserialize)]
struct Line<'a> {
    direction: Direction,
    at_ms: Option<u64>,
    #[serde(borrow)]
    frame: Option<Cow<'a, str>>,
    /// A frame that is no UTF-8.
    bytes: Option<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Client,
    Server,
}

/// A message.
#[derive(Default, Serialize)]
pub(crate) struct Row {
    at_ms: Option<u64>,
    from: Option<Direction>,
    kind: &'static str,
    method: Option<String>,
    thread: Option<String>,
    /// The text of a message, as it streams.
    text: Option<String>,
    /// The decoded message, without secrets.
    detail: String,
    /// The error of a message that cannot be read.
    problem: Option<String>,
}

/// The requests without a response: a response does not name its method.
type Open = HashMap<(Direction, RequestId), String>;

/// Decodes a recording. A line that cannot be read is a row as well.
pub(crate) fn of(recording: &str) -> Vec<Row> {
    let mut open = Open::new();
    let lines = recording.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| row(line, &mut open)).collect()
}

fn row(line: &str, open: &mut Open) -> Row {
    let line: Line<'_> = match serde_json::from_str(line) {
        Ok(line) => line,
        Err(error) => return problem(format!("not a line of a recording: {error}")),
    };
    let frame = match (line.frame, line.bytes) {
        (Some(frame), _) => frame,
        (None, bytes) => String::from_utf8_lossy(&bytes.unwrap_or_default())
            .into_owned()
            .into(),
    };
    let decoded = match line.direction {
        Direction::Client => of_client(&frame, open),
        Direction::Server => of_server(&frame, open),
    };
    Row {
        at_ms: line.at_ms,
        from: Some(line.direction),
        ..decoded.unwrap_or_else(problem)
    }
}

fn problem(problem: impl ToString) -> Row {
    Row {
        kind: "malformed",
        problem: Some(problem.to_string()),
        ..Row::default()
    }
}

fn of_client(frame: &str, open: &mut Open) -> Result<Row, String> {
    Ok(
        match ClientMessage::parse(frame).map_err(|error| error.to_string())? {
            ClientMessage::Request { id, request, .. } => {
                open.insert((Direction::Client, id), request.method().to_owned());
                Row {
                    kind: "request",
                    method: Some(request.method().to_owned()),
                    thread: request.thread_id().map(str::to_owned),
                    detail: format!("{request:#?}"),
                    ..Row::default()
                }
            }
            ClientMessage::Notification { notification, .. } => Row {
                kind: "notification",
                method: Some(notification.method().to_owned()),
                detail: format!("{notification:#?}"),
                ..Row::default()
            },
            ClientMessage::Response { id, result, .. } => {
                let method = open.remove(&(Direction::Server, id));
                let decoded = method
                    .as_deref()
                    .map(|it| ServerResponse::decode(it, result));
                response(method, decoded.map(|it| it.map(|it| format!("{it:#?}"))))
            }
            ClientMessage::Error { id, error, .. } => {
                let method = id.and_then(|id| open.remove(&(Direction::Server, id)));
                refusal(method, format!("{error:#?}"))
            }
            ClientMessage::Undecodable(message) => problem(message.error),
            other => problem(format!("{other:?}")),
        },
    )
}

fn of_server(frame: &str, open: &mut Open) -> Result<Row, String> {
    Ok(
        match ServerMessage::parse(frame).map_err(|error| error.to_string())? {
            ServerMessage::Notification(notification) => {
                let payload = &notification.payload;
                Row {
                    kind: "notification",
                    method: Some(payload.method().to_owned()),
                    thread: payload.thread_id().map(str::to_owned),
                    text: match payload {
                        ServerNotification::ItemAgentMessageDelta(it) => Some(it.delta.clone()),
                        _ => None,
                    },
                    detail: format!("{payload:#?}"),
                    ..Row::default()
                }
            }
            ServerMessage::Request { id, request, .. } => {
                open.insert((Direction::Server, id), request.method().to_owned());
                Row {
                    kind: "request",
                    method: Some(request.method().to_owned()),
                    thread: request.thread_id().map(str::to_owned),
                    detail: format!("{request:#?}"),
                    ..Row::default()
                }
            }
            ServerMessage::Response { id, result, .. } => {
                let method = open.remove(&(Direction::Client, id));
                let decoded = method
                    .as_deref()
                    .map(|it| ClientResponse::decode(it, result));
                response(method, decoded.map(|it| it.map(|it| format!("{it:#?}"))))
            }
            ServerMessage::Error { id, error, .. } => {
                let method = id.and_then(|id| open.remove(&(Direction::Client, id)));
                refusal(method, format!("{error:#?}"))
            }
            ServerMessage::Undecodable(message) => problem(message.error),
            other => problem(format!("{other:?}")),
        },
    )
}

/// The row of a response. Without its request, its type is unknown.
fn response<E: ToString>(method: Option<String>, decoded: Option<Result<String, E>>) -> Row {
    let row = Row {
        kind: "response",
        method,
        ..Row::default()
    };
    match decoded {
        Some(Ok(detail)) => Row { detail, ..row },
        Some(Err(error)) => Row {
            problem: Some(error.to_string()),
            ..row
        },
        None => row,
    }
}

fn refusal(method: Option<String>, detail: String) -> Row {
    Row {
        kind: "error",
        method,
        detail,
        ..Row::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, to_value};

    use super::of;

    fn decoded(frames: &[(&str, &str)]) -> Value {
        let lines = frames.iter().map(|(direction, frame)| {
            json!({"direction": direction, "at_ms": 7, "frame": frame}).to_string()
        });
        to_value(of(&lines.collect::<Vec<_>>().join("\n"))).unwrap()
    }

    #[test]
    fn responses_have_the_type_of_their_request() {
        let rows = decoded(&[
            (
                "client",
                r#"{"id":1,"method":"account/login/start","params":{"type":"apiKey","apiKey":"sk-1"}}"#,
            ),
            // The server has an id 1 of its own.
            (
                "server",
                r#"{"id":1,"method":"item/tool/call","params":{"threadId":"t","turnId":"u","callId":"c","tool":"x","arguments":{}}}"#,
            ),
            (
                "client",
                r#"{"id":1,"result":{"contentItems":[],"success":true}}"#,
            ),
            ("server", r#"{"id":1,"result":{"type":"apiKey"}}"#),
        ]);
        assert_eq!(rows[2]["method"], "item/tool/call");
        assert_eq!(rows[3]["method"], "account/login/start");
        let detail = rows[3]["detail"].as_str().unwrap();
        assert!(detail.contains("LoginAccountResponse"), "{detail}");
        let text = rows.to_string();
        assert!(
            text.contains("[redacted]") && !text.contains("sk-1"),
            "{text}"
        );
    }

    #[test]
    fn texts_stream_and_unknown_methods_are_rows() {
        let rows = decoded(&[
            (
                "server",
                r#"{"method":"item/agentMessage/delta","params":{"threadId":"t","turnId":"u","itemId":"i","delta":"Hel"}}"#,
            ),
            (
                "server",
                r#"{"method":"thread/dreamed","params":{"threadId":"t"}}"#,
            ),
        ]);
        assert_eq!(
            (&rows[0]["text"], &rows[0]["thread"], &rows[0]["at_ms"]),
            (&json!("Hel"), &json!("t"), &json!(7))
        );
        assert_eq!(rows[1]["method"], "thread/dreamed");
        assert_eq!(rows[1]["problem"], Value::Null);
    }

    #[test]
    fn what_cannot_be_read_does_not_end_the_table() {
        let bytes = r#"{"direction":"server","bytes":[123,255]}"#;
        let rows = to_value(of(&format!("nonsense\n{bytes}\n"))).unwrap();
        assert_eq!(
            (&rows[0]["kind"], &rows[1]["kind"]),
            (&json!("malformed"), &json!("malformed"))
        );
        let rows = decoded(&[(
            "client",
            r#"{"id":1,"method":"turn/interrupt","params":{}}"#,
        )]);
        assert_eq!(rows[0]["problem"], "params.threadId: missing field");
    }
}
