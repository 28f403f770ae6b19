//! What scripted peers say, and how a client is connected to one.

use codex_client::transport::memory::{self, MemoryPeer};
use codex_testing::scripted::{Script, ScriptedPeer};
use serde_json::{Value, json};

use crate::face::{Face, LIMIT, Setup};

/// A client that is connected to a peer that follows this script after the handshake.
pub(crate) fn scripted<F: Face>(
    setup: &Setup,
    script: impl FnOnce(Script) -> Script,
) -> (F, ScriptedPeer) {
    let (transport, end) = memory::pair();
    let peer = ScriptedPeer::start(script(Script::new().handshake()), end);
    (F::connect(setup, transport).unwrap(), peer)
}

/// A client whose peer is played by the test, step by step.
pub(crate) fn by_hand<F: Face>(setup: &Setup) -> (F, Hand) {
    let (transport, end) = memory::pair();
    let hand = Hand(end);
    let connected = std::thread::scope(|scope| {
        let connecting = scope.spawn(|| F::connect(setup, transport).unwrap());
        let initialize = hand.receive();
        hand.answer(&initialize, &initialized("tests/0.169.0 (x)"));
        let connected = connecting.join().unwrap();
        assert_eq!(hand.receive()["method"], "initialized");
        connected
    });
    (connected, hand)
}

/// The server's end of a connection, in the hands of a test.
pub(crate) struct Hand(pub(crate) MemoryPeer);

impl Hand {
    /// The next message of the client.
    pub(crate) fn receive(&self) -> Value {
        let frame = self
            .0
            .receive_within(LIMIT)
            .expect("the client says something");
        serde_json::from_slice(&frame).unwrap()
    }

    /// Whether the client says nothing for a moment.
    pub(crate) fn is_quiet(&self) -> bool {
        self.0
            .receive_within(std::time::Duration::from_millis(50))
            .is_none()
    }

    pub(crate) fn send(&self, message: &Value) {
        assert!(self.0.send(message.to_string()));
    }

    pub(crate) fn answer(&self, request: &Value, result: &Value) {
        self.send(&json!({"id": request["id"], "result": result}));
    }

    pub(crate) fn refuse(&self, request: &Value, code: i64, message: &str) {
        let error = json!({"code": code, "message": message});
        self.send(&json!({"error": error, "id": request["id"]}));
    }
}

pub(crate) fn initialized(user_agent: &str) -> Value {
    json!({
        "userAgent": user_agent,
        "codexHome": "/scripted",
        "platformFamily": "unix",
        "platformOs": "linux",
    })
}

pub(crate) fn turn(id: &str, status: &str) -> Value {
    json!({
        "id": id, "items": [], "itemsView": "notLoaded", "status": status, "error": null,
        "startedAt": null, "completedAt": null, "durationMs": null,
    })
}

pub(crate) fn turn_response(id: &str) -> Value {
    json!({"turn": turn(id, "inProgress")})
}

pub(crate) fn delta(thread: &str, turn: &str, text: &str) -> Value {
    json!({"threadId": thread, "turnId": turn, "itemId": "m", "delta": text})
}

pub(crate) fn completed(thread: &str, id: &str) -> Value {
    json!({"threadId": thread, "turn": turn(id, "completed")})
}

pub(crate) fn approval(command: &str) -> Value {
    json!({
        "threadId": "t", "turnId": "x", "itemId": "i", "startedAtMs": 1, "command": command,
    })
}

pub(crate) const DELTA: &str = "item/agentMessage/delta";
pub(crate) const COMPLETED: &str = "turn/completed";
pub(crate) const COMMAND: &str = "item/commandExecution/requestApproval";
