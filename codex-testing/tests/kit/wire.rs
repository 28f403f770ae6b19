//! The protocol by hand, for tests of the harness that must not depend on the client.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

/// Limit for a single response.
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Wire {
    child: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Every message so far.
    seen: Vec<Value>,
    stderr: Option<JoinHandle<String>>,
    next_id: i64,
}

impl Wire {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let (send, messages) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if send.send(serde_json::from_str(&line).unwrap()).is_err() {
                    break;
                }
            }
        });
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            text
        });
        Self {
            stdin: child.stdin.take(),
            child,
            messages,
            seen: Vec::new(),
            stderr: Some(stderr),
            next_id: 1,
        }
    }

    /// Sends a request and returns its result.
    #[track_caller]
    pub(crate) fn request(&mut self, method: &str, params: impl Into<Value>) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({ "id": id, "method": method, "params": params.into() }));
        let mut response = self.until(|message| message["id"] == id && message["method"].is_null());
        assert!(response.get("result").is_some(), "{method}: {response}");
        response["result"].take()
    }

    #[track_caller]
    pub(crate) fn initialize(&mut self) -> Value {
        let client = json!({ "name": "kit", "title": "Kit", "version": "0.0.0" });
        let result = self.request("initialize", json!({ "clientInfo": client }));
        self.send(&json!({ "method": "initialized" }));
        result
    }

    /// Starts a thread and returns its id.
    #[track_caller]
    pub(crate) fn start_thread(&mut self) -> String {
        let result = self.request("thread/start", json!({}));
        result["thread"]["id"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn start_turn(&mut self, thread: &str, text: &str) {
        let input = json!([{ "type": "text", "text": text }]);
        self.request("turn/start", json!({ "threadId": thread, "input": input }));
    }

    /// Runs a first turn, from `initialize` to its end.
    #[track_caller]
    pub(crate) fn first_turn(&mut self, text: &str) -> Value {
        self.initialize();
        let thread = self.start_thread();
        self.start_turn(&thread, text);
        self.completed_turn()
    }

    /// The parameters of every notification of a method so far.
    pub(crate) fn notified(&self, method: &str) -> Vec<&Value> {
        self.seen
            .iter()
            .filter(|message| message["method"] == method)
            .map(|message| &message["params"])
            .collect()
    }

    /// Waits for the end of a turn and returns it.
    #[track_caller]
    pub(crate) fn completed_turn(&mut self) -> Value {
        let mut message = self.until(|message| message["method"] == "turn/completed");
        message["params"]["turn"].take()
    }

    /// Passes over messages until one fits.
    #[track_caller]
    fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            match self.messages.recv_timeout(LIMIT) {
                Ok(message) => {
                    self.seen.push(message.clone());
                    if fits(&message) {
                        return message;
                    }
                }
                Err(error) => panic!("no answer from the runtime: {error}\n{}", self.end()),
            }
        }
    }

    #[track_caller]
    fn send(&mut self, message: &Value) {
        writeln!(self.stdin.as_mut().unwrap(), "{message}").unwrap();
    }

    /// Ends the runtime in good order and returns what it wrote on standard error.
    pub(crate) fn end(&mut self) -> String {
        drop(self.stdin.take());
        self.child.wait().unwrap();
        self.stderr.take().unwrap().join().unwrap()
    }
}

impl Drop for Wire {
    /// After a panic the runtime may still run.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
