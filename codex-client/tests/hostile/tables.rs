//! Large numbers of short-lived items leave nothing behind.

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::api::{Api, Options, attacks, wait};
use crate::figures::{Most, attack};
use crate::servers::{delta, flush, manual_peer};

attacks! {
    subscriptions_come_and_go: 64 MiB, 40 s;
    subscriptions_leave_in_any_order: 96 MiB, 40 s;
    requests_are_given_up: 64 MiB, 30 s;
    clients_come_and_go: 64 MiB, 30 s;
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

#[test]
fn waits_for_the_close_leave_nothing() {
    let most = Most {
        mib: 32,
        seconds: 20,
    };
    attack(most, || {
        let (client, peer) = manual_peer::<crate::api::Async>(&Options::default());
        for _ in 0..200_000 {
            // As in a `select!` whose other branch is ready.
            let closed = client.0.closed();
            let mut closed = std::pin::pin!(closed);
            wait_once(closed.as_mut());
        }
        flush(&client, &peer);
        drop(client);
    });
}

fn wait_once<T>(mut future: std::pin::Pin<&mut impl Future<Output = T>>) {
    let waker = std::task::Waker::from(std::sync::Arc::new(Unique));
    let mut context = std::task::Context::from_waker(&waker);
    assert!(future.as_mut().poll(&mut context).is_pending());
}

/// A unique waker.
struct Unique;

impl std::task::Wake for Unique {
    fn wake(self: std::sync::Arc<Self>) {}
}

#[test]
fn tasks_that_wait_for_the_close_are_all_woken() {
    let most = Most {
        mib: 96,
        seconds: 20,
    };
    attack(most, || {
        let (client, peer) = manual_peer::<crate::api::Async>(&Options::default());
        let waiting: Vec<_> = (0..10_000)
            .map(|_| {
                let client = client.0.clone();
                crate::api::RUNTIME.spawn(async move { client.closed().await })
            })
            .collect();
        wait(poll_fn(|_| Poll::Ready(())));
        drop(peer);
        for task in waiting {
            wait(task).unwrap();
        }
        drop(client);
    });
}
