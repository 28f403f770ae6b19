//! The log: an entry for each message, in JSON. Independent of processes.
//!
//! A log is read by more people than a conversation may be: it has no results and no secrets, and of
//! messages that cannot be read only the place of the error.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use codex_types::RequestId;
use codex_types::rpc::{ClientMessage, ServerMessage, Undecodable};
use serde::Serialize;

/// Maximum number of open requests of each side; of further ones the response has no method.
const MOST_OPEN: usize = 4096;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Client,
    Runtime,
}

pub(crate) struct Log {
    with_messages: bool,
    state: Mutex<State>,
}

struct State {
    file: File,
    /// Requests without a response yet, by the side that has sent them: their ids may be equal.
    open: HashMap<(Side, RequestId), (String, Instant)>,
}

#[derive(Serialize)]
struct Entry {
    /// Milliseconds since 1970.
    at: u128,
    from: Side,
    bytes: usize,
    #[serde(flatten)]
    facts: Facts,
}

/// The facts about a message, of either side.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<RequestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_id: Option<String>,
    /// Milliseconds from the request to this response.
    #[serde(skip_serializing_if = "Option::is_none")]
    took: Option<u128>,
    /// The place of the error in a message that cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    malformed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Log {
    pub(crate) fn open() -> anyhow::Result<Self> {
        let path = std::env::var_os("PROXY_LOG").context("PROXY_LOG does not name a file")?;
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("cannot open {path:?}"))?;
        let open = HashMap::new();
        Ok(Self {
            with_messages: std::env::var_os("PROXY_MESSAGES").is_some(),
            state: Mutex::new(State { file, open }),
        })
    }

    /// Logs a line. A log that cannot be written does not stop the conversation.
    pub(crate) fn message(&self, from: Side, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let mut facts = match from {
            Side::Client => of_client(&text, self.with_messages),
            Side::Runtime => of_runtime(&text, self.with_messages),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.relate(from, &mut facts);
        let at = SystemTime::now().duration_since(UNIX_EPOCH);
        let entry = Entry {
            at: at.unwrap_or_default().as_millis(),
            from,
            bytes: line.len(),
            facts,
        };
        if let Ok(mut entry) = serde_json::to_vec(&entry) {
            entry.push(b'\n');
            let _ = state.file.write_all(&entry);
        }
    }
}

impl State {
    /// Finds the request of a response: a response itself has no method.
    fn relate(&mut self, from: Side, facts: &mut Facts) {
        let Some(id) = facts.id.clone() else { return };
        match facts.kind {
            "request" if self.open.len() < MOST_OPEN => {
                let method = facts.method.clone().unwrap_or_default();
                self.open.insert((from, id), (method, Instant::now()));
            }
            "response" | "error" => {
                let asked_by = match from {
                    Side::Client => Side::Runtime,
                    Side::Runtime => Side::Client,
                };
                if let Some((method, since)) = self.open.remove(&(asked_by, id)) {
                    facts.method = Some(method);
                    facts.took = Some(since.elapsed().as_millis());
                }
            }
            _ => {}
        }
    }
}

fn of_client(text: &str, with_messages: bool) -> Facts {
    let Ok(parsed) = ClientMessage::parse(text) else {
        return not_a_message();
    };
    let shown = with_messages.then(|| format!("{parsed:?}"));
    let facts = match parsed {
        ClientMessage::Request { id, request, .. } => Facts {
            kind: "request",
            id: Some(id),
            method: Some(request.method().to_owned()),
            thread_id: request.thread_id().map(str::to_owned),
            turn_id: request.turn_id().map(str::to_owned),
            ..Facts::default()
        },
        ClientMessage::Notification { notification, .. } => Facts {
            kind: "notification",
            method: Some(notification.method().to_owned()),
            ..Facts::default()
        },
        ClientMessage::Response { id, .. } => response("response", Some(id)),
        ClientMessage::Error { id, .. } => response("error", id),
        ClientMessage::Undecodable(message) => return malformed(&message),
        _ => response("unknown", None),
    };
    Facts {
        message: shown,
        ..facts
    }
}

fn of_runtime(text: &str, with_messages: bool) -> Facts {
    let Ok(parsed) = ServerMessage::parse(text) else {
        return not_a_message();
    };
    let shown = with_messages.then(|| format!("{parsed:?}"));
    let facts = match parsed {
        ServerMessage::Notification(notification) => Facts {
            kind: "notification",
            method: Some(notification.payload.method().to_owned()),
            thread_id: notification.payload.thread_id().map(str::to_owned),
            turn_id: notification.payload.turn_id().map(str::to_owned),
            ..Facts::default()
        },
        ServerMessage::Request { id, request, .. } => Facts {
            kind: "request",
            id: Some(id),
            method: Some(request.method().to_owned()),
            thread_id: request.thread_id().map(str::to_owned),
            turn_id: request.turn_id().map(str::to_owned),
            ..Facts::default()
        },
        ServerMessage::Response { id, .. } => response("response", Some(id)),
        ServerMessage::Error { id, .. } => response("error", id),
        ServerMessage::Undecodable(message) => return malformed(&message),
        _ => response("unknown", None),
    };
    Facts {
        message: shown,
        ..facts
    }
}

fn response(kind: &'static str, id: Option<RequestId>) -> Facts {
    Facts {
        kind,
        id,
        ..Facts::default()
    }
}

fn not_a_message() -> Facts {
    response("not a message", None)
}

fn malformed(message: &Undecodable<'_>) -> Facts {
    Facts {
        method: message.envelope.method.as_deref().map(str::to_owned),
        malformed_at: Some(message.error.path().to_owned()),
        ..response("malformed", message.envelope.id.clone())
    }
}
