//! The scripted peer, played to a client of a few lines.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use codex_client::transport::recording::{Direction, Record, Recording};
use codex_testing::scripted::{PeerEnd, Received, Replay, Role, Script, ScriptedPeer};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

struct Client {
    sender: Sender<Vec<u8>>,
    receiver: Receiver<Vec<u8>>,
}

struct ServerEnd {
    sender: Option<Sender<Vec<u8>>>,
    receiver: Receiver<Vec<u8>>,
}

impl PeerEnd for ServerEnd {
    fn send(&mut self, frame: Vec<u8>) -> bool {
        self.sender
            .as_ref()
            .is_some_and(|sender| sender.send(frame).is_ok())
    }

    fn receive(&mut self, limit: Duration) -> Received {
        match self.receiver.recv_timeout(limit) {
            Ok(frame) => Received::Frame(frame),
            Err(RecvTimeoutError::Timeout) => Received::Nothing,
            Err(RecvTimeoutError::Disconnected) => Received::Ended,
        }
    }

    fn close(&mut self) {
        self.sender = None;
    }
}

impl Client {
    fn send(&self, message: &Value) {
        // A peer that has given up does not listen any more.
        let _ = self.sender.send(message.to_string().into_bytes());
    }

    fn receive(&self) -> Vec<u8> {
        self.receiver.recv_timeout(LIMIT).unwrap()
    }

    fn receive_json(&self) -> Value {
        serde_json::from_slice(&self.receive()).unwrap()
    }

    fn is_disconnected(&self) -> bool {
        self.receiver.recv_timeout(LIMIT) == Err(RecvTimeoutError::Disconnected)
    }
}

fn play(role: impl Role) -> (ScriptedPeer, Client) {
    let (to_client, from_server) = mpsc::channel();
    let (to_server, from_client) = mpsc::channel();
    let end = ServerEnd {
        sender: Some(to_client),
        receiver: from_client,
    };
    let client = Client {
        sender: to_server,
        receiver: from_server,
    };
    (ScriptedPeer::start(role, end), client)
}

/// The message of the panic when the peer is dropped.
fn verdict(peer: ScriptedPeer) -> Result<(), String> {
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(peer)));
    dropped.map_err(|panic| panic.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn a_script_is_played_step_by_step() {
    let script = Script::new()
        .handshake()
        .expect_with("one", |params| assert_eq!(params["a"], 1))
        .expect("two")
        .reply_to("one", json!("first"))
        .reply_error(-32600, "second")
        .notify("note", json!({ "b": 2 }))
        .request(0, "ask", json!({}))
        .expect_answer(0, |answer| assert_eq!(answer["result"], "yes"))
        .send("no JSON");
    let (peer, client) = play(script);
    client.send(&json!({ "id": 1, "method": "initialize" }));
    assert_eq!(client.receive_json()["id"], 1);
    client.send(&json!({ "method": "initialized" }));
    client.send(&json!({ "id": "x", "method": "one", "params": { "a": 1 } }));
    client.send(&json!({ "id": 2, "method": "two" }));
    assert_eq!(
        client.receive_json(),
        json!({ "id": "x", "result": "first" })
    );
    assert_eq!(
        client.receive_json(),
        json!({ "id": 2, "error": { "code": -32600, "message": "second" } })
    );
    assert_eq!(
        client.receive_json(),
        json!({ "method": "note", "params": { "b": 2 } })
    );
    assert_eq!(client.receive_json()["method"], "ask");
    client.send(&json!({ "id": 0, "result": "yes" }));
    assert_eq!(client.receive(), b"no JSON");
    peer.finish(LIMIT);
    verdict(peer).unwrap();
    assert!(client.is_disconnected());
}

#[test]
fn a_script_can_close_the_connection() {
    let (peer, client) = play(Script::new().send("last words").close());
    assert_eq!(client.receive(), b"last words");
    assert!(client.is_disconnected());
    verdict(peer).unwrap();
}

#[test]
fn a_client_that_departs_from_the_script_fails_the_test() {
    let cases: [(Script, Value, &str); 5] = [
        (
            Script::new().expect("one"),
            json!({ "id": 1, "method": "two" }),
            "expected `one` from the client, got {\"id\":1,\"method\":\"two\"}",
        ),
        (
            Script::new().expect_answer(0, |_| {}),
            json!({ "id": "0", "result": {} }),
            "expected the client's answer to request 0, got",
        ),
        (
            Script::new().expect_with("one", |params| assert!(params.is_null(), "it has some")),
            json!({ "method": "one", "params": {} }),
            "it has some",
        ),
        (
            Script::new(),
            json!({ "method": "one" }),
            "expected nothing more, got",
        ),
        (
            Script::new().expect("one").reply_to("two", json!({})),
            json!({ "id": 1, "method": "one" }),
            "the script answers `two`, which nobody asked",
        ),
    ];
    for (script, message, expected) in cases {
        let (peer, client) = play(script);
        client.send(&message);
        assert!(client.is_disconnected(), "the client is left waiting");
        let said = verdict(peer).unwrap_err();
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_script_that_was_not_consumed_fails_the_test() {
    let (peer, client) = play(Script::new().expect("never"));
    drop(client);
    let start = Instant::now();
    let said = verdict(peer).unwrap_err();
    assert_eq!(
        said,
        "scripted peer: the client ended the connection, without `never` from the client"
    );
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "the end was not noticed"
    );

    let (peer, client) = play(Script::new().expect("never"));
    let waited = catch_unwind(AssertUnwindSafe(|| peer.finish(Duration::from_millis(20))));
    let said = waited.unwrap_err();
    let said = said.downcast_ref::<String>().unwrap();
    assert_eq!(
        said,
        "scripted peer: waited 20ms for `never` from the client"
    );
    drop(client);
    assert!(verdict(peer).is_err());
}

#[test]
fn a_panicking_test_is_not_made_worse() {
    let start = Instant::now();
    let panicked = catch_unwind(|| {
        let (_peer, _client) = play(Script::new().expect("never"));
        panic!("the test's own reason");
    });
    let said = panicked.unwrap_err();
    assert_eq!(said.downcast_ref::<&str>(), Some(&"the test's own reason"));
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "it waited for the script"
    );
}

#[test]
fn a_recording_is_played_by_the_same_peer() {
    let recording: Recording = [
        Record::new(Direction::Client, r#"{"id":1,"method":"one"}"#),
        Record::new(Direction::Server, r#"{"id":1,"result":{}}"#),
        Record::new(Direction::Client, r#"{"method":"two"}"#),
    ]
    .into_iter()
    .collect();
    let (peer, client) = play(Replay::new(&recording));
    client.send(&json!({ "id": 5, "method": "one" }));
    assert_eq!(client.receive_json(), json!({ "id": 5, "result": {} }));
    client.send(&json!({ "method": "two" }));
    verdict(peer).unwrap();

    let (peer, client) = play(Replay::new(&recording));
    client.send(&json!({ "id": 5, "method": "two" }));
    let said = verdict(peer).unwrap_err();
    assert!(said.contains("got the request `two`"), "{said}");
}
