//! Threads of a program that wait for one connection of the blocking API: one of them reads for all,
//! and none depends on it. The server is the test, behind the pipes of a process.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use codex_client::{Cancellation, Error, Launch, blocking};
use serde_json::{Value, json};

use crate::mode::LIMIT;
use crate::talk::initialized;

/// A client of a process whose other end is the test.
struct Piped {
    client: blocking::Client,
    output: File,
    input: BufReader<File>,
    _folder: tempfile::TempDir,
}

impl Piped {
    fn start() -> Self {
        Self::build(blocking::Client::builder())
    }

    fn build(builder: blocking::ClientBuilder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (to, from) = (folder.path().join("to"), folder.path().join("from"));
        let made = Command::new("mkfifo").args([&to, &from]).status();
        assert!(made.unwrap().success());
        let hello = json!({"id": 1, "result": initialized("shell/0.169.0 (sh)")});
        let (to_text, from_text) = (to.display(), from.display());
        let script =
            format!("read line; echo '{hello}'; read line; cat {to_text} & exec cat >{from_text}");
        let launch = Launch::new().binary("/bin/sh").arguments(["-c", &script]);
        let client = builder.launch(launch).build().unwrap();
        let output = File::options().write(true).open(to).unwrap();
        let input = BufReader::new(File::open(from).unwrap());
        Self {
            client,
            output,
            input,
            _folder: folder,
        }
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.output, "{message}").unwrap();
    }

    /// An event of this thread.
    fn event(&mut self, thread: &str) {
        self.send(&json!({"method": "thread/closed", "params": {"threadId": thread}}));
    }

    /// Sends what no thread waits for, so that the only one that waits begins to read.
    fn others(&mut self) {
        for _ in 0..5 {
            self.event("other");
            (0..50).for_each(|_| thread::yield_now());
        }
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.input.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Answers the next request.
    fn answer(&mut self) {
        let request = self.receive();
        self.send(&json!({"id": request["id"], "result": {}}));
    }
}

/// Starts a thread; fails unless it ends in time.
fn within_limit<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> Ending<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(run()));
    Ending(receiver)
}

struct Ending<T>(mpsc::Receiver<T>);

impl<T> Ending<T> {
    fn wait(&self) -> T {
        self.0.recv_timeout(LIMIT).expect("the thread ends")
    }
}

#[test]
fn thread_that_stops_waiting_leaves_others_served() {
    let mut peer = Piped::start();
    let mut events = peer.client.thread_events("t").unwrap();
    let (received, receives) = mpsc::channel();
    let (resume, resumed) = mpsc::channel::<()>();
    let busy = within_limit(move || {
        for _ in 0..2 {
            received.send(events.next().is_some()).unwrap();
            resumed.recv().unwrap();
        }
    });
    for _ in 0..2 {
        peer.event("t");
        assert!(receives.recv_timeout(LIMIT).unwrap());
        // The thread that has waited is busy now, and does not read.
        for _ in 0..3 {
            let client = peer.client.clone();
            let asking = within_limit(move || client.request_raw("ask", &json!({})));
            peer.answer();
            asking.wait().unwrap();
        }
        resume.send(()).unwrap();
    }
    busy.wait();
}

#[test]
fn thread_that_waits_serves_others_that_wait() {
    let mut peer = Piped::start();
    let mut events = peer.client.thread_events("t").unwrap();
    let first = within_limit(move || events.next().is_some());
    for _ in 0..100 {
        let client = peer.client.clone();
        let asking = within_limit(move || client.request_raw("ask", &json!({})));
        peer.answer();
        asking.wait().unwrap();
    }
    peer.event("t");
    assert!(first.wait());
}

#[test]
fn deadline_ends_a_wait_in_a_flood_for_others() {
    let mut peer = Piped::start();
    let mut events = peer.client.thread_events("quiet").unwrap();
    for limit in [Duration::ZERO, Duration::from_millis(50)] {
        let (stop, stopped) = mpsc::channel::<()>();
        let begin = Instant::now();
        let waiting = within_limit(move || {
            assert!(events.next_timeout(limit).is_err());
            (events, begin.elapsed())
        });
        let flood = within_limit(move || {
            while stopped.try_recv() == Err(mpsc::TryRecvError::Empty) {
                peer.event("loud");
            }
            peer
        });
        let elapsed;
        (events, elapsed) = waiting.wait();
        assert!((limit..LIMIT).contains(&elapsed));
        stop.send(()).unwrap();
        peer = flood.wait();
    }
}

#[test]
fn wait_without_input_ends_at_its_deadline() {
    let mut peer = Piped::start();
    let mut events = peer.client.thread_events("t").unwrap();
    for _ in 0..3 {
        let (begin, limit) = (Instant::now(), Duration::from_millis(30));
        let waiting = within_limit(move || {
            assert!(events.next_timeout(limit).is_err());
            events
        });
        peer.others();
        events = waiting.wait();
        assert!((limit..LIMIT).contains(&begin.elapsed()));
    }
}

#[test]
fn other_thread_ends_a_wait() {
    let mut peer = Piped::start();
    for _ in 0..20 {
        let cancellation = Cancellation::new();
        let client = peer.client.with_cancellation(&cancellation);
        let asking = within_limit(move || client.request_raw("ask", &json!({})));
        assert_eq!(peer.receive()["method"], "ask");
        peer.others();
        cancellation.cancel();
        assert!(matches!(asking.wait(), Err(Error::Cancelled { .. })));
    }
    let mut events = peer.client.thread_events("t").unwrap();
    let waiting = within_limit(move || events.next());
    peer.others();
    peer.client.close();
    assert!(matches!(waiting.wait(), Some(Err(Error::Closed(_)))));
}

#[test]
fn requests_of_the_server_are_handled_while_no_thread_waits() {
    let (replies, replied) = mpsc::channel();
    thread::spawn(move || {
        let mut peer = Piped::start();
        for number in 0..20 {
            let mut events = peer.client.thread_events("t").unwrap();
            let waiting = within_limit(move || events.next().is_some());
            peer.others();
            peer.event("t");
            assert!(waiting.wait());
            peer.send(&json!({"id": number, "method": "currentTime/read", "params": {}}));
            replies.send(peer.receive()["id"].clone()).unwrap();
        }
    });
    for number in 0..20 {
        assert_eq!(replied.recv_timeout(LIMIT).unwrap(), number);
    }
}

#[test]
fn frames_of_all_sizes_keep_their_order() {
    const FRAMES: usize = 300;
    let mut peer = Piped::start();
    thread::scope(|scope| {
        for sender in 0..3_usize {
            let client = peer.client.clone();
            scope.spawn(move || {
                for number in 0..FRAMES {
                    let length = [10, 4000, 4090, 20_000, 300_000][(number + sender) % 5];
                    let text = "x".repeat(length);
                    let params = json!({"sender": sender, "number": number, "text": text});
                    while let Err(error) = client.notify("note", &params) {
                        assert!(matches!(error, Error::OutboxFull { .. }), "{error}");
                        thread::yield_now();
                    }
                }
            });
        }
        let mut next = [0; 3];
        for _ in 0..3 * FRAMES {
            let params = &peer.receive()["params"];
            let sender = usize::try_from(params["sender"].as_u64().unwrap()).unwrap();
            assert_eq!(params["number"], next[sender], "sender {sender}");
            next[sender] += 1;
        }
    });
}

#[test]
fn sender_does_not_wait_for_a_server_that_does_not_read() {
    let limit = Duration::from_millis(300);
    let mut peer = Piped::build(blocking::Client::builder().request_deadline(limit));
    let client = peer.client.clone();
    let text = "x".repeat(3000);
    let sending = within_limit(move || {
        (0..200).for_each(|_| client.notify("note", &json!({"text": text})).unwrap());
        client.request_raw("ask", &json!({})).unwrap_err()
    });
    let error = sending.wait();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    for _ in 0..200 {
        assert_eq!(peer.receive()["method"], "note");
    }
}

#[test]
fn many_threads_wait_at_once() {
    let mut peer = Piped::start();
    let done: Vec<_> = (0..8)
        .map(|number| {
            let client = peer.client.clone();
            within_limit(move || {
                let mut events = client.thread_events(number.to_string()).unwrap();
                for _ in 0..50 {
                    client.request_raw("ask", &json!({"n": number})).unwrap();
                    assert!(events.next().unwrap().is_ok());
                }
            })
        })
        .collect();
    for _ in 0..8 * 50 {
        let request = peer.receive();
        peer.event(&request["params"]["n"].to_string());
        peer.send(&json!({"id": request["id"], "result": {}}));
    }
    done.iter().for_each(Ending::wait);
}
