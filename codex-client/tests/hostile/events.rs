//! Attacks on subscribers that read, and on those that do not.

use std::io::Write as _;
use std::time::{Duration, Instant};

use codex_client::{Cancellation, Error};
use serde_json::json;

use crate::api::{Api, LIMIT, Options, attacks};
use crate::figures::wait_for_clients_to_end;
use crate::servers::{ReadWrite as _, delta, flush, lifecycle, manual_peer, stream, turn};

attacks! {
    deltas_flood_an_unread_subscriber: 64 MiB, 60 s;
    states_flood_an_unread_subscriber: 96 MiB, 60 s;
    lifecycle_events_flood_an_unread_subscriber: 64 MiB, 60 s;
    unreadable_messages_flood_an_unread_subscriber: 64 MiB, 60 s;
    many_unread_subscribers_are_flooded: 96 MiB, 60 s;
    delta_is_larger_than_the_budget: 64 MiB, 60 s;
    lifecycle_event_is_larger_than_the_budget: 192 MiB, 60 s;
    slow_subscriber_does_not_hold_up_a_fast_one: 192 MiB, 60 s;
    lossless_backpressure_loses_nothing: 32 MiB, 60 s;
    subscribers_leave_with_much_unread: 64 MiB, 60 s;
    nesting_has_no_end: 64 MiB, 60 s;
    flood_does_not_outlast_the_deadline_of_a_turn: 64 MiB, 60 s;
    items_of_a_turn_never_end: 80 MiB, 60 s;
    interrupt_of_a_dropped_turn_has_no_response: 32 MiB, 20 s;
    start_of_a_cancelled_turn_has_no_response: 32 MiB, 20 s;
    warnings_come_before_the_first_subscriber: 64 MiB, 60 s;
}

fn deltas_flood_an_unread_subscriber<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut unread = client.thread("t");
    let text = delta(&"x".repeat(10_000)).to_string();
    for _ in 0..20 {
        peer.send_all((0..100).map(|_| text.clone()));
        flush(&client, &peer);
    }
    drop(peer);
    let (mut seen, mut missed) = (0, 0);
    while let Some(event) = client.next(&mut unread) {
        match event {
            Ok(_) => seen += 1,
            Err(Error::Lagged { missed: more }) => missed += more,
            Err(error) => assert!(error.is_closed(), "{error}"),
        }
    }
    assert_eq!(seen + missed, 2_000, "nothing is lost silently");
}

fn states_flood_an_unread_subscriber<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut unread = client.thread("t");
    let diff = |number: usize| {
        let diff = format!("{number} {}", "x".repeat(200_000));
        let params = json!({"threadId": "t", "turnId": "x", "diff": diff});
        json!({"method": "turn/diff/updated", "params": params}).to_string()
    };
    for number in 0..100 {
        peer.send(diff(number));
        if number % 20 == 0 {
            flush(&client, &peer);
        }
    }
    flush(&client, &peer);
    drop(peer);
    let mut last = None;
    while let Some(event) = client.next(&mut unread) {
        match event {
            Ok(event) => last = Some(event),
            Err(error) => assert!(error.is_closed(), "only older states are dropped: {error}"),
        }
    }
    assert!(last.unwrap().raw().contains("99 x"), "the newest is there");
}

fn lifecycle_events_flood_an_unread_subscriber<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut unread = client.thread("t");
    let mut other = client.thread("u");
    let event = lifecycle(10_000).to_string();
    for _ in 0..15 {
        peer.send_all((0..100).map(|_| event.clone()));
        flush(&client, &peer);
    }
    assert!(matches!(
        client.next(&mut unread),
        Some(Err(Error::Overrun))
    ));
    assert!(client.next(&mut unread).is_none());
    let theirs = delta("x").to_string().replace("\"t\"", "\"u\"");
    peer.send(theirs);
    assert!(
        client.next(&mut other).unwrap().is_ok(),
        "nobody else notices"
    );
    drop((client, unread, other));
}

fn unreadable_messages_flood_an_unread_subscriber<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut unread = client.all();
    for _ in 0..4 {
        peer.send_all((0..3000).map(|_| &b"\0\xff garbage {"[..]));
        flush(&client, &peer);
    }
    assert!(matches!(
        client.next(&mut unread),
        Some(Err(Error::Protocol(_)))
    ));
    drop((client, unread));
}

fn many_unread_subscribers_are_flooded<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let unread: Vec<_> = (0..500).map(|_| client.thread("t")).collect();
    let begin = Instant::now();
    for _ in 0..20 {
        peer.send_all((0..100).map(|_| delta("some text").to_string()));
        flush(&client, &peer);
    }
    assert!(begin.elapsed() < Duration::from_secs(10));
    drop((client, unread));
}

fn delta_is_larger_than_the_budget<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut events = client.thread("t");
    for _ in 0..3 {
        peer.send(delta(&"x".repeat(5 << 20)).to_string());
        let event = client.next(&mut events).unwrap().unwrap();
        assert!(event.raw().len() > 5 << 20);
    }
    drop((client, events));
}

fn lifecycle_event_is_larger_than_the_budget<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut events = client.thread("t");
    peer.send(delta("first").to_string());
    client.next(&mut events).unwrap().unwrap();
    // As a burst, to a reading subscriber that is slower: 60 MiB with a budget of 4.
    peer.send_all((0..12).map(|_| lifecycle(5 << 20).to_string()));
    for _ in 0..12 {
        std::thread::park_timeout(Duration::from_millis(30));
        let event = client.next(&mut events).unwrap().unwrap();
        assert!(event.raw().len() > 5 << 20);
    }
    drop((client, events));
}

const FLOOD: usize = 20_000;

/// The time of a reader of many events beside another subscriber.
fn fast_beside<A: Api>(options: &Options, other: impl FnOnce(&A, A::Events) + Send) -> Duration {
    let (client, peer) = manual_peer::<A>(options);
    let (mut fast, slow) = (client.thread("t"), client.thread("t"));
    std::thread::scope(|scope| {
        let client = &client;
        scope.spawn(move || other(client, slow));
        let text = delta("some text of some length").to_string();
        let begin = Instant::now();
        let reading = scope.spawn(move || {
            let mut seen = 0_u64;
            while seen < FLOOD as u64 {
                match client.next(&mut fast).unwrap() {
                    Ok(_) => seen += 1,
                    Err(Error::Lagged { missed }) => seen += missed,
                    Err(error) => panic!("{error}"),
                }
            }
        });
        for _ in 0..FLOOD / 1000 {
            peer.send_all((0..1000).map(|_| text.clone()));
        }
        reading.join().unwrap();
        let took = begin.elapsed();
        client.close();
        took
    })
}

fn slow_subscriber_does_not_hold_up_a_fast_one<A: Api>() {
    let options = Options::default();
    // One that reads a few events ten times a second.
    let slow = |client: &A, mut events: A::Events| {
        while let Some(event) = client.next(&mut events) {
            if matches!(&event, Err(error) if error.is_closed()) {
                break;
            }
            std::thread::park_timeout(Duration::from_millis(100));
            if client.notify("x", &json!({})).is_err() {
                break;
            }
        }
    };
    let alone = fast_beside::<A>(&options, |_, _| {});
    let beside = fast_beside::<A>(&options, slow);
    // A stall of 100 ms for each mebibyte would make it several seconds.
    let most = alone * 3 + Duration::from_millis(500);
    assert!(beside < most, "{beside:?} instead of {alone:?}");
}

fn lossless_backpressure_loses_nothing<A: Api>() {
    const COUNT: usize = 10_000;
    let options = Options {
        backpressure: Some(Duration::MAX),
        ..Options::default()
    };
    let (client, mut server) = stream::<A>(&options);
    let mut slow = client.thread("t");
    // 80 MiB altogether, which wait in the server.
    let sending = std::thread::spawn(move || {
        let text = delta(&"x".repeat(8 << 10)).to_string() + "\n";
        for _ in 0..COUNT {
            server.write_all(text.as_bytes()).unwrap();
        }
        server
    });
    for number in 0..COUNT {
        if number % 2_000 == 1 {
            std::thread::park_timeout(Duration::from_millis(400));
        }
        assert!(client.next(&mut slow).unwrap().is_ok());
    }
    drop((client, slow, sending.join().unwrap()));
}

fn subscribers_leave_with_much_unread<A: Api>() {
    let options = Options {
        budget: 16 << 20,
        ..Options::default()
    };
    let (client, peer) = manual_peer::<A>(&options);
    let event = lifecycle(100_000).to_string();
    // 160 MiB altogether.
    for _ in 0..20 {
        let unread = client.thread("t");
        peer.send_all((0..80).map(|_| event.clone()));
        flush(&client, &peer);
        drop(unread);
    }
    drop(client);
}

fn nesting_has_no_end<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut events = client.all();
    for opening in ["[", "{\"a\":"] {
        peer.send(opening.repeat(100_000));
        assert!(client.next(&mut events).unwrap().is_err());
    }
    // With a recognizable method, it is an undecodable event.
    peer.send("{\"method\":\"x\",\"params\":[".repeat(100_000));
    let event = client.next(&mut events).unwrap().unwrap();
    assert_eq!(event.method(), "x");
    assert!(event.decode_error().is_some());
    flush(&client, &peer);
    drop((client, events));
}

fn flood_does_not_outlast_the_deadline_of_a_turn<A: Api>() {
    let (client, mut server) = stream::<A>(&Options::default());
    let mut turn = turn(&client, Duration::from_millis(300), &server);
    let flooding = std::thread::spawn(move || {
        let deltas = (delta("some text").to_string() + "\n").repeat(100);
        while server.write_all(deltas.as_bytes()).is_ok() {}
    });
    let begin = Instant::now();
    loop {
        // Slower than the server, so that there is always another event.
        let next = client.next_of_turn(&mut turn).unwrap();
        if matches!(next, Err(Error::TurnTimedOut(_))) {
            break;
        }
        std::thread::park_timeout(Duration::from_micros(100));
        assert!(begin.elapsed() < LIMIT / 2, "the deadline has no effect");
    }
    drop((client, turn));
    // The interrupt has no response, and the server does not end.
    wait_for_clients_to_end(INTERRUPTED);
    flooding.join().unwrap();
}

/// Read as they come, with a budget of 16 MiB for the result.
fn items_of_a_turn_never_end<A: Api>() {
    const COUNT: usize = 120;
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut turn = turn(&client, LIMIT, &peer);
    for number in 0..COUNT {
        let text = "x".repeat(512 << 10);
        let item = json!({"type": "agentMessage", "id": number.to_string(), "text": text});
        let params = json!({"threadId": "t", "turnId": "x", "completedAtMs": 1, "item": item});
        peer.send(json!({"method": "item/completed", "params": params}).to_string());
        let event = client.next_of_turn(&mut turn).unwrap().unwrap();
        assert_eq!(event.method(), "item/completed");
    }
    peer.send(completed());
    let result = client.result(&mut turn).unwrap();
    assert_eq!(result.items.len() + result.omitted_items, COUNT);
    assert!((8..=16).contains(&result.items.len()));
    assert_eq!(result.items.last().unwrap().id(), Some("119"));
    drop((client, turn));
}

/// The end of turn `x`.
fn completed() -> String {
    let turn = json!({"id": "x", "items": [], "itemsView": "notLoaded", "status": "completed"});
    json!({"method": "turn/completed", "params": {"threadId": "t", "turn": turn}}).to_string()
}

/// Time limit of an interrupt, 300 ms here, and of the end after it, on a loaded machine.
const INTERRUPTED: Duration = Duration::from_secs(5);

fn interrupt_of_a_dropped_turn_has_no_response<A: Api>() {
    let (client, server) = stream::<A>(&Options::default());
    let cancellation = Cancellation::new();
    let cancellable = client.with_cancellation(&cancellation);
    let mut turn = turn(&cancellable, LIMIT, &server);
    cancellation.cancel();
    let end = client.next_of_turn(&mut turn).unwrap();
    assert!(matches!(end, Err(Error::Cancelled { .. })), "{end:?}");
    assert_eq!(server.read_message()["method"], "turn/interrupt");
    drop((client, cancellable, turn));
    wait_for_clients_to_end(INTERRUPTED);
}

fn start_of_a_cancelled_turn_has_no_response<A: Api>() {
    let (client, server) = stream::<A>(&Options::default());
    let cancellation = Cancellation::new();
    let cancellable = client.with_cancellation(&cancellation);
    std::thread::scope(|scope| {
        let starting = scope.spawn(|| cancellable.turn(LIMIT).err().unwrap());
        assert_eq!(server.read_message()["method"], "turn/start");
        cancellation.cancel();
        let error = starting.join().unwrap();
        assert!(matches!(error, Error::Cancelled { .. }), "{error:?}");
    });
    // The request goes on in the background: only its response names the turn.
    drop((client, cancellable));
    wait_for_clients_to_end(INTERRUPTED);
}

fn warnings_come_before_the_first_subscriber<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let warning = |summary: &str| {
        let params = json!({"summary": summary, "details": null});
        json!({"method": "configWarning", "params": params}).to_string()
    };
    peer.send(warning("first"));
    for _ in 0..16 {
        peer.send(warning(&"x".repeat(3 << 20)));
        flush(&client, &peer);
    }
    peer.send(warning("last"));
    flush(&client, &peer);
    let mut events = client.all();
    for summary in ["first", "last"] {
        let event = client.next(&mut events).unwrap().unwrap();
        assert!(event.raw().contains(summary));
    }
    drop((client, events));
}
