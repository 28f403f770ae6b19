//! Reads the lines in the ways that are compared.

use codex_types::rpc::{Notification, ServerMessage};
use serde_json::Value;

/// As plain JSON, from bytes: what everyone can do without models.
pub(crate) fn value(line: &str) -> Value {
    serde_json::from_slice(line.as_bytes()).expect("a line is JSON")
}

/// Envelope and payload as their types.
pub(crate) fn typed(line: &str) -> Notification {
    match ServerMessage::parse(line) {
        Ok(ServerMessage::Notification(notification)) => notification,
        other => panic!("not a notification: {other:?}"),
    }
}
