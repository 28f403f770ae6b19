//! A client of a process whose other end is the test: the pipes are real, the server is not.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Command;
use std::thread;

use codex_client::{Client, Error, Launch, blocking};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::talk::initialized;

/// A client of either API, and the other ends of its pipes.
pub(crate) struct Piped<C> {
    pub(crate) client: C,
    output: File,
    input: BufReader<File>,
    _folder: TempDir,
}

impl Piped<blocking::Client> {
    pub(crate) fn start() -> Self {
        Self::build(blocking::Client::builder())
    }

    pub(crate) fn build(builder: blocking::ClientBuilder) -> Self {
        let (folder, launch) = process();
        Self::open(builder.launch(launch).build().unwrap(), folder)
    }
}

impl Piped<Client> {
    pub(crate) async fn start_async() -> Self {
        let (folder, launch) = process();
        let client = Client::builder().launch(launch).build().await;
        Self::open(client.unwrap(), folder)
    }
}

/// A process that speaks the handshake, and then copies between its pipes and two files of a folder.
fn process() -> (TempDir, Launch) {
    let folder = tempfile::tempdir().unwrap();
    let [to, from] = ["to", "from"].map(|name| folder.path().join(name));
    let made = Command::new("mkfifo").args([&to, &from]).status();
    assert!(made.unwrap().success());
    let hello = json!({"id": 1, "result": initialized("shell/0.169.0 (sh)")});
    let (to, from) = (to.display(), from.display());
    let script = format!("read line; echo '{hello}'; read line; cat {to} & exec cat >{from}");
    let launch = Launch::new().binary("/bin/sh").arguments(["-c", &script]);
    (folder, launch)
}

impl<C> Piped<C> {
    fn open(client: C, folder: TempDir) -> Self {
        let [to, from] = ["to", "from"].map(|name| folder.path().join(name));
        Self {
            client,
            output: File::options().write(true).open(to).unwrap(),
            input: BufReader::new(File::open(from).unwrap()),
            _folder: folder,
        }
    }

    pub(crate) fn send(&mut self, message: &Value) {
        writeln!(self.output, "{message}").unwrap();
    }

    /// An event of this thread.
    pub(crate) fn event(&mut self, thread: &str) {
        self.send(&json!({"method": "thread/closed", "params": {"threadId": thread}}));
    }

    /// Sends what no thread waits for, so that the only one that waits begins to read.
    pub(crate) fn others(&mut self) {
        for _ in 0..5 {
            self.event("other");
            (0..50).for_each(|_| thread::yield_now());
        }
    }

    /// The next line; empty at the end.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.input.read_line(&mut line).unwrap();
        line
    }

    pub(crate) fn receive(&mut self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Answers the next request, and returns it.
    pub(crate) fn answer(&mut self) -> Value {
        let request = self.receive();
        self.send(&json!({"id": request["id"], "result": {}}));
        request
    }

    /// Sends frames of all sizes from three threads, and fails unless those of each arrive in order.
    pub(crate) fn assert_order(&mut self, notify: impl Fn(&Value) -> Result<(), Error> + Sync) {
        const FRAMES: usize = 300;
        thread::scope(|scope| {
            for sender in 0..3_usize {
                let notify = &notify;
                scope.spawn(move || {
                    for number in 0..FRAMES {
                        let length = [10, 4000, 4090, 20_000, 300_000][(number + sender) % 5];
                        let text = "x".repeat(length);
                        let params = json!({"sender": sender, "number": number, "text": text});
                        while let Err(error) = notify(&params) {
                            assert!(matches!(error, Error::OutboxFull { .. }), "{error}");
                            thread::yield_now();
                        }
                    }
                });
            }
            let mut next = [0; 3];
            for _ in 0..3 * FRAMES {
                let params = &self.receive()["params"];
                let sender = usize::try_from(params["sender"].as_u64().unwrap()).unwrap();
                assert_eq!(params["number"], next[sender], "sender {sender}");
                next[sender] += 1;
            }
        });
    }
}
