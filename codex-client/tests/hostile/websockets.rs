//! Attacks over websockets.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use codex_client::transport::Endpoint;
use codex_client::{CloseReason, Error};
use serde_json::json;
use tungstenite::protocol::CloseFrame;
use tungstenite::{Message, WebSocket};

use crate::api::{Api, LIMIT, Options, attacks};
use crate::figures::wait_for_clients_to_end;
use crate::servers::{Socket, delta, unix_websocket, websocket};

attacks! {
    header_claims_a_tebibyte: 32 MiB, 60 s;
    header_claims_the_largest_number: 32 MiB, 60 s;
    header_claims_one_byte_more_than_allowed: 32 MiB, 60 s;
    fragments_never_end: 64 MiB, 60 s;
    fragments_are_empty_and_many: 32 MiB, 60 s;
    fragments_are_tiny: 64 MiB, 60 s;
    message_is_too_long: 64 MiB, 60 s;
    pings_flood_and_nothing_is_read: 32 MiB, 60 s;
    nothing_is_read_and_the_client_is_dropped: 96 MiB, 60 s;
    nothing_is_read_and_the_client_is_closed: 64 MiB, 60 s;
    nothing_is_read_for_too_long: 64 MiB, 60 s;
    pings_flood_while_writing_is_blocked: 64 MiB, 60 s;
    unix_socket_is_not_read: 96 MiB, 60 s;
    unix_socket_is_flooded_with_pings: 32 MiB, 60 s;
    server_falls_silent: 32 MiB, 60 s;
    frames_break_the_protocol: 32 MiB, 60 s;
    close_codes_are_reported: 32 MiB, 60 s;
    close_is_not_confirmed: 32 MiB, 60 s;
}

/// Runs a server that writes these bytes after the handshake; returns the reason of the client's
/// close.
fn why_after<A: Api>(bytes: Vec<u8>) -> String {
    let (endpoint, server) = websocket(move |socket| {
        let _ = socket.get_mut().write_all(&bytes);
        until_closed(socket);
    });
    let client = A::websocket(&Options::default(), &endpoint).unwrap();
    let why = client.why();
    drop(client);
    server.join().unwrap();
    why
}

fn until_closed(socket: &mut WebSocket<TcpStream>) {
    let mut buffer = [0; 4096];
    while matches!(socket.get_mut().read(&mut buffer), Ok(count) if count > 0) {}
}

fn header(length: u64) -> Vec<u8> {
    let mut bytes = vec![0x81, 127];
    bytes.extend(length.to_be_bytes());
    bytes
}

fn names_the_option(why: &str) {
    assert!(why.contains("max_message_size"), "{why}");
    assert!(why.contains(&(8 << 20).to_string()), "{why}");
}

fn header_claims_a_tebibyte<A: Api>() {
    names_the_option(&why_after::<A>(header(1 << 40)));
}

fn header_claims_the_largest_number<A: Api>() {
    for length in [u64::MAX, u64::MAX - 1, 1 << 63, i64::MAX.unsigned_abs()] {
        names_the_option(&why_after::<A>(header(length)));
    }
}

fn header_claims_one_byte_more_than_allowed<A: Api>() {
    names_the_option(&why_after::<A>(header((8 << 20) + 1)));
}

/// A fragment of so many bytes: the first, or one that continues it.
fn fragment(first: bool, length: usize) -> Vec<u8> {
    let mut bytes = vec![u8::from(first), 127];
    bytes.extend((length as u64).to_be_bytes());
    bytes.resize(bytes.len() + length, b'x');
    bytes
}

fn fragments_never_end<A: Api>() {
    let (endpoint, server) = websocket(|socket| {
        let mut first = true;
        while socket
            .get_mut()
            .write_all(&fragment(first, 64 << 10))
            .is_ok()
        {
            first = false;
        }
    });
    let client = A::websocket(&Options::default(), &endpoint).unwrap();
    names_the_option(&client.why());
    drop(client);
    server.join().unwrap();
}

/// Every byte of a message is a fragment, with a ping in between.
fn fragments_are_tiny<A: Api>() {
    let text = delta(&"x".repeat(200_000)).to_string();
    let mut bytes = Vec::new();
    for (number, byte) in text.bytes().enumerate() {
        let is_last = number + 1 == text.len();
        let opcode = u8::from(number == 0);
        bytes.extend([opcode | (u8::from(is_last) << 7), 1, byte, 0x89, 0]);
    }
    let (endpoint, server) = websocket(move |socket| {
        socket.get_mut().write_all(&bytes).unwrap();
        until_closed(socket);
    });
    let client = A::websocket(&Options::default(), &endpoint).unwrap();
    let mut events = client.thread("t");
    let event = client.next(&mut events).unwrap().unwrap();
    assert_eq!(event.raw(), text);
    drop((client, events));
    server.join().unwrap();
}

fn fragments_are_empty_and_many<A: Api>() {
    let mut bytes = fragment(true, 0);
    bytes.extend(fragment(false, 0).repeat(100_000));
    bytes.extend([0x88, 0]);
    let why = why_after::<A>(bytes);
    assert!(why.contains("ended its output"), "{why}");
}

fn message_is_too_long<A: Api>() {
    let mut bytes = header(9 << 20);
    bytes.resize(9 << 20, b'x');
    names_the_option(&why_after::<A>(bytes));
}

fn pings_flood_and_nothing_is_read<A: Api>() {
    let (endpoint, server) = websocket(|socket| {
        let stream = socket.get_mut();
        stream
            .set_write_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        flood_with_pings(stream);
    });
    let client = A::websocket(&Options::default(), &endpoint).unwrap();
    server.join().unwrap();
    drop(client);
}

fn pings_flood_while_writing_is_blocked<A: Api>() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let (endpoint, server) = websocket(move |socket| {
        // The client is writing from now on.
        let _ = receiver.recv_timeout(LIMIT);
        flood_with_pings(socket.get_mut());
        socket.send(Message::text(delta("x").to_string())).unwrap();
        let _ = receiver.recv_timeout(LIMIT);
    });
    let client = unread_at::<A>(&Options::default(), &endpoint);
    let mut events = client.thread("t");
    sender.send(()).unwrap();
    assert!(client.next(&mut events).unwrap().is_ok());
    drop((client, events, sender));
    server.join().unwrap();
}

fn flood_with_pings(stream: &mut impl Socket) {
    let pings = [[0x89, 125].as_slice(), &[7; 125]].concat().repeat(500);
    for _ in 0..1000 {
        if stream.write_all(&pings).is_err() {
            break;
        }
    }
}

fn unix_socket_is_flooded_with_pings<A: Api>() {
    let (endpoint, server) = unix_websocket(|socket| {
        let stream = socket.get_mut();
        stream
            .set_write_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        flood_with_pings(stream);
    });
    let client = A::websocket(&Options::default(), &endpoint).unwrap();
    server.join().unwrap();
    drop(client);
}

/// Time limit for a client to end after its close, whose graces are half a second here and which
/// has as long again, on a loaded machine. A write would have thirty seconds.
const ENDED: Duration = Duration::from_secs(8);

/// A client that has written more than a server reads that reads nothing.
fn unread<A: Api>(options: &Options) -> (A, thread::JoinHandle<()>, std::sync::mpsc::Sender<()>) {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let (endpoint, server) = websocket(move |_| {
        let _ = receiver.recv_timeout(LIMIT);
    });
    let client = unread_at(options, &endpoint);
    (client, server, sender)
}

fn unread_at<A: Api>(options: &Options, endpoint: &Endpoint) -> A {
    let client = A::websocket(options, endpoint).unwrap();
    let note = json!("x".repeat(4 << 20));
    for _ in 0..4 {
        client.notify("note", &note).unwrap();
    }
    client
}

fn unix_socket_is_not_read<A: Api>() {
    let impatient = Options {
        write_timeout: Some(Duration::from_millis(200)),
        ..Options::default()
    };
    for number in 0..3 {
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        let (endpoint, server) = unix_websocket(move |_| {
            let _ = receiver.recv_timeout(LIMIT);
        });
        match number {
            0 => drop(unread_at::<A>(&Options::default(), &endpoint)),
            1 => drop(unread_at::<A>(&Options::default(), &endpoint).close()),
            _ => {
                let client = A::websocket(&impatient, &endpoint).unwrap();
                let note = json!("x".repeat(60 << 10));
                while client.notify("note", &note).is_ok() && !is_closed(&client) {}
                let why = client.why();
                assert!(why.contains("write_timeout"), "{why}");
            }
        }
        wait_for_clients_to_end(ENDED);
        drop(sender);
        server.join().unwrap();
    }
}

fn nothing_is_read_and_the_client_is_dropped<A: Api>() {
    let clients: Vec<_> = (0..2).map(|_| unread::<A>(&Options::default())).collect();
    let (clients, servers): (Vec<_>, Vec<_>) = clients
        .into_iter()
        .map(|(client, server, end)| (client, (server, end)))
        .unzip();
    drop(clients);
    // No server has read or closed anything.
    wait_for_clients_to_end(ENDED);
    for (server, end) in servers {
        drop(end);
        server.join().unwrap();
    }
}

fn nothing_is_read_and_the_client_is_closed<A: Api>() {
    let (client, server, end) = unread::<A>(&Options::default());
    client.close();
    assert_eq!(client.closed().reason(), &CloseReason::ByClient);
    wait_for_clients_to_end(ENDED);
    drop(end);
    server.join().unwrap();
}

fn nothing_is_read_for_too_long<A: Api>() {
    let options = Options {
        // A second more is granted for each 64 KiB that are written at once.
        write_timeout: Some(Duration::from_millis(200)),
        ..Options::default()
    };
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let (endpoint, server) = websocket(move |_| {
        let _ = receiver.recv_timeout(LIMIT);
    });
    let client = A::websocket(&options, &endpoint).unwrap();
    let note = json!("x".repeat(60 << 10));
    while client.notify("note", &note).is_ok() && !is_closed(&client) {}
    let why = client.why();
    assert!(why.contains("write_timeout"), "{why}");
    wait_for_clients_to_end(ENDED);
    drop((client, sender));
    server.join().unwrap();
}

fn is_closed<A: Api>(client: &A) -> bool {
    matches!(client.notify("x", &json!({})), Err(Error::Closed(_)))
}

fn server_falls_silent<A: Api>() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let (endpoint, server) = websocket(move |socket| {
        let event = Message::text(delta("x").to_string());
        socket.send(event).unwrap();
        // Like a lost machine: the connection stays open without any traffic.
        let _ = receiver.recv_timeout(LIMIT);
    });
    let endpoint = endpoint.heartbeat(Duration::from_millis(50), Duration::from_millis(400));
    let client = A::websocket(&Options::default(), &endpoint).unwrap();
    let why = client.why();
    assert!(why.contains("Endpoint::heartbeat"), "{why}");
    drop((client, sender));
    server.join().unwrap();
}

fn frames_break_the_protocol<A: Api>() {
    let broken: [&[u8]; 8] = [
        b"\x81\x85masked!!!",
        b"\x81\x02\xff\xfe",
        b"\x83\x01x",
        b"\x8b\x00",
        b"\xf1\x00",
        b"\x80\x01x",
        b"\x09\x00",
        b"HTTP/1.1 500 Internal Server Error\r\n\r\n",
    ];
    for bytes in broken {
        // Long enough for any length that it claims.
        let why = why_after::<A>(bytes.repeat(100));
        assert!(why.contains("the transport failed"), "{bytes:?}: {why}");
    }
}

fn close_codes_are_reported<A: Api>() {
    for (code, reason) in [
        (1008, "token expired"),
        (1013, "later\r\nplease"),
        (1009, ""),
        (4001, "own"),
    ] {
        let (endpoint, server) = websocket(move |socket| {
            let frame = CloseFrame {
                code: code.into(),
                reason: reason.into(),
            };
            socket.close(Some(frame)).unwrap();
            while socket.read().is_ok() {}
        });
        let client = A::websocket(&Options::default(), &endpoint).unwrap();
        let closed = client.closed();
        let expected = CloseReason::WebSocket {
            code,
            reason: reason.to_owned(),
        };
        assert_eq!(closed.reason(), &expected);
        let shown = closed.to_string();
        assert!(
            shown.contains(&code.to_string()) && !shown.contains('\n'),
            "{shown}"
        );
        drop(client);
        server.join().unwrap();
    }
}

fn close_is_not_confirmed<A: Api>() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let (endpoint, server) = websocket(move |_| {
        let _ = receiver.recv_timeout(LIMIT);
    });
    let client = A::websocket(&Options::default(), &endpoint).unwrap();
    client.close();
    wait_for_clients_to_end(ENDED);
    drop((client, sender));
    server.join().unwrap();
}
