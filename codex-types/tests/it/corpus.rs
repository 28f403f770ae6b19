//! Everything that was ever recorded is read into its type and written unchanged.

use std::collections::{BTreeMap, HashMap};

use codex_types::rpc::{ClientMessage, ServerMessage};
use codex_types::{
    ClientRequest, ClientResponse, RequestId, ServerNotification, ServerRequest, ServerResponse,
};
use serde_core::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::codec::Codec;
use crate::generated::codecs::RESPONSES;
use crate::instances::report;
use crate::recordings::{Record, Sender, sessions};

/// Messages by what they are.
type Counts = BTreeMap<&'static str, usize>;

/// Messages that the client of the recordings malformed on purpose, to see the
/// runtime refuse them, and the reason for which the models refuse them, too. The runtime's own
/// messages have no exceptions.
const WRONG_ON_PURPOSE: &[(&str, &str)] = &[
    ("errors_rpc.jsonl:18", "params.threadId: missing field"),
    (
        "approval_cmd_bad_response.jsonl:19",
        "CommandExecutionRequestApprovalResponse: decision: missing field",
    ),
];

/// Reads and writes the messages of one session in their order.
#[derive(Default)]
struct Session {
    /// The methods of the requests that were not answered yet.
    pending: HashMap<(Sender, RequestId), String>,
    counts: Counts,
    faults: Vec<String>,
}

impl Session {
    fn take(&mut self, record: &Record) {
        let original: Value = serde_json::from_str(&record.text).expect("a message is JSON");
        let written = match record.sender {
            Sender::Server => self.server_message(&record.text),
            Sender::Client => self.client_message(&record.text),
        };
        let mut exceptions = WRONG_ON_PURPOSE.iter();
        let exception = exceptions.find(|(place, _)| *place == record.place);
        match written {
            Err(error) if exception.is_some_and(|(_, expected)| *expected == error) => {
                self.count("wrong on purpose");
            }
            Ok(written) if written == original => {}
            Ok(written) => self.fault(record, &format!("changed\n  {original}\n  {written}")),
            Err(error) => self.fault(record, &error),
        }
    }

    fn fault(&mut self, record: &Record, problem: &str) {
        self.faults.push(format!("{}: {problem}", record.place));
    }

    fn count(&mut self, kind: &'static str) {
        *self.counts.entry(kind).or_default() += 1;
    }

    fn server_message(&mut self, text: &str) -> Result<Value, String> {
        let message = ServerMessage::parse(text).map_err(|error| error.to_string())?;
        match &message {
            ServerMessage::Notification(notification) => {
                self.count(match &notification.payload {
                    ServerNotification::Unrecognized(_) => "unrecognized notification",
                    _ => "notification",
                });
            }
            ServerMessage::Request { id, request, .. } => {
                if let ServerRequest::Unrecognized(_) = request {
                    return Err("unrecognized request".to_owned());
                }
                self.count("server request");
                let method = request.method().to_owned();
                self.pending.insert((Sender::Server, id.clone()), method);
            }
            ServerMessage::Response { id, result, .. } => {
                self.count("response");
                let result = self.result(Sender::Client, id, result.get())?;
                return Ok(json!({ "id": id, "result": result }));
            }
            ServerMessage::Error { id, .. } => {
                self.count("error");
                if let Some(id) = id {
                    self.pending.remove(&(Sender::Client, id.clone()));
                }
            }
            ServerMessage::Undecodable(message) => return Err(message.error.to_string()),
            other => return Err(format!("unexpected {other:?}")),
        }
        Ok(written(&message))
    }

    /// A result through the type that the method of its request demands.
    fn result(&mut self, asked: Sender, id: &RequestId, text: &str) -> Result<Value, String> {
        let method = self.pending.remove(&(asked, id.clone()));
        let method = method.ok_or_else(|| format!("nobody asked {id:?}"))?;
        let known = RESPONSES.iter().find(|(known, _)| *known == method);
        let (_, response) = known.ok_or_else(|| format!("no response for {method}"))?;
        let done = Codec::named(response).round_trip_text(text);
        let by_method = by_method(asked, &method, text);
        let done = done.map_err(|error| format!("{response}: {error}"));
        assert_eq!(by_method.is_ok(), done.is_ok(), "{method}: {by_method:?}");
        let value: Value = serde_json::from_str(&done?.text).expect("a model writes JSON");
        assert_eq!(by_method.as_ref(), Ok(&value), "{method}");
        Ok(value)
    }

    fn client_message(&mut self, text: &str) -> Result<Value, String> {
        let message = ClientMessage::parse(text).map_err(|error| error.to_string())?;
        match &message {
            ClientMessage::Request { id, request, .. } => {
                self.count(match request {
                    ClientRequest::Unrecognized(_) => "unrecognized client request",
                    _ => "client request",
                });
                let method = request.method().to_owned();
                self.pending.insert((Sender::Client, id.clone()), method);
            }
            ClientMessage::Notification { .. } => self.count("client notification"),
            ClientMessage::Response { id, result, .. } => {
                let result = self.result(Sender::Server, id, result.get())?;
                self.count("client response");
                return Ok(json!({ "id": id, "result": result }));
            }
            ClientMessage::Error { .. } => self.count("client error"),
            ClientMessage::Undecodable(message) => return Err(message.error.to_string()),
            other => return Err(format!("unexpected {other:?}")),
        }
        Ok(written(&message))
    }
}

/// A result through the union of its direction, by the name of the method.
fn by_method(asked: Sender, method: &str, text: &str) -> Result<Value, String> {
    let result: &RawValue = serde_json::from_str(text).expect("a result is JSON");
    let decoded = match asked {
        Sender::Client => ClientResponse::decode(method, result).map(|it| written(&it)),
        Sender::Server => ServerResponse::decode(method, result).map(|it| written(&it)),
    };
    decoded.map_err(|error| error.to_string())
}

/// A model as JSON, by way of text like on the wire.
fn written<T: Serialize>(model: &T) -> Value {
    let text = serde_json::to_string(model).expect("a model can be written");
    serde_json::from_str(&text).expect("a model writes JSON")
}

/// The contents of a folder, and its problems.
fn read(folder: &str) -> (Counts, Vec<String>) {
    let mut counts = Counts::new();
    let mut faults = Vec::new();
    for records in sessions(folder) {
        let mut session = Session::default();
        for record in &records {
            session.take(record);
        }
        faults.append(&mut session.faults);
        for (kind, count) in session.counts {
            *counts.entry(kind).or_default() += count;
        }
    }
    (counts, faults)
}

#[track_caller]
fn check(version: &str, expected: &[(&'static str, usize)]) {
    let (counts, faults) = read(version);
    assert!(faults.is_empty(), "{}", report(&faults));
    assert_eq!(Vec::from_iter(counts), expected);
}

/// Written by `cargo xtask corpus record`, so that the counts are those of the last recording.
#[test]
fn recorded_scenarios_are_understood_without_exception() {
    let (counts, faults) = read("recorded");
    assert!(faults.is_empty(), "{}", report(&faults));
    assert!(
        counts["notification"] > 500 && counts["response"] > 200,
        "{counts:?}"
    );
    assert!(counts["server request"] > 10, "{counts:?}");
    assert_eq!(counts.get("unrecognized notification"), None);
}

#[test]
fn the_pinned_runtime_is_understood_without_exception() {
    let counts = [
        ("client error", 2),
        ("client notification", 51),
        ("client request", 376),
        ("client response", 14),
        ("error", 27),
        ("notification", 1498),
        ("response", 351),
        ("server request", 16),
        ("unrecognized client request", 1),
        ("wrong on purpose", 1),
    ];
    check("0.169.0", &counts);
}

#[test]
fn an_older_runtime_is_understood() {
    let counts = [
        ("client notification", 13),
        ("client request", 108),
        ("client response", 2),
        ("error", 13),
        ("notification", 295),
        ("response", 95),
        ("server request", 3),
        ("wrong on purpose", 1),
    ];
    check("0.163.0", &counts);
}
