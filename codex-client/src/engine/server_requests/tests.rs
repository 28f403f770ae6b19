//! The table of open requests, without an engine.

use std::time::{Duration, Instant};

use codex_types::RequestId;

use super::{HandlerLimits, NewRequest, Opened, ServerRequests};

type Table = ServerRequests<&'static str, (), u8>;

fn table(handlers: usize, weight: usize) -> Table {
    Table::new(HandlerLimits { handlers, weight })
}

fn open(table: &mut Table, id: impl Into<RequestId>) -> Opened<()> {
    table.open(NewRequest {
        id: id.into(),
        payload: "asked",
        is_recorded: true,
        default: (),
        due: None,
        weight: 10,
        ends_with: Some("u".to_owned()),
        turn: None,
    })
}

fn opened(table: &mut Table, id: impl Into<RequestId>) -> u64 {
    match open(table, id) {
        Opened::Queued(number) => number,
        other => panic!("{other:?}"),
    }
}

fn claimed(table: &mut Table, number: u64) -> Option<RequestId> {
    let id = table.id_of(number).cloned()?;
    table.claim(number).map(|_| id)
}

#[test]
fn a_reply_is_claimed_once() {
    let mut table = table(1, 100);
    let number = opened(&mut table, 0);
    assert_eq!(claimed(&mut table, number), Some(RequestId::Integer(0)));
    assert_eq!(claimed(&mut table, number), None);
    assert_eq!(table.size(), 0);
}

#[test]
fn every_recorded_request_leaves_its_record_once() {
    let mut table = table(1, 100);
    let numbers = [0, 1, 2].map(|id| opened(&mut table, id));
    let replied = table.claim(numbers[0]).unwrap().recorded.unwrap();
    assert_eq!((replied.payload, replied.weight), ("asked", 10));
    assert!(table.take_withdrawn().is_empty());
    table.resolve(&RequestId::Integer(1));
    drop(table.close());
    let withdrawn = table.take_withdrawn();
    let left = withdrawn.iter().map(|it| (&it.request.id, it.is_resolved));
    let expected = [
        (RequestId::Integer(1), true),
        (RequestId::Integer(2), false),
    ];
    assert!(left.eq(expected.iter().map(|(id, is_resolved)| (id, *is_resolved))));
    assert_eq!(table.size(), 0);
}

#[test]
fn requests_end_with_their_turn() {
    let mut table = table(1, 100);
    let numbers = [0, 1].map(|id| opened(&mut table, id));
    assert!(table.claim(numbers[0]).is_some());
    assert!(table.poll_pending(numbers[1], || 7));
    assert!(table.end_turn("other").is_empty());
    assert_eq!(table.end_turn("u"), [7]);
    assert!(table.claim(numbers[1]).is_none() && !table.has_turns());
    assert!(table.take_withdrawn()[0].is_resolved);
    assert_eq!(table.size(), 0);
}

#[test]
fn a_number_and_a_text_are_different_ids() {
    let mut table = table(1, 100);
    let number = opened(&mut table, 5);
    let text = opened(&mut table, "5".to_owned());
    assert_eq!(open(&mut table, 5), Opened::Duplicate);
    assert_eq!(
        claimed(&mut table, text),
        Some(RequestId::String("5".into()))
    );
    assert_eq!(claimed(&mut table, number), Some(RequestId::Integer(5)));
}

#[test]
fn late_reply_does_not_answer_a_request_with_a_reused_id() {
    let mut table = table(1, 100);
    let old = opened(&mut table, 1);
    assert!(table.poll_pending(old, || 7));
    assert_eq!(table.resolve(&RequestId::Integer(1)), Some(7));
    assert!(!table.poll_pending(old, || 8));
    let new = opened(&mut table, 1);
    assert_eq!(claimed(&mut table, old), None);
    assert_eq!(claimed(&mut table, new), Some(RequestId::Integer(1)));
    assert_eq!(table.resolve(&RequestId::Integer(1)), None);
}

#[test]
fn handlers_are_bounded_and_the_others_wait_in_order() {
    let mut table = table(2, 1000);
    for id in 0..5 {
        opened(&mut table, id);
    }
    let mut ids = || table.next().map(|next| next.id);
    assert_eq!(ids(), Some(RequestId::Integer(0)));
    assert_eq!(ids(), Some(RequestId::Integer(1)));
    assert_eq!(ids(), None);
    assert_eq!(table.resolve(&RequestId::Integer(2)), None);
    table.finish();
    let next = table.next().map(|next| next.id);
    assert_eq!(
        next,
        Some(RequestId::Integer(3)),
        "2 was resolved meanwhile"
    );
}

#[test]
fn open_requests_are_bounded() {
    let mut table = table(1, 25);
    for id in 0..3 {
        opened(&mut table, id);
    }
    assert!(matches!(open(&mut table, 3), Opened::TooMany { .. }));
    table.resolve(&RequestId::Integer(1));
    opened(&mut table, 3);
}

#[test]
fn the_oldest_are_due_first() {
    let mut table = table(1, 1000);
    let now = Instant::now();
    for id in 0..3 {
        table.open(NewRequest {
            id: RequestId::Integer(id),
            payload: "asked",
            is_recorded: false,
            default: (),
            due: Some(now + Duration::from_secs(id.unsigned_abs())),
            weight: 1,
            ends_with: None,
            turn: None,
        });
    }
    let due = |table: &mut Table, at| {
        let number = table.due(at)?.0;
        claimed(table, number)
    };
    assert_eq!(due(&mut table, now), Some(RequestId::Integer(0)));
    assert_eq!(due(&mut table, now), None);
    assert_eq!(table.next_due(), Some(now + Duration::from_secs(1)));
    let later = now + Duration::from_secs(9);
    assert_eq!(due(&mut table, later), Some(RequestId::Integer(1)));
    assert_eq!(due(&mut table, later), Some(RequestId::Integer(2)));
    assert_eq!(due(&mut table, later), None);
}
