//! Streams of events: their contents, their order, and slow subscribers.

use codex_client::types::ServerNotification;
use codex_client::{Error, Launch};
use serde_json::{Value, json};

use crate::mode::{Mode, Setup, both_modes};
use crate::talk::{
    COMPLETED, DELTA, completed, delta, initialized, manual_peer, scripted, turn_response,
};

both_modes! {
    events_carry_their_type_time_and_text;
    events_before_the_answer_belong_to_the_turn;
    a_turn_may_be_over_before_its_request_is_answered;
    interleaved_turns_see_only_their_own_events;
    a_joined_turn_is_seen_from_the_joiners_request_on;
    several_subscribers_each_see_everything;
    stream_returns_nothing_after_its_end;
    unknown_methods_are_routed_by_their_ids;
    thread_receives_foreign_turns;
    slow_subscriber_receives_a_lag;
    slow_subscriber_does_not_stall_others;
    a_slow_subscriber_that_reads_loses_nothing;
}

fn events_carry_their_type_time_and_text<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let mut events = client.all().unwrap();
    let message =
        json!({"method": DELTA, "params": delta("t", "x", "hi"), "emittedAtMs": 5, "new": 1});
    peer.send(&message);
    let event = client.next(&mut events).unwrap().unwrap();
    match event.notification() {
        ServerNotification::ItemAgentMessageDelta(delta) => assert_eq!(delta.delta, "hi"),
        other => panic!("{other:?}"),
    }
    let ids = (event.thread_id(), event.turn_id(), event.item_id());
    assert_eq!(ids, (Some("t"), Some("x"), Some("m")));
    assert_eq!((event.method(), event.emitted_at_ms()), (DELTA, Some(5)));
    assert_eq!(serde_json::from_str::<Value>(event.raw()).unwrap(), message);
    assert!(
        !format!("{event:?}").contains("hi"),
        "payloads are not printed"
    );
}

fn events_before_the_answer_belong_to_the_turn<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script
            .expect("turn/start")
            .notify(DELTA, delta("t", "x", "early"))
            .notify(DELTA, delta("other", "y", "foreign"))
            .reply(turn_response("x"))
            .notify(DELTA, delta("t", "x", "late"))
            .notify(COMPLETED, completed("t", "x"))
    });
    let (id, mut turn) = client.start_turn("t").unwrap();
    assert_eq!(id, "x");
    assert_eq!(client.methods(&mut turn), [DELTA, DELTA, COMPLETED]);
}

fn a_turn_may_be_over_before_its_request_is_answered<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script
            .expect("turn/start")
            .notify(COMPLETED, completed("t", "x"))
            .reply(turn_response("x"))
    });
    let (_, mut turn) = client.start_turn("t").unwrap();
    assert_eq!(client.methods(&mut turn), [COMPLETED]);
}

fn interleaved_turns_see_only_their_own_events<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        let script = script
            .expect("turn/start")
            .reply(turn_response("x"))
            .expect("turn/start")
            .reply(turn_response("y"));
        let script = (0..50).fold(script, |script, number| {
            script
                .notify(DELTA, delta("t", "x", &format!("x{number}")))
                .notify(DELTA, delta("u", "y", &format!("y{number}")))
        });
        script
            .notify(COMPLETED, completed("u", "y"))
            .notify(COMPLETED, completed("t", "x"))
    });
    let (_, mut one) = client.start_turn("t").unwrap();
    let (_, mut two) = client.start_turn("u").unwrap();
    for (letter, turn) in [("y", &mut two), ("x", &mut one)] {
        let events = client.rest(turn);
        let texts: Vec<String> = events
            .iter()
            .filter_map(|event| match event.as_ref().unwrap().notification() {
                ServerNotification::ItemAgentMessageDelta(delta) => Some(delta.delta.clone()),
                _ => None,
            })
            .collect();
        let expected: Vec<String> = (0..50).map(|number| format!("{letter}{number}")).collect();
        assert_eq!(texts, expected);
    }
}

fn a_joined_turn_is_seen_from_the_joiners_request_on<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script
            .expect("turn/start")
            .reply(turn_response("x"))
            .notify(DELTA, delta("t", "x", "1"))
            .expect("turn/start")
            .notify(DELTA, delta("t", "x", "2"))
            .reply(turn_response("x"))
            .notify(COMPLETED, completed("t", "x"))
    });
    let (_, mut first) = client.start_turn("t").unwrap();
    client.next(&mut first).unwrap().unwrap();
    let (id, mut joined) = client.start_turn("t").unwrap();
    assert_eq!(id, "x");
    assert_eq!(client.methods(&mut first), [DELTA, COMPLETED]);
    assert_eq!(client.methods(&mut joined), [DELTA, COMPLETED]);
}

fn several_subscribers_each_see_everything<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let mut streams: Vec<_> = (0..3).map(|_| client.thread("t").unwrap()).collect();
    let send = |text| peer.send(&json!({"method": DELTA, "params": delta("t", "x", text)}));
    send("1");
    drop(streams.remove(1));
    send("2");
    drop(peer);
    for stream in &mut streams {
        let seen = client.rest(stream);
        assert!(
            matches!(&seen[..], [Ok(_), Ok(_), Err(Error::Closed(_))]),
            "{seen:?}"
        );
    }
}

fn stream_returns_nothing_after_its_end<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script
            .expect("turn/start")
            .reply(turn_response("x"))
            .notify(COMPLETED, completed("t", "x"))
            .notify(DELTA, delta("t", "x", "afterwards"))
    });
    let (_, mut turn) = client.start_turn("t").unwrap();
    assert_eq!(client.methods(&mut turn), [COMPLETED]);
    assert!(client.next(&mut turn).is_none());
    client.close();
    assert!(
        client.next(&mut turn).is_none(),
        "it had ended before the connection did"
    );
}

fn unknown_methods_are_routed_by_their_ids<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script
            .expect("turn/start")
            .reply(turn_response("x"))
            .notify("new/one", json!({"turnId": "x"}))
            .notify("new/two", json!({"turn": {"id": "x"}}))
            .notify("new/three", json!({"threadId": "t"}))
            .notify(COMPLETED, completed("t", "x"))
    });
    let mut thread = client.thread("t").unwrap();
    let (_, mut turn) = client.start_turn("t").unwrap();
    let seen = client.rest(&mut turn);
    let methods: Vec<_> = seen
        .iter()
        .map(|event| event.as_ref().unwrap().method())
        .collect();
    assert_eq!(methods, ["new/one", "new/two", COMPLETED]);
    let unknown = seen[0].as_ref().unwrap().notification();
    assert!(matches!(unknown, ServerNotification::Unrecognized(_)));
    assert_eq!(
        client.next(&mut thread).unwrap().unwrap().method(),
        "new/three"
    );
}

fn thread_receives_foreign_turns<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let mut thread = client.thread("t").unwrap();
    peer.send(&json!({"method": COMPLETED, "params": completed("t", "somebody's")}));
    let event = client.next(&mut thread).unwrap().unwrap();
    assert_eq!(event.turn_id(), Some("somebody's"));
}

/// Sends a request, whose response proves that all earlier messages were dispatched.
fn flush<M: Mode>(client: &M, peer: &crate::talk::ManualPeer) {
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("flush", &json!({})).unwrap());
        peer.answer(&peer.receive(), &json!({}));
        asking.join().unwrap();
    });
}

fn slow_subscriber_receives_a_lag<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup {
        event_budget: 10_000,
        ..Setup::default()
    });
    let mut unread = client.thread("t").unwrap();
    let line = json!({"method": DELTA, "params": delta("t", "x", "hi")}).to_string();
    peer.0.send_all((0..1000).map(|_| line.clone()));
    peer.send(&json!({"method": COMPLETED, "params": completed("t", "x")}));
    flush(&client, &peer);
    drop(peer);
    let (mut seen, mut missed, mut lifecycle) = (0, 0, 0);
    for event in client.rest(&mut unread) {
        match event {
            Ok(event) if event.is_lifecycle() => lifecycle += 1,
            Ok(_) => seen += 1,
            Err(Error::Lagged { missed: count }) => missed += count,
            Err(error) => assert!(error.is_closed()),
        }
    }
    assert!(seen > 0 && seen < 100, "{seen} events fit into the budget");
    assert_eq!(seen + missed, 1000);
    assert_eq!(lifecycle, 1);
}

fn slow_subscriber_does_not_stall_others<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup {
        event_budget: 10_000,
        ..Setup::default()
    });
    let unread: Vec<_> = (0..64).map(|_| client.thread("t").unwrap()).collect();
    let mut read = client.thread("u").unwrap();
    let line = json!({"method": DELTA, "params": delta("t", "x", "hi")}).to_string();
    for _ in 0..20 {
        peer.0.send_all((0..100).map(|_| line.clone()));
        peer.send(&json!({"method": DELTA, "params": delta("u", "y", "hi")}));
        flush(&client, &peer);
        assert!(client.next(&mut read).unwrap().is_ok());
    }
    drop(unread);
}

/// The pipe of a process fills up, unlike a queue in memory: the reader sets the pace.
fn a_slow_subscriber_that_reads_loses_nothing<M: Mode>() {
    const COUNT: usize = 60_000;
    let hello = json!({"id": 1, "result": initialized("shell/0.169.0 (sh)")});
    let line = json!({"method": DELTA, "params": delta("t", "x", "hi")});
    let flood = format!("read line; echo '{line}'; read line; yes '{line}' | head -n {COUNT}");
    let script = format!("read line; echo '{hello}'; read line; {flood}; cat >/dev/null");
    let launch = Launch::new().binary("/bin/sh").arguments(["-c", &script]);
    let client = M::spawn(&Setup::default(), &launch).unwrap();
    let mut slow = client.thread("t").unwrap();
    for awaited in [1, COUNT] {
        client.notify("go", &json!({})).unwrap();
        for _ in 0..awaited {
            assert!(client.next(&mut slow).unwrap().is_ok());
        }
    }
    client.close();
}
