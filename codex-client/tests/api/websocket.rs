//! Connections of the blocking API to a running server, over websockets.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use codex_client::blocking::{Codex, CodexBuilder, Handlers};
use codex_client::transport::Endpoint;
use codex_client::types::{CommandExecutionApprovalDecision, TurnStatus};
use codex_client::{ApprovalMode, Error};
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::listening_runtime::{self, Server, listen_at};
use crate::support::{LIMIT, harness};

fn listen(harness: &AppServerHarness, arguments: &[&str]) -> (Server, Endpoint) {
    let (server, address) = listening_runtime::listen(harness, arguments);
    (server, Endpoint::url(address))
}

fn builder() -> CodexBuilder {
    Codex::builder().request_deadline(LIMIT)
}

fn run_a_turn(harness: &AppServerHarness, codex: &Codex) {
    let reply = Reply::streaming(["Hello", "!"]);
    harness.responses().enqueue(reply);
    let thread = codex.thread_start().call().unwrap();
    let mut turn = thread.turn("hi").call().unwrap();
    let text: Result<String, Error> = turn.text_deltas().collect();
    assert_eq!(text.unwrap(), "Hello!");
    assert_eq!(turn.run().unwrap().final_response.unwrap(), "Hello!");
}

#[test]
fn a_blocking_turn_runs_over_tcp() {
    let harness = harness();
    let (server, endpoint) = listen(&harness, &[]);
    let codex = builder().transport(&endpoint).build().unwrap();
    let other = builder().transport(&endpoint).build().unwrap();
    run_a_turn(&harness, &codex);
    assert_eq!(codex.close(), None);
    // Ending one connection leaves the server and the others alone.
    run_a_turn(&harness, &other);
    drop(server);
    other.client().closed();
    assert!(other.thread_start().call().unwrap_err().is_closed());
}

#[test]
fn blocking_turn_runs_over_a_unix_socket() {
    let harness = harness();
    let path = harness.workspace().join("socket");
    let _server = listen_at(&harness, &path);
    let codex = builder().experimental_api(true);
    let codex = codex.transport(Endpoint::unix(&path)).build().unwrap();
    run_a_turn(&harness, &codex);
    // More than the 16 MiB that the server takes in one piece, there and back.
    let text = "x".repeat(20 << 20);
    let file = harness.workspace().join("large");
    let params = json!({"path": file, "dataBase64": text});
    codex.client().request_raw("fs/writeFile", &params).unwrap();
    let read = codex
        .client()
        .request_raw("fs/readFile", &json!({"path": file}));
    let read: Value = serde_json::from_str(read.unwrap().get()).unwrap();
    assert_eq!(read["dataBase64"].as_str().unwrap().len(), text.len());
}

#[test]
fn approvals_and_interruptions_work_over_a_blocking_socket() {
    let harness = harness();
    let (_server, endpoint) = listen(&harness, &[]);
    let accept = Handlers::new().on_command(|_, _| Ok(CommandExecutionApprovalDecision::Accept));
    let codex = builder()
        .handler(accept)
        .transport(&endpoint)
        .build()
        .unwrap();
    let arguments = json!({
        "cmd": "touch proof", "sandbox_permissions": "require_escalated", "justification": "why not",
    });
    let gate = Gate::new();
    harness.responses().enqueue_all([
        Reply::new().function_call("call", "exec_command", arguments),
        Reply::assistant("done"),
        Reply::streaming(["wait"]).gate(&gate).delta(" for it"),
    ]);
    let thread = codex.thread_start().approval_mode(ApprovalMode::AskClient);
    let thread = thread.call().unwrap();
    thread.run("touch it").call().unwrap();
    assert!(harness.workspace().join("proof").exists());

    let mut turn = thread.turn("and then").call().unwrap();
    gate.wait_reached(LIMIT).unwrap();
    turn.interrupt().call().unwrap();
    assert_eq!(turn.run().unwrap().status, TurnStatus::Interrupted);
    gate.release();
}

#[test]
fn token_is_only_sent_to_the_server() {
    let harness = harness();
    let file = harness.workspace().join("token");
    std::fs::write(&file, "open sesame").unwrap();
    let file = file.to_str().unwrap();
    let arguments = ["--ws-auth", "capability-token", "--ws-token-file", file];
    let (_server, endpoint) = listen(&harness, &arguments);
    let wrong = endpoint.clone().bearer_token("open barley");
    let error = builder().transport(&wrong).build().unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error}");
    assert!(error.to_string().contains("401"), "{error}");
    assert!(!format!("{error:?} {error} {wrong:?}").contains("open"));
    let endpoint = endpoint.bearer_token("open sesame");
    let codex = builder().transport(&endpoint).build().unwrap();
    run_a_turn(&harness, &codex);
}

#[test]
fn unreachable_server_is_a_clear_error() {
    let endpoint = Endpoint::unix("/nowhere/socket");
    let error = builder()
        .transport(&endpoint)
        .build()
        .unwrap_err()
        .to_string();
    let expected = "could not connect to unix:///nowhere/socket";
    assert!(error.starts_with(expected), "{error}");
    let error = builder()
        .transport(Endpoint::url("https://127.0.0.1:1"))
        .build();
    let error = error.unwrap_err().to_string();
    assert!(error.contains("URL scheme not supported"), "{error}");

    // A server that accepts the connection and stays silent.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::url(format!("ws://{}", silent.local_addr().unwrap()));
    let hasty = Codex::builder().request_deadline(Duration::from_millis(50));
    let error = hasty.transport(&endpoint).build().unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
}

type Peer = WebSocket<TcpStream>;

/// A server that follows a script after the handshake.
fn peer(play: impl FnOnce(&mut Peer) + Send + 'static) -> (Endpoint, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::url(format!("ws://{}", listener.local_addr().unwrap()));
    let peer = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut socket = tungstenite::accept(stream).unwrap();
        let hello: Value = heard(&mut socket);
        assert_eq!(hello["method"], "initialize");
        let result = json!({
            "userAgent": format!("test/{} (x)", codex_client::types::RUNTIME_VERSION),
            "codexHome": "/home", "platformFamily": "unix", "platformOs": "linux",
        });
        say(&mut socket, &json!({"id": hello["id"], "result": result}));
        assert_eq!(heard(&mut socket)["method"], "initialized");
        play(&mut socket);
    });
    (endpoint, peer)
}

fn heard(socket: &mut Peer) -> Value {
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn say(socket: &mut Peer, message: &Value) {
    socket.send(Message::text(message.to_string())).unwrap();
}

#[test]
fn pings_are_answered_without_other_traffic() {
    let (endpoint, peer) = peer(|socket| {
        for number in 0..3_u8 {
            socket.send(Message::Ping(vec![number].into())).unwrap();
            let answer = socket.read().unwrap();
            assert_eq!(answer, Message::Pong(vec![number].into()));
        }
        // Pings amid events, and many events at once.
        let event = json!({"method": "unheard/of", "params": {}});
        for _ in 0..1000 {
            socket.send(Message::Ping(Vec::new().into())).unwrap();
            say(socket, &event);
        }
        say(socket, &json!({"method": "the/end", "params": {}}));
        let asked = heard(socket);
        say(socket, &json!({"id": asked["id"], "result": {"data": []}}));
    });
    let codex = builder().transport(&endpoint).build().unwrap();
    let events = codex.events().unwrap();
    let methods = events.map(|event| event.unwrap().method().to_owned());
    let seen = methods.take_while(|method| method != "the/end").count();
    assert_eq!(seen, 1000);
    assert!(codex.models().call().unwrap().data.is_empty());
    drop(codex);
    peer.join().unwrap();
}

#[test]
fn both_sides_can_end_it() {
    let (endpoint, first) = peer(|socket| {
        socket.close(None).unwrap();
        // The client confirms.
        while socket.read().is_ok() {}
    });
    let codex = builder().transport(&endpoint).build().unwrap();
    codex.client().closed();
    first.join().unwrap();

    // Frames that were sent before are received, and then the end.
    let (sender, receiver) = channel();
    let (endpoint, second) = peer(move |socket| {
        assert_eq!(heard(socket)["method"], "last/words");
        let end = socket.read().unwrap();
        assert!(matches!(end, Message::Close(_)), "{end:?}");
        while socket.read().is_ok() {}
        sender.send(()).unwrap();
    });
    let codex = builder().transport(&endpoint).build().unwrap();
    codex.client().notify("last/words", &json!({})).unwrap();
    assert_eq!(codex.close(), None);
    receiver.recv_timeout(LIMIT).unwrap();
    second.join().unwrap();
}

#[test]
fn a_server_that_does_not_confirm_the_end_is_left() {
    let (sender, receiver) = channel();
    let (endpoint, peer) = peer(move |socket| {
        // The end of the connection without a closing message is recognized.
        let mut stream = socket.get_ref();
        let read = stream.read_to_end(&mut Vec::new());
        sender.send(read.is_ok()).unwrap();
    });
    let codex = builder().transport(&endpoint).build().unwrap();
    drop(codex);
    assert!(receiver.recv_timeout(LIMIT).unwrap());
    peer.join().unwrap();
}
