//! The real runtime as a server that listens, on a port or at a socket.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use codex_testing::AppServerHarness;

/// Time limit for a server to listen, which only a failure exceeds.
const LIMIT: Duration = Duration::from_secs(120);

/// A runtime that listens; ended when dropped.
pub(crate) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Starts the runtime with its stderr piped.
fn serve(harness: &AppServerHarness, arguments: &[&str]) -> (Server, BufReader<ChildStderr>) {
    let mut server = harness
        .command()
        .arg("app-server")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(server.stderr.take().unwrap());
    (Server(server), stderr)
}

/// Drains the server's output, so that it is never stalled.
fn drain(mut stderr: BufReader<ChildStderr>) {
    std::thread::spawn(move || stderr.read_to_end(&mut Vec::new()));
}

/// Starts the runtime on a port of its choice, and returns its `ws://` URL once it listens.
pub(crate) fn listen(harness: &AppServerHarness, arguments: &[&str]) -> (Server, String) {
    let arguments = [&["--listen", "ws://127.0.0.1:0"], arguments].concat();
    let (server, mut stderr) = serve(harness, &arguments);
    let mut told = String::new();
    while !told.contains("listening on") {
        let count = stderr.read_line(&mut told).unwrap();
        assert!(count > 0, "the server ended: {told}");
    }
    drain(stderr);
    (server, address(&told))
}

/// The URL in the server's output.
fn address(told: &str) -> String {
    let rest = &told[told.find("ws://").expect("an address")..];
    let is_end = |letter: char| letter.is_whitespace() || letter == '\u{1b}';
    rest.split(is_end).next().unwrap_or_default().to_owned()
}

/// Starts the runtime at a socket, and waits until it listens.
pub(crate) fn listen_at(harness: &AppServerHarness, path: &Path) -> Server {
    let url = format!("unix://{}", path.display());
    let (server, stderr) = serve(harness, &["--listen", &url]);
    drain(stderr);
    let begin = Instant::now();
    // It prints nothing, and connecting is the only way to detect that it listens.
    while UnixStream::connect(path).is_err() {
        assert!(begin.elapsed() < LIMIT, "nobody listens at {url}");
        std::thread::yield_now();
    }
    server
}
