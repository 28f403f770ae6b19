//! Attacks before the connection is established: on the handshake of a websocket, and on the
//! initialization.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use codex_client::Error;
use codex_client::transport::Endpoint;
use serde_json::json;

use crate::api::{Api, LIMIT, Options, attacks};
use crate::servers::ReadWrite as _;

attacks! {
    handshake_is_never_answered: 32 MiB, 60 s;
    handshake_is_answered_byte_by_byte: 32 MiB, 60 s;
    handshake_answers_something_else: 32 MiB, 60 s;
    handshake_headers_never_end: 32 MiB, 60 s;
    handshake_header_never_ends: 32 MiB, 60 s;
    rejection_has_a_long_body: 32 MiB, 60 s;
    initialization_is_rejected_at_length: 128 MiB, 60 s;
    initialization_is_something_else: 128 MiB, 60 s;
}

/// Runs a server without the protocol; returns the client's error.
fn error_at<A: Api>(play: impl FnOnce(TcpStream) + Send + 'static) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::url(format!("ws://{}", listener.local_addr().unwrap()));
    let server = thread::spawn(move || play(listener.accept().unwrap().0));
    let options = Options {
        deadline: Duration::from_millis(500),
        ..Options::default()
    };
    let error = A::websocket(&options, &endpoint).err().unwrap();
    server.join().unwrap();
    error
}

fn handshake_is_never_answered<A: Api>() {
    let error = error_at::<A>(|mut stream| drop(stream.read_to_end(&mut Vec::new())));
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
}

fn handshake_answers_something_else<A: Api>() {
    for answer in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "SSH-2.0-x\r\n\r\n",
        "\r\n\r\n",
        "\0\0\0\0",
    ] {
        let error = error_at::<A>(move |mut stream| {
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        });
        assert!(
            matches!(error, Error::Connect { .. }),
            "{answer:?}: {error}"
        );
    }
}

/// Until the client leaves, at most for a while.
fn drip(mut stream: TcpStream, bytes: impl Iterator<Item = u8>) {
    stream.set_nodelay(true).unwrap();
    // A pause between two bytes, unless the client leaves.
    let pause = Duration::from_millis(20);
    stream.set_read_timeout(Some(pause)).unwrap();
    let begin = Instant::now();
    for byte in bytes {
        let is_left = stream.write_all(&[byte]).is_err();
        let mut request = [0; 1024];
        let is_left = is_left || matches!(stream.read(&mut request), Ok(0));
        if is_left || begin.elapsed() > LIMIT {
            break;
        }
    }
    assert!(begin.elapsed() < LIMIT / 2, "{:?}", begin.elapsed());
}

fn handshake_is_answered_byte_by_byte<A: Api>() {
    let begin = Instant::now();
    let error = error_at::<A>(|stream| {
        let answer = b"HTTP/1.1 101 Switching Protocols\r\nX-Header: "
            .iter()
            .copied();
        drip(stream, answer.chain(std::iter::repeat(b'x')));
    });
    // Each byte is progress, and the deadline is that of all of them.
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(10));
}

fn handshake_header_never_ends<A: Api>() {
    let error = error_at::<A>(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nX-Header: ");
        let value = vec![b'x'; 1 << 20];
        while stream.write_all(&value).is_ok() {}
    });
    assert!(
        matches!(error, Error::Connect { .. } | Error::Timeout { .. }),
        "{error}"
    );
    let shown = format!("{error} {error:?}");
    assert!(shown.len() < 2000, "{} bytes", shown.len());
}

fn rejection_has_a_long_body<A: Api>() {
    let error = error_at::<A>(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 99999999999\r\n\r\n");
        let body = vec![b'x'; 1 << 20];
        while stream.write_all(&body).is_ok() {}
    });
    assert!(matches!(error, Error::Connect { .. }), "{error}");
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("403") && shown.len() < 2000,
        "{} bytes",
        shown.len()
    );
}

/// Answers `initialize` on a byte stream with these bytes; returns the client's error.
fn error_of_initialization<A: Api>(answer: &[u8]) -> Error {
    let (ours, theirs) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        let options = Options {
            deadline: Duration::from_secs(10),
            ..Options::default()
        };
        let connecting = scope.spawn(move || A::stream(&options, ours).err().unwrap());
        assert_eq!(theirs.read_message()["method"], "initialize");
        let _ = (&theirs).write_all(answer);
        connecting.join().unwrap()
    })
}

fn initialization_is_rejected_at_length<A: Api>() {
    let text = "secret ".repeat(1 << 20);
    let error = json!({"code": 1, "message": text, "data": text});
    let error =
        error_of_initialization::<A>(format!("{}\n", json!({"id": 1, "error": error})).as_bytes());
    assert!(format!("{error:?}").len() < 10_000, "{error:?}");
    assert!(error.to_string().len() < 10_000);
}

fn initialization_is_something_else<A: Api>() {
    let text = "x".repeat(7 << 20);
    for result in [
        json!({"userAgent": 7}),
        json!({"userAgent": {"a": text}}),
        json!([text]),
        json!(text),
    ] {
        let answer = format!("{}\n", json!({"id": 1, "result": result}));
        let error = error_of_initialization::<A>(answer.as_bytes());
        assert!(matches!(error, Error::Decode(_)), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(shown.len() < 10_000, "{} bytes", shown.len());
    }
    let nested = format!("{{\"id\":1,\"result\":{}\n", "[".repeat(1 << 20));
    let error = error_of_initialization::<A>(nested.as_bytes());
    let shown = format!("{error} {error:?}");
    assert!(shown.len() < 10_000, "{} bytes", shown.len());
}

fn handshake_headers_never_end<A: Api>() {
    let error = error_at::<A>(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n");
        let header = b"X-Header: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n".repeat(1000);
        while stream.write_all(&header).is_ok() {}
    });
    assert!(
        matches!(error, Error::Connect { .. } | Error::Timeout { .. }),
        "{error}"
    );
}
