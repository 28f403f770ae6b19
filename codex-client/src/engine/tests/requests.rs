//! Requests of the server that the subscriber of their turn responds to.

use super::{Driven, Item, Opened, Opening, TestEvent, turn_response};
use crate::engine::{InTurn, SubscriptionId};

fn in_turn(thread: &str, turn: &str) -> InTurn {
    InTurn {
        thread: Some(thread.to_owned()),
        turn: turn.to_owned(),
        root: None,
    }
}

/// A subscriber of a turn, and its request.
fn opening(driven: &mut Driven, takes_requests: bool) -> (SubscriptionId, i64) {
    let opening = Opening::Turn {
        thread: Some("t".into()),
        takes_requests,
    };
    let id = driven.engine.prepare(opening).unwrap();
    let request = driven.submit(Some(id));
    (id, request)
}

fn bound(driven: &mut Driven, takes_requests: bool) -> SubscriptionId {
    let (id, request) = opening(driven, takes_requests);
    driven.respond(request, &turn_response("x"));
    id
}

fn offered(driven: &mut Driven, id: i64, turn: InTurn) -> Option<u64> {
    match driven.request_in(id, Some(turn)) {
        Opened::Offered(number) => Some(number),
        Opened::Queued(_) => None,
        other => panic!("{other:?}"),
    }
}

/// The numbers of the offered requests in the queue of a subscriber.
fn taken(driven: &mut Driven, id: SubscriptionId) -> Vec<u64> {
    let items = driven.take(id).1;
    let numbers = items.iter().filter_map(|item| match item {
        Item::Request(request) => Some(request.number),
        _ => None,
    });
    numbers.collect()
}

fn next(driven: &mut Driven) -> Option<u64> {
    driven.engine.next_request().map(|next| next.number)
}

#[test]
fn requests_are_offered_to_the_subscriber_that_asked() {
    let mut driven = Driven::new();
    let plain = bound(&mut driven, false);
    assert_eq!(offered(&mut driven, 0, in_turn("t", "x")), None);
    let asking = bound(&mut driven, true);
    let later = bound(&mut driven, true);
    assert_eq!(offered(&mut driven, 1, in_turn("t", "other")), None);
    assert_eq!(offered(&mut driven, 2, in_turn("other", "x")), None);
    driven.asked(3);
    let number = offered(&mut driven, 4, in_turn("t", "x")).unwrap();
    assert_eq!(taken(&mut driven, asking), [number]);
    assert!(taken(&mut driven, later).is_empty());
    assert!(taken(&mut driven, plain).is_empty());
    assert!(driven.engine.take_offered(number).is_some());
    assert!(driven.engine.take_offered(number).is_none());
    assert!(driven.claim(number).is_some());
}

#[test]
fn requests_of_other_turns_are_released_when_the_turn_is_known() {
    let mut driven = Driven::new();
    let (id, request) = opening(&mut driven, true);
    let own = offered(&mut driven, 0, in_turn("t", "x")).unwrap();
    let other = offered(&mut driven, 1, in_turn("t", "y")).unwrap();
    assert_eq!(next(&mut driven), None);
    driven.respond(request, &turn_response("x"));
    assert!(driven.effects.requests_released);
    assert_eq!(next(&mut driven), Some(other));
    assert_eq!(taken(&mut driven, id), [own]);
}

#[test]
fn requests_of_a_subscriber_without_a_turn_are_released() {
    let mut driven = Driven::new();
    let (id, request) = opening(&mut driven, true);
    let number = offered(&mut driven, 0, in_turn("t", "x")).unwrap();
    driven.respond(request, "{}");
    assert_eq!(next(&mut driven), Some(number));
    assert!(taken(&mut driven, id).is_empty());
}

#[test]
fn unread_requests_are_released_with_their_subscriber() {
    let mut driven = Driven::new();
    let id = bound(&mut driven, true);
    let unread = offered(&mut driven, 0, in_turn("t", "x")).unwrap();
    let resolved = offered(&mut driven, 1, in_turn("t", "x")).unwrap();
    let event = TestEvent {
        resolves: Some(1),
        ..TestEvent::new(1)
    };
    driven.notify(&event);
    assert!(driven.engine.take_offered(resolved).is_none());
    driven.engine.unsubscribe(id, &mut driven.effects);
    assert!(driven.effects.requests_released);
    assert_eq!(next(&mut driven), Some(unread));
    assert_eq!(next(&mut driven), None);
    assert_eq!(offered(&mut driven, 2, in_turn("t", "x")), None);
}

#[test]
fn a_taken_request_can_be_given_back() {
    let mut driven = Driven::new();
    bound(&mut driven, true);
    let number = offered(&mut driven, 0, in_turn("t", "x")).unwrap();
    driven.engine.take_offered(number).unwrap();
    driven.engine.release(number, &mut driven.effects);
    assert_eq!(next(&mut driven), Some(number));
    assert!(driven.claim(number).is_some());
    driven.engine.release(number, &mut driven.effects);
    assert_eq!(next(&mut driven), None, "it has its response");
}

#[test]
fn a_flood_of_requests_ends_the_subscription_and_releases_them() {
    let mut driven = Driven::with_budget(usize::MAX, 300);
    let id = bound(&mut driven, true);
    for request in 0..10 {
        let _ = driven.request_in(request, Some(in_turn("t", "x")));
    }
    assert_eq!(driven.take(id).1, [Item::Overrun]);
    let (first, second) = (next(&mut driven), next(&mut driven));
    assert_eq!((first, second), (Some(1), Some(2)), "two handlers");
    driven.engine.handler_ended();
    assert_eq!(next(&mut driven), Some(3));
}

#[test]
fn requests_are_not_offered_after_the_end_of_the_turn() {
    let mut driven = Driven::new();
    let id = bound(&mut driven, true);
    let number = offered(&mut driven, 0, in_turn("t", "x")).unwrap();
    driven.notify(&TestEvent::on(1, "t", "x").ending());
    assert_eq!(offered(&mut driven, 1, in_turn("t", "x")), None);
    assert_eq!(taken(&mut driven, id), [number]);
    driven.close();
    assert!(driven.engine.take_offered(number).is_none());
}

#[test]
fn the_requests_of_a_sub_agent_go_to_the_turn_that_called_it() {
    let mut driven = Driven::new();
    let of_child = |root: &str| InTurn {
        thread: Some("child".to_owned()),
        turn: "y".to_owned(),
        root: Some(root.to_owned()),
    };
    let id = bound(&mut driven, true);
    let number = offered(&mut driven, 0, of_child("x")).unwrap();
    assert_eq!(offered(&mut driven, 1, of_child("z")), None);
    assert_eq!(taken(&mut driven, id), [number]);
}
