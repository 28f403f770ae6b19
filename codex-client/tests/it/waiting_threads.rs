//! Threads of a program that wait for one connection of the blocking API: one of them reads for all,
//! and none depends on it. The server is the test, behind the pipes of a process.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use codex_client::{Cancellation, Error, blocking};
use serde_json::json;

use crate::mode::LIMIT;
use crate::piped;

type Piped = piped::Piped<blocking::Client>;

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
    let mut peer = Piped::start();
    let client = peer.client.clone();
    peer.assert_order(|params| client.notify("note", params));
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
