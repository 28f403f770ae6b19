//! Large numbers of short-lived items leave nothing behind.

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use codex_client::Codex;
use serde_json::json;

use crate::api::{Api, Async, Options, RUNTIME, attacks, wait};
use crate::servers::{delta, flush, manual_peer, received, shell};

attacks! {
    subscriptions_come_and_go: 64 MiB, 60 s;
    subscriptions_leave_in_any_order: 96 MiB, 60 s;
    requests_are_given_up: 64 MiB, 60 s;
    clients_come_and_go: 64 MiB, 60 s;
}

attacks! {
    alone:
    waits_for_the_close_leave_nothing: 32 MiB, 20 s;
    dropped_waits_free_their_wakers: 32 MiB, 20 s;
    dropped_waits_for_a_login_free_their_wakers: 32 MiB, 20 s;
    tasks_that_wait_for_the_close_are_all_woken: 96 MiB, 20 s;
}

fn subscriptions_come_and_go<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    for round in 0..5 {
        let mut all: Vec<_> = (0..1000)
            .map(|number| client.thread(&format!("{round}.{number}")))
            .collect();
        all.extend((0..1000).map(|_| client.all()));
        peer.send(delta("x").to_string());
        flush(&client, &peer);
    }
    drop(client);
}

fn subscriptions_leave_in_any_order<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut all: Vec<_> = (0..30_000).map(|_| Some(client.thread("t"))).collect();
    let begin = Instant::now();
    // The middle, the beginning, the end.
    for number in 0..30_000 {
        all[(number * 7_919 + 7) % 30_000] = None;
    }
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    flush(&client, &peer);
    drop(client);
}

fn requests_are_given_up<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let hasty = client.with_deadline(Duration::from_micros(1));
    for _ in 0..3_000 {
        assert!(hasty.raw("ask", &json!({})).is_err());
    }
    flush(&client, &peer);
    drop((client, hasty));
}

fn clients_come_and_go<A: Api>() {
    for number in 0..60 {
        let (client, peer) = manual_peer::<A>(&Options::default());
        let events = client.all();
        if number % 2 == 0 {
            drop((client, events));
            drop(peer);
        } else {
            drop(peer);
            client.close();
            drop(events);
        }
    }
}

fn waits_for_the_close_leave_nothing() {
    let (client, peer) = manual_peer::<Async>(&Options::default());
    for _ in 0..50_000 {
        // As in a `select!` whose other branch is ready.
        let closed = client.0.closed();
        let mut closed = std::pin::pin!(closed);
        wait_once(closed.as_mut());
    }
    flush(&client, &peer);
    drop(client);
}

fn wait_once<T>(mut future: std::pin::Pin<&mut impl Future<Output = T>>) {
    let waker = std::task::Waker::from(std::sync::Arc::new(Unique));
    let mut context = std::task::Context::from_waker(&waker);
    assert!(future.as_mut().poll(&mut context).is_pending());
}

/// Polls a future of each turn once with a waker of its own, and asserts that none is kept.
fn assert_keeps_no_waker<T>(mut make: impl FnMut() -> std::pin::Pin<Box<dyn Future<Output = T>>>) {
    let _entered = RUNTIME.enter();
    for _ in 0..1000 {
        let unique = std::sync::Arc::new(Unique);
        let kept = std::sync::Arc::downgrade(&unique);
        let waker = std::task::Waker::from(unique);
        let mut future = make();
        let mut context = std::task::Context::from_waker(&waker);
        assert!(future.as_mut().poll(&mut context).is_pending());
        drop((future, waker));
        assert!(kept.upgrade().is_none(), "the waker is kept");
    }
}

fn dropped_waits_free_their_wakers() {
    let client = Async::spawn(
        &Options::default(),
        &shell("trap '' TERM; while :; do sleep 0.1; done"),
    );
    let client = client.unwrap().0;
    assert_keeps_no_waker(|| {
        Box::pin({
            let client = client.clone();
            async move { client.closed().await }
        })
    });
    assert_keeps_no_waker(|| {
        Box::pin({
            let client = client.clone();
            async move { client.request_raw("ask", &json!({})).await }
        })
    });
    assert_keeps_no_waker(|| {
        Box::pin({
            let mut other = client.events().unwrap();
            async move { other.next().await }
        })
    });
    // The process is still running.
    assert_keeps_no_waker(|| {
        Box::pin({
            let client = client.clone();
            async move { client.close().await }
        })
    });
}

fn dropped_waits_for_a_login_free_their_wakers() {
    let (client, peer) = manual_peer::<Async>(&Options::default());
    let codex = Codex::from_client(client.0.clone());
    let login = std::thread::scope(|scope| {
        let starting = scope.spawn(|| wait(codex.login_chatgpt()).unwrap());
        let asked = received(&peer);
        let result = json!({"type": "chatgpt", "loginId": "l", "authUrl": "http://x"});
        peer.send(json!({"id": asked["id"], "result": result}).to_string());
        starting.join().unwrap()
    });
    assert_keeps_no_waker(|| {
        Box::pin({
            let login = login.clone();
            async move { login.wait().await }
        })
    });
    drop((client, codex, login));
}

/// A unique waker.
struct Unique;

impl std::task::Wake for Unique {
    fn wake(self: std::sync::Arc<Self>) {}
}

fn tasks_that_wait_for_the_close_are_all_woken() {
    let (client, peer) = manual_peer::<Async>(&Options::default());
    let waiting: Vec<_> = (0..10_000)
        .map(|_| {
            let client = client.0.clone();
            RUNTIME.spawn(async move { client.closed().await })
        })
        .collect();
    wait(poll_fn(|_| Poll::Ready(())));
    drop(peer);
    for task in waiting {
        wait(task).unwrap();
    }
    drop(client);
}
