//! Servers that behave up to the handshake, and not at all after it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use codex_client::Launch;
use codex_client::transport::Endpoint;
use codex_client::transport::memory::{self, MemoryPeer};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::api::{Api, LIMIT, Options};

pub(crate) const DELTA: &str = "item/agentMessage/delta";
pub(crate) const COMMAND: &str = "item/commandExecution/requestApproval";

pub(crate) fn hello() -> Value {
    json!({
        "userAgent": format!("hostile/{} (x)", codex_client::types::RUNTIME_VERSION),
        "codexHome": "/hostile", "platformFamily": "unix", "platformOs": "linux",
    })
}

pub(crate) fn delta(text: &str) -> Value {
    json!({"method": DELTA, "params":
        {"threadId": "t", "turnId": "x", "itemId": "m", "delta": text}})
}

/// An event that is never dropped, of about this length.
pub(crate) fn lifecycle(length: usize) -> Value {
    let turn = json!({
        "id": "x", "items": [], "itemsView": "notLoaded", "status": "inProgress", "error": null,
        "startedAt": null, "completedAt": null, "durationMs": null, "padding": "x".repeat(length),
    });
    json!({"method": "turn/started", "params": {"threadId": "t", "turn": turn}})
}

pub(crate) fn approval(id: usize) -> Value {
    json!({"id": id, "method": COMMAND, "params":
        {"threadId": "t", "turnId": "x", "itemId": "i", "startedAtMs": 1, "command": "rm"}})
}

pub(crate) fn resolved(id: usize) -> Value {
    json!({"method": "serverRequest/resolved", "params": {"threadId": "t", "requestId": id}})
}

/// A client whose server is in the hands of the test.
pub(crate) fn manual_peer<A: Api>(options: &Options) -> (A, MemoryPeer) {
    let (transport, peer) = memory::pair();
    let client = thread::scope(|scope| {
        let connecting = scope.spawn(|| A::memory(options, transport).unwrap());
        let asked = received(&peer);
        let answer = json!({"id": asked["id"], "result": hello()});
        peer.send(answer.to_string());
        received(&peer);
        connecting.join().unwrap()
    });
    (client, peer)
}

pub(crate) fn received(peer: &MemoryPeer) -> Value {
    let frame = peer
        .receive_timeout(LIMIT)
        .expect("the client says something");
    serde_json::from_slice(&frame).unwrap()
}

/// Sends a request of the client, whose response proves that all earlier messages were read.
pub(crate) fn flush<A: Api>(client: &A, peer: &MemoryPeer) {
    thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("flush", &json!({})));
        let asked = loop {
            let message = received(peer);
            if message["method"] == "flush" {
                break message;
            }
        };
        peer.send(json!({"id": asked["id"], "result": {}}).to_string());
        asking.join().unwrap().unwrap();
    });
}

/// Starts turn `x` on thread `t`, whose approvals are in its stream.
pub(crate) fn turn<A: Api>(client: &A, deadline: Duration, server: &impl ReadWrite) -> A::Turn {
    thread::scope(|scope| {
        let starting = scope.spawn(|| client.turn(deadline).unwrap());
        let asked = server.read_message();
        assert_eq!(asked["method"], "turn/start");
        let turn =
            json!({"id": "x", "items": [], "itemsView": "notLoaded", "status": "inProgress"});
        server.write_message(&json!({"id": asked["id"], "result": {"turn": turn}}));
        starting.join().unwrap()
    })
}

/// The server's end of a connection.
pub(crate) trait ReadWrite {
    fn read_message(&self) -> Value;
    fn write_message(&self, message: &Value);
}

impl ReadWrite for MemoryPeer {
    fn read_message(&self) -> Value {
        received(self)
    }
    fn write_message(&self, message: &Value) {
        self.send(message.to_string());
    }
}

impl ReadWrite for UnixStream {
    fn read_message(&self) -> Value {
        let mut line = String::new();
        BufReader::new(self).read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
    fn write_message(&self, message: &Value) {
        let mut stream: &UnixStream = self;
        stream.write_all(format!("{message}\n").as_bytes()).unwrap();
    }
}

/// A byte stream of a websocket.
pub(crate) trait Socket: std::io::Read + std::io::Write + Send + 'static {
    fn limit(&self);
}

impl Socket for TcpStream {
    fn limit(&self) {
        self.set_read_timeout(Some(LIMIT)).unwrap();
        self.set_write_timeout(Some(LIMIT)).unwrap();
    }
}

impl Socket for UnixStream {
    fn limit(&self) {
        self.set_read_timeout(Some(LIMIT)).unwrap();
        self.set_write_timeout(Some(LIMIT)).unwrap();
    }
}

/// Serves one client, and runs this after the handshake.
fn serve<S: Socket>(stream: S, play: impl FnOnce(&mut WebSocket<S>)) {
    stream.limit();
    let mut socket = tungstenite::accept(stream).unwrap();
    let asked: Value = serde_json::from_str(socket.read().unwrap().to_text().unwrap()).unwrap();
    let answer = json!({"id": asked["id"], "result": hello()});
    socket.send(Message::text(answer.to_string())).unwrap();
    socket.read().unwrap();
    play(&mut socket);
}

/// A websocket server at a Unix socket that runs this after the handshake.
pub(crate) fn unix_websocket(
    play: impl FnOnce(&mut WebSocket<UnixStream>) + Send + 'static,
) -> (Endpoint, JoinHandle<()>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        drop(folder);
        serve(stream, play);
    });
    (Endpoint::unix(path), server)
}

/// A websocket server that runs this after the handshake.
pub(crate) fn websocket(
    play: impl FnOnce(&mut WebSocket<TcpStream>) + Send + 'static,
) -> (Endpoint, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::url(format!("ws://{}", listener.local_addr().unwrap()));
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        serve(stream, play);
    });
    (endpoint, server)
}

/// A client over lines on a socket, and the server's end of it after the handshake.
pub(crate) fn stream<A: Api>(options: &Options) -> (A, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let client = thread::scope(|scope| {
        let connecting = scope.spawn(|| A::stream(options, ours).unwrap());
        let mut lines = BufReader::new(theirs.try_clone().unwrap()).lines();
        let asked: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let answer = json!({"id": asked["id"], "result": hello()});
        (&theirs)
            .write_all(format!("{answer}\n").as_bytes())
            .unwrap();
        lines.next().unwrap().unwrap();
        connecting.join().unwrap()
    });
    theirs.set_write_timeout(Some(LIMIT)).unwrap();
    (client, theirs)
}

/// A server in a few lines of shell: completes the handshake, then runs this.
pub(crate) fn shell(then: &str) -> Launch {
    let answer = json!({"id": 1, "result": hello()});
    raw_shell(&format!("read line; echo '{answer}'; read line; {then}"))
}

/// The same without the handshake.
pub(crate) fn raw_shell(script: &str) -> Launch {
    Launch::new().binary("/bin/sh").arguments(["-c", script])
}
