//! Invariants for arbitrary bytes; shared by the fuzz target and the tests.

use std::fmt::Debug;

use codex_types::rpc::{Envelope, EnvelopeKind, ServerMessage};
use codex_types::{
    ClientRequest, CodexErrorInfo, Config, McpElicitationPrimitiveSchema, RequestId,
    ServerNotification, ThreadItem, TurnStartParams,
};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

/// Reads the bytes in every way; what can be read can be written and read again.
pub(crate) fn check(data: &[u8]) {
    model::<ServerNotification>(data);
    model::<ClientRequest>(data);
    model::<ThreadItem>(data);
    model::<CodexErrorInfo>(data);
    model::<McpElicitationPrimitiveSchema>(data);
    model::<Config>(data);
    model::<TurnStartParams>(data);
    model::<RequestId>(data);
    if let Ok(text) = std::str::from_utf8(data) {
        envelope(text);
        message(text);
    }
}

fn model<T: Serialize + DeserializeOwned + Debug + PartialEq>(data: &[u8]) {
    match serde_json::from_slice::<T>(data) {
        Ok(model) => {
            let written = serde_json::to_string(&model).expect("a model can be written");
            let again: T = serde_json::from_str(&written).expect("what was written can be read");
            assert_eq!(model, again, "{written}");
        }
        Err(error) => {
            let error = codex_types::DecodeError::from(error);
            let _ = (error.path(), error.problem());
        }
    }
}

fn envelope(text: &str) {
    if let Ok(envelope) = Envelope::parse(text) {
        let written = serde_json::to_string(&envelope).expect("an envelope can be written");
        let again = Envelope::parse(&written).expect("what was written can be read");
        assert_eq!(format!("{envelope:?}"), format!("{again:?}"));
    }
}

fn message(text: &str) {
    if let Ok(message) = ServerMessage::parse(text) {
        if let ServerMessage::Undecodable(damaged) = &message {
            if damaged.envelope.kind() == EnvelopeKind::Invalid {
                return; // A broken response: only its id was found.
            }
        }
        let written = serde_json::to_string(&message).expect("a message can be written");
        let again = ServerMessage::parse(&written).expect("what was written can be read");
        let again = serde_json::to_string(&again).expect("a message can be written");
        // What was found in broken JSON comes in another order than it is written.
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        assert!(
            written == again || value(&written) == value(&again),
            "{written}\n{again}"
        );
    }
}
