//! Frames that the sender writes itself: in the async API, to the pipe of a process.

use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use codex_client::{Client, Error};
use serde_json::json;
use tokio::time::timeout;

use crate::mode::LIMIT;
use crate::piped;

type Piped = piped::Piped<Client>;

#[tokio::test]
async fn request_is_sent_when_it_is_first_polled() {
    const REQUESTS: u64 = 20;
    let mut peer = Piped::start_async().await;
    let client = peer.client.clone();
    let (received, receives) = mpsc::channel();
    thread::spawn(move || {
        for _ in 0..REQUESTS {
            received.send(peer.answer()).unwrap();
        }
    });
    for number in 0..REQUESTS {
        let params = json!({"number": number});
        let mut request = pin!(client.request_raw("ask", &params));
        let mut context = Context::from_waker(Waker::noop());
        assert!(request.as_mut().poll(&mut context).is_pending());
        // No task of the client runs meanwhile: this thread is the only one of the runtime.
        let sent = receives.recv_timeout(LIMIT).unwrap();
        assert_eq!(sent["params"], params);
        request.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_of_all_sizes_keep_their_order() {
    let mut peer = Piped::start_async().await;
    let client = peer.client.clone();
    let checking = tokio::task::spawn_blocking(move || {
        // The senders are threads outside of the runtime.
        peer.assert_order(|params| client.notify("note", params));
    });
    timeout(LIMIT, checking).await.unwrap().unwrap();
}

#[tokio::test]
async fn sender_does_not_wait_for_a_server_that_does_not_read() {
    let mut peer = Piped::start_async().await;
    let client = peer.client.with_deadline(Duration::from_millis(300));
    let text = "x".repeat(3000);
    for _ in 0..200 {
        client.notify("note", &json!({"text": text})).unwrap();
    }
    let error = client.request_raw("ask", &json!({})).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    let reading = tokio::task::spawn_blocking(move || {
        for _ in 0..200 {
            assert_eq!(peer.receive()["method"], "note");
        }
    });
    timeout(LIMIT, reading).await.unwrap().unwrap();
}

#[tokio::test]
async fn server_reads_the_end_of_the_input_at_the_close() {
    let mut peer = Piped::start_async().await;
    peer.client.notify("note", &json!({})).unwrap();
    let (client, begin) = (peer.client.clone(), Instant::now());
    let closing = tokio::spawn(async move { client.close().await });
    let lines = tokio::task::spawn_blocking(move || [peer.line(), peer.line()]);
    let [note, end] = timeout(LIMIT, lines).await.unwrap().unwrap();
    assert!(note.contains("note"));
    assert_eq!(end, "");
    assert!(
        begin.elapsed() < Duration::from_secs(1),
        "before it is stopped"
    );
    closing.abort();
}
