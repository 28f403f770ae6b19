//! Frames on their way to the writer.

use super::{Cause, Driven, NotSent, Outgoing, WAITING};

#[test]
fn frames_of_requests_that_were_given_up_are_not_sent() {
    let mut driven = Driven::new();
    let ids: Vec<i64> = (0..4).map(|_| driven.submit(None)).collect();
    driven.engine.abandon(ids[1], &mut driven.effects);
    driven.engine.abandon(ids[3], &mut driven.effects);
    assert_eq!(driven.sent(), ["request 1", "request 3"]);
    driven.engine.abandon(ids[0], &mut driven.effects);
    assert_eq!(driven.sent(), Vec::<String>::new());
}

#[test]
fn queued_output_is_bounded() {
    let mut driven = Driven::new();
    let frame = || "x".repeat(WAITING / 4);
    let mut send = |cause| {
        driven
            .engine
            .send(frame().into(), cause, &mut driven.effects)
    };
    for _ in 0..5 {
        send(Cause::Client).unwrap();
        send(Cause::Server).unwrap();
    }
    assert!(matches!(send(Cause::Client), Err(NotSent::Full)));
    assert!(driven.engine.replies_wait(|| 3), "the server does not read");
    driven.effects.wake.clear();
    while !driven.sent().is_empty() {}
    assert_eq!(driven.woken(), [3]);
    assert!(!driven.engine.replies_wait(|| 3));
}

#[test]
fn frames_are_taken_only_if_all_are_short() {
    let mut driven = Driven::new();
    driven.submit(None);
    driven.submit(None);
    let size = 2 * "request 1\n".len();
    let link = driven.engine.link();
    let mut take = |most| {
        let mut frames = Vec::new();
        let (engine, effects) = (&mut driven.engine, &mut driven.effects);
        let taken = engine.take_outgoing(link, most, &mut frames, || 9, effects);
        (taken, frames.len())
    };
    assert_eq!(take(0), (Outgoing::Many, 0));
    assert_eq!(take(size - 1), (Outgoing::Many, 0));
    assert_eq!(take(size), (Outgoing::Frames, 2));
    assert_eq!(take(0), (Outgoing::Waiting, 0));
    driven.effects.wake.clear();
    driven.submit(None);
    assert_eq!(driven.woken(), [9]);
}
