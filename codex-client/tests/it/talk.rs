//! Messages of scripted peers, and the connection of a client to one.

use codex_client::transport::memory::{self, MemoryPeer};
use codex_testing::scripted::{Script, ScriptedPeer};
use serde_json::{Value, json};

use crate::mode::{LIMIT, Mode, Setup};

/// A client that is connected to a peer that follows this script after the handshake.
pub(crate) fn scripted<M: Mode>(
    setup: &Setup,
    script: impl FnOnce(Script) -> Script,
) -> (M, ScriptedPeer) {
    let (transport, end) = memory::pair();
    let peer = ScriptedPeer::start(script(Script::new().handshake()), end);
    (M::connect(setup, transport).unwrap(), peer)
}

/// A client whose peer is played by the test, step by step.
pub(crate) fn manual_peer<M: Mode>(setup: &Setup) -> (M, ManualPeer) {
    let (transport, end) = memory::pair();
    let peer = ManualPeer(end);
    let connected = std::thread::scope(|scope| {
        let connecting = scope.spawn(|| M::connect(setup, transport).unwrap());
        let initialize = peer.receive();
        peer.answer(&initialize, &initialized("tests/0.169.0 (x)"));
        let connected = connecting.join().unwrap();
        assert_eq!(peer.receive()["method"], "initialized");
        connected
    });
    (connected, peer)
}

/// The server's end of a connection, controlled by a test.
pub(crate) struct ManualPeer(pub(crate) MemoryPeer);

impl ManualPeer {
    /// The next message of the client.
    pub(crate) fn receive(&self) -> Value {
        let frame = self
            .0
            .receive_timeout(LIMIT)
            .expect("the client says something");
        serde_json::from_slice(&frame).unwrap()
    }

    /// Returns whether the client sends nothing for a moment.
    pub(crate) fn is_quiet(&self) -> bool {
        self.0
            .receive_timeout(std::time::Duration::from_millis(50))
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
