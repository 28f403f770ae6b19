//! The engine as a whole, step by step.

use codex_types::RequestId;
use codex_types::rpc::ErrorObject;
use serde_json::value::RawValue;

use super::{
    Cause, Item, NotSent, Opened, Opening, Outgoing, Place, Poll, Scope, SubscriptionId, Taken,
    WAITING,
};
use crate::engine::CloseReason;
use driven::{Driven, TestEvent, number, turn_response};

mod driven;
mod interleavings;
mod outgoing;
mod requests;
mod restart;

#[test]
fn answers_find_their_requests_out_of_order() {
    let mut driven = Driven::new();
    let (one, two) = (driven.submit(None), driven.submit(None));
    assert_eq!(driven.sent(), ["request 1", "request 2"]);
    assert!(matches!(driven.poll(one), Poll::Waiting));
    assert!(driven.respond(two, "2") && driven.respond(one, "1"));
    assert_eq!(driven.woken(), [101]);
    for (id, expected) in [(one, "1"), (two, "2")] {
        match driven.poll(id) {
            Poll::Ready(Ok(respond)) => assert_eq!(respond.get(), expected),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn error_response_is_a_response() {
    let mut driven = Driven::new();
    let id = driven.submit(None);
    let refusal = ErrorObject::new(-32600, "no");
    driven.engine.on_response(
        &RequestId::Integer(id),
        Err(refusal.clone()),
        &mut driven.effects,
    );
    match driven.poll(id) {
        Poll::Ready(respond) => assert_eq!(respond.unwrap_err(), refusal),
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_responses_to_unsent_requests_are_malformed() {
    let mut driven = Driven::new();
    let id = driven.submit(None);
    driven.engine.abandon(id, &mut driven.effects);
    assert!(driven.respond(id, "{}"), "late is no fault");
    assert!(!driven.respond(99, "{}"));
    let text = RequestId::String(id.to_string());
    let respond = Ok(RawValue::NULL.to_owned());
    assert!(
        !driven
            .engine
            .on_response(&text, respond, &mut driven.effects)
    );
}

#[test]
fn a_turn_is_seen_from_the_moment_its_request_is_sent() {
    let mut driven = Driven::new();
    for _ in 0..4 {
        driven.submit(None);
    }
    let opening = Opening::Turn {
        thread: Some("t".into()),
        takes_requests: false,
    };
    let turn = driven.engine.prepare(opening).unwrap();
    let request = driven.submit(Some(turn));
    driven.notify(&TestEvent::on(1, "t", "x")); // the request still waits for a slot
    driven.respond(1, "{}");
    driven.notify(&TestEvent::on(2, "t", "x"));
    driven.notify(&TestEvent::on(3, "t", "older"));
    driven.notify(&TestEvent::on(4, "other", "x2"));
    driven.respond(request, &turn_response("x"));
    driven.notify(&TestEvent::on(5, "t", "x"));
    driven.notify(&TestEvent::on(6, "t", "older"));
    driven.notify(&TestEvent::on(7, "t", "x").ending());
    driven.notify(&TestEvent::on(8, "t", "x"));
    assert_eq!(driven.numbers(turn), [2, 5, 7]);
    assert_eq!(driven.take(turn).0, Taken::Ended);
}

#[test]
fn a_turn_may_end_before_its_request_is_answered() {
    let mut driven = Driven::new();
    let turn = driven
        .engine
        .prepare(Opening::Turn {
            thread: None,
            takes_requests: false,
        })
        .unwrap();
    let request = driven.submit(Some(turn));
    driven.notify(&TestEvent::on(1, "t", "x"));
    driven.notify(&TestEvent::on(2, "t", "x").ending());
    driven.notify(&TestEvent::on(3, "t", "x"));
    driven.respond(request, &turn_response("x"));
    assert_eq!(driven.numbers(turn), [1, 2]);
    assert_eq!(driven.take(turn).0, Taken::Ended);
}

#[test]
fn two_requests_may_share_a_turn() {
    let mut driven = Driven::new();
    let opening = || Opening::Turn {
        thread: Some("t".into()),
        takes_requests: false,
    };
    let first = driven.engine.prepare(opening()).unwrap();
    let request = driven.submit(Some(first));
    driven.respond(request, &turn_response("x"));
    driven.notify(&TestEvent::on(1, "t", "x"));
    let second = driven.engine.prepare(opening()).unwrap();
    let request = driven.submit(Some(second));
    driven.notify(&TestEvent::on(2, "t", "x"));
    driven.respond(request, &turn_response("x"));
    driven.notify(&TestEvent::on(3, "t", "x").ending());
    assert_eq!(driven.numbers(first), [1, 2, 3]);
    assert_eq!(driven.numbers(second), [2, 3]);
}

#[test]
fn threads_and_logins_are_opened_the_same_way() {
    let mut driven = Driven::new();
    let thread = driven.engine.prepare(Opening::Thread).unwrap();
    let login = driven.engine.prepare(Opening::Login).unwrap();
    let (one, two) = (driven.submit(Some(thread)), driven.submit(Some(login)));
    driven.notify(&TestEvent::on(1, "t", "x"));
    let login_id = Some("l".to_owned());
    driven.notify(&TestEvent {
        login: login_id,
        ..TestEvent::new(2)
    });
    driven.respond(two, r#"{"loginId":"l"}"#);
    driven.respond(one, r#"{"thread":{"id":"t"}}"#);
    driven.notify(&TestEvent::on(3, "t", "y"));
    assert_eq!(driven.numbers(thread), [1, 3]);
    assert_eq!(driven.numbers(login), [2]);
}

#[test]
fn error_response_opens_nothing() {
    let mut driven = Driven::new();
    let turn = driven
        .engine
        .prepare(Opening::Turn {
            thread: None,
            takes_requests: false,
        })
        .unwrap();
    let request = driven.submit(Some(turn));
    let refusal = Err(ErrorObject::new(-32600, "no"));
    driven
        .engine
        .on_response(&RequestId::Integer(request), refusal, &mut driven.effects);
    driven.notify(&TestEvent::on(1, "t", "x"));
    assert_eq!(driven.take(turn), (Taken::Ended, vec![]));
}

#[test]
fn every_scope_sees_its_own() {
    let mut driven = Driven::new();
    let mut subscribe = |scope| driven.engine.subscribe(scope).unwrap();
    let everything = subscribe(Scope::Everything);
    let thread = subscribe(Scope::Thread("t".into()));
    let turn = subscribe(Scope::Turn("x".into()));
    let twin = subscribe(Scope::Turn("x".into()));
    driven.notify(&TestEvent::new(1));
    driven.notify(&TestEvent::on(2, "t", "x"));
    driven.notify(&TestEvent::on(3, "t", "y"));
    driven.notify(&TestEvent::on(4, "u", "z"));
    driven.engine.unsubscribe(twin, &mut driven.effects);
    driven.notify(&TestEvent::on(5, "t", "x"));
    driven.engine.on_malformed(&"bad", &mut driven.effects);
    assert_eq!(driven.numbers(thread), [2, 3, 5]);
    assert_eq!(driven.numbers(turn), [2, 5]);
    assert_eq!(driven.take(twin).0, Taken::Ended);
    let (_, mut all) = driven.take(everything);
    assert_eq!(all.pop(), Some(Item::Malformed("bad")));
    assert_eq!(all.iter().map(number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_waiting_subscriber_is_woken_once_per_wait() {
    let mut driven = Driven::new();
    let turn = driven.engine.subscribe(Scope::Turn("x".into())).unwrap();
    assert_eq!(driven.take(turn).0, Taken::Waiting);
    driven.notify(&TestEvent::on(1, "t", "x"));
    driven.notify(&TestEvent::on(2, "t", "x"));
    assert_eq!(driven.woken(), [7]);
}

#[test]
fn excess_events_are_counted_and_lifecycle_events_kept() {
    let mut driven = Driven::with_budget(25, 1000);
    let all = driven.engine.subscribe(Scope::Everything).unwrap();
    for event in [1, 2, 3, 4].map(TestEvent::new) {
        driven.notify(&event);
    }
    driven.notify(&TestEvent::new(5).lifecycle());
    driven.notify(&TestEvent::new(6));
    let (_, items) = driven.take(all);
    let event = |number| Item::Event(TestEvent::new(number));
    let lifecycle = Item::Event(TestEvent::new(5).lifecycle());
    let expected = [
        event(1),
        event(2),
        event(3),
        Item::Missed(1),
        lifecycle,
        Item::Missed(1),
    ];
    assert_eq!(items, expected);
    driven.notify(&TestEvent::new(7));
    assert_eq!(
        driven.numbers(all),
        [7],
        "what was handed out does not count"
    );
}

#[test]
fn events_of_a_subscriber_that_is_far_behind_are_packed() {
    let mut driven = Driven::new();
    let turn = Opening::Turn {
        thread: None,
        takes_requests: false,
    };
    let opening = driven.engine.prepare(turn).unwrap();
    driven.submit(Some(opening));
    let slow = driven.engine.subscribe(Scope::Thread("t".into())).unwrap();
    let fast = driven.engine.subscribe(Scope::Thread("t".into())).unwrap();
    let heavy = |number| TestEvent {
        weight: Some(1 << 19),
        ..TestEvent::on(number, "t", "u")
    };
    let mut seen_by_fast = Vec::new();
    for number in 1..=6 {
        driven.notify(&heavy(number));
        seen_by_fast.extend(driven.take(fast).1);
    }
    let packed = |items: &[Item<TestEvent, &str>]| -> Vec<bool> {
        let event = |item: &Item<TestEvent, &str>| matches!(item, Item::Event(it) if it.packed);
        items.iter().map(event).collect()
    };
    assert_eq!(packed(&seen_by_fast), [false; 6]);
    let slow = driven.take(slow).1;
    assert_eq!(packed(&slow), [false, false, false, true, true, true]);
    // What is not known to be its own may be sorted out, and is left as it is.
    assert_eq!(packed(&driven.take(opening).1), [false; 6]);
}

#[test]
fn what_is_dropped_is_not_packed() {
    let mut driven = Driven::with_budget(2 << 20, 1000);
    let slow = driven.engine.subscribe(Scope::Thread("t".into())).unwrap();
    let heavy = TestEvent {
        weight: Some(1 << 19),
        ..TestEvent::on(1, "t", "u")
    };
    (0..8).for_each(|_| driven.notify(&heavy));
    let items = driven.take(slow).1;
    assert_eq!((items.len(), &items[5]), (6, &Item::Missed(3)));
    assert_eq!(heavy.packings.get(), 2, "the fourth and the fifth");
}

#[test]
fn each_event_of_a_run_is_counted_when_it_is_dropped() {
    let mut driven = Driven::with_budget(5, 1000);
    let all = driven.engine.subscribe(Scope::Everything).unwrap();
    let run = |number, count| TestEvent {
        count: Some(count),
        ..TestEvent::new(number)
    };
    for (number, count) in [(1, 3), (2, 4), (3, 5)] {
        driven.notify(&run(number, count));
    }
    let expected = [Item::Event(run(1, 3)), Item::Missed(9)];
    assert_eq!(driven.take(all).1, expected);
}

#[test]
fn lifecycle_events_have_a_limit_that_ends_the_subscription() {
    let mut driven = Driven::with_budget(1000, 25);
    let all = driven.engine.subscribe(Scope::Everything).unwrap();
    for number in 1..=4 {
        driven.notify(&TestEvent::new(number).lifecycle());
    }
    driven.notify(&TestEvent::new(5));
    assert_eq!(driven.take(all), (Taken::Some, vec![Item::Overrun]));
    assert_eq!(driven.take(all).0, Taken::Ended);
}

#[test]
fn reader_waits_only_for_reading_subscribers() {
    let mut driven = Driven::with_budget(100, 1000);
    let unread = driven.engine.subscribe(Scope::Everything).unwrap();
    let read = driven.engine.subscribe(Scope::Everything).unwrap();
    driven.take(read);
    (1..=5).for_each(|number| driven.notify(&TestEvent::new(number)));
    assert!(!driven.engine.reader_should_wait(|| 3));
    (6..=7).for_each(|number| driven.notify(&TestEvent::new(number)));
    assert!(driven.engine.reader_should_wait(|| 3));
    driven.woken();
    driven.take(read);
    assert_eq!(driven.woken(), [3]);
    assert!(!driven.engine.reader_should_wait(|| 3));
    // Its backpressure times out now: there is none again until it reads.
    (8..=14).for_each(|number| driven.notify(&TestEvent::new(number)));
    assert!(driven.engine.reader_should_wait(|| 3));
    driven.engine.stop_backpressure();
    driven.notify(&TestEvent::new(15));
    assert!(!driven.engine.reader_should_wait(|| 3));
    assert_eq!(
        driven.take(unread).1.len(),
        12,
        "11 and the news of the others"
    );
}

#[test]
fn a_server_request_is_answered_once_or_resolved_elsewhere() {
    let mut driven = Driven::new();
    let (one, two) = (driven.asked(0), driven.asked(1));
    assert!(matches!(driven.request(1), Opened::Duplicate));
    assert_eq!(driven.claim(one), Some(RequestId::Integer(0)));
    assert_eq!(driven.claim(one), None);
    assert!(driven.engine.poll_pending(two, || 5));
    driven.notify(&TestEvent {
        resolves: Some(1),
        ..TestEvent::new(1)
    });
    assert_eq!(driven.woken(), [5]);
    assert_eq!(driven.claim(two), None);
}

#[test]
fn waiter_for_the_close_is_woken_once() {
    let mut driven = Driven::new();
    let mut places = [Place::default(), Place::default(), Place::default()];
    for waiter in [0, 1, 0, 2, 0] {
        let place = &mut places[usize::try_from(waiter).unwrap()];
        assert!(driven.engine.poll_closed(place, || waiter).is_none());
    }
    driven.engine.leave(&mut places[1]);
    driven.close();
    assert_eq!(driven.woken(), [0, 2]);
    let place = &mut places[1];
    assert!(driven.engine.poll_closed(place, || 3).is_some());
}

#[test]
fn one_event_larger_than_the_budget_is_taken() {
    for lifecycle in [false, true] {
        let mut driven = Driven::with_budget(25, 25);
        let all = driven.engine.subscribe(Scope::Everything).unwrap();
        for number in [1, 2] {
            driven.notify(&TestEvent {
                weight: Some(1000),
                lifecycle,
                ..TestEvent::new(number)
            });
            assert_eq!(driven.numbers(all), [number]);
        }
    }
}

#[test]
fn a_newer_state_takes_the_place_of_the_older() {
    let mut driven = Driven::with_budget(25, 1000);
    let all = driven.engine.subscribe(Scope::Everything).unwrap();
    let state = |number, snapshot| TestEvent {
        snapshot: Some(snapshot),
        ..TestEvent::new(number)
    };
    driven.notify(&state(1, "other"));
    for number in 2..1000 {
        driven.notify(&TestEvent::new(number));
        driven.notify(&state(number, "diff"));
    }
    let (_, items) = driven.take(all);
    assert!(items.len() < 200, "{}", items.len());
    let seen: Vec<u32> = items
        .iter()
        .filter_map(|item| match item {
            Item::Event(event) if event.snapshot.is_some() => Some(event.number),
            _ => None,
        })
        .collect();
    assert_eq!(seen, [1, 2, 999]);
    let missed: u64 = items
        .iter()
        .map(|item| match item {
            Item::Missed(count) => *count,
            _ => 0,
        })
        .sum();
    assert_eq!(missed, 998 - 3, "those without a state are counted");
}

#[test]
fn tables_are_empty_after_short_lived_items() {
    let mut driven = Driven::new();
    for number in 0..10_000 {
        let events = driven
            .engine
            .subscribe(Scope::Thread(number.to_string()))
            .unwrap();
        let turn = driven.engine.subscribe(Scope::Turn("x".into())).unwrap();
        let opening = driven.engine.prepare(Opening::Thread).unwrap();
        let request_id = driven.submit(Some(opening));
        let plain = driven.submit(None);
        let mut place = Place::default();
        driven.poll(plain);
        driven.take(turn);
        driven.engine.poll_closed(&mut place, || 1);
        driven.notify(&TestEvent::on(1, "t", "x"));
        let asked = driven.asked(number);
        driven.engine.next_request().unwrap();
        if number % 2 == 0 {
            driven.respond(request_id, r#"{"thread":{"id":"t"}}"#);
            driven.respond(plain, "{}");
            driven.poll(plain);
            driven.claim(asked);
        } else {
            driven.notify(&TestEvent {
                resolves: Some(number),
                ..TestEvent::new(1)
            });
        }
        driven.engine.handler_ended();
        driven.engine.leave(&mut place);
        driven.engine.abandon(request_id, &mut driven.effects);
        driven.engine.abandon(plain, &mut driven.effects);
        for id in [events, turn, opening] {
            driven.engine.unsubscribe(id, &mut driven.effects);
        }
        if number % 1000 == 0 {
            driven.sent();
        }
    }
    driven.sent();
    assert_eq!(driven.engine.size(), 0);
}

#[test]
fn close_fails_requests_and_flushes_sent_frames() {
    let mut driven = Driven::new();
    let all = driven.engine.subscribe(Scope::Everything).unwrap();
    let ended = driven.engine.subscribe(Scope::Turn("x".into())).unwrap();
    let id = driven.submit(None);
    driven.poll(id);
    let asked = driven.asked(0);
    driven.notify(&TestEvent::on(1, "t", "x").ending());
    driven.close();
    driven.close();
    driven.notify(&TestEvent::new(2));
    assert!(driven.woken().contains(&101));
    assert!(matches!(driven.poll(id), Poll::Closed));
    assert_eq!(driven.claim(asked), None);
    assert!(matches!(driven.request(1), Opened::Duplicate));
    assert_eq!(driven.numbers(all), [1]);
    assert_eq!(driven.take(all).0, Taken::Closed);
    assert_eq!(driven.numbers(ended), [1]);
    assert_eq!(driven.take(ended).0, Taken::Ended, "it had ended by itself");
    let closed = driven
        .engine
        .submit(9, "".into(), None, &mut driven.effects);
    assert_eq!(closed.unwrap_err().reason(), &CloseReason::ByServer);
    assert!(driven.engine.subscribe(Scope::Everything).is_err());
    assert_eq!(driven.sent(), ["request 1"]);
    let link = driven.engine.link();
    let outgoing =
        driven
            .engine
            .take_outgoing(link, usize::MAX, &mut Vec::new(), || 9, &mut driven.effects);
    assert_eq!(outgoing, Outgoing::Finished);
}
