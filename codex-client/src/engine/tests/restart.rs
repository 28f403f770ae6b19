//! A lost link that is restored, step by step.

use std::sync::Arc;

use super::{
    Driven, Item, Opening, Outgoing, Poll, Scope, Taken, TestEvent, number, turn_response,
};
use crate::engine::{CloseReason, Closed, NotSent};

fn lose(driven: &mut Driven) {
    let link = driven.engine.link();
    let reason = Arc::new(Closed::new(CloseReason::ByServer));
    driven.engine.lose(link, reason, &mut driven.effects);
}

/// Ends the restart; the turns that are over are given.
fn end(driven: &mut Driven, missed: &[TestEvent], over: &[&str]) {
    let link = driven.engine.link();
    let is_over = |turn: &str| over.contains(&turn);
    let ended = driven
        .engine
        .end_restart(link, &"report", missed, is_over, &mut driven.effects);
    assert!(ended);
}

/// The entries that a subscriber takes: numbers of events, and a word for the others.
fn shown(items: &[Item<TestEvent, &'static str>]) -> Vec<String> {
    let shown = |item: &Item<TestEvent, &'static str>| match item {
        Item::Restarted(Some(report)) => (*report).to_owned(),
        Item::Event(_) => number(item).to_string(),
        other => format!("{other:?}"),
    };
    items.iter().map(shown).collect()
}

#[test]
fn unsupervised_connection_is_closed_by_the_loss() {
    let mut driven = Driven::new();
    lose(&mut driven);
    assert!(driven.engine.closed().is_some());
}

#[test]
fn written_requests_fail_and_others_wait_for_the_new_link() {
    let mut driven = Driven::supervised();
    let written = driven.submit(None);
    assert_eq!(driven.sent(), ["request 1"]);
    let unwritten = driven.submit(None);
    driven.poll(written);
    driven.woken();
    lose(&mut driven);
    assert_eq!(driven.woken(), [101], "it is told at once");
    assert!(matches!(driven.poll(written), Poll::Lost));
    assert!(matches!(driven.poll(unwritten), Poll::Waiting));
    let while_lost = driven.submit(None);
    driven.engine.begin_link().unwrap();
    assert!(driven.sent().is_empty());
    end(&mut driven, &[], &[]);
    assert_eq!(driven.sent(), ["request 2", "request 3"]);
    assert!(driven.respond(unwritten, "2") && driven.respond(while_lost, "3"));
    assert!(matches!(driven.poll(unwritten), Poll::Ready(Ok(_))));
}

#[test]
fn urgent_requests_are_sent_first() {
    let mut driven = Driven::supervised();
    lose(&mut driven);
    let waiting = driven.submit(None);
    let link = driven.engine.begin_link().unwrap();
    let id = driven.engine.next_id();
    let effects = &mut driven.effects;
    driven
        .engine
        .submit_urgent(link, id, "urgent".into(), effects)
        .unwrap();
    assert_eq!(driven.sent(), ["urgent"]);
    assert!(driven.respond(id, "{}"));
    end(&mut driven, &[], &[]);
    assert_eq!(driven.sent(), [format!("request {waiting}")]);
}

#[test]
fn urgent_request_of_a_lost_link_fails() {
    let mut driven = Driven::supervised();
    lose(&mut driven);
    let link = driven.engine.begin_link().unwrap();
    lose(&mut driven);
    let effects = &mut driven.effects;
    let late = driven.engine.submit_urgent(link, 9, "".into(), effects);
    assert_eq!(late.unwrap_err().reason(), &CloseReason::ByServer);
    assert!(driven.sent().is_empty());
}

#[test]
fn earlier_link_has_no_effect() {
    let mut driven = Driven::supervised();
    let old = driven.engine.link();
    lose(&mut driven);
    driven.engine.begin_link().unwrap();
    end(&mut driven, &[], &[]);
    driven.submit(None);
    let mut frames = Vec::new();
    let taken =
        driven
            .engine
            .take_outgoing(old, usize::MAX, &mut frames, || 9, &mut driven.effects);
    assert_eq!((taken, frames.len()), (Outgoing::Finished, 0));
    let reason = Arc::new(Closed::new(CloseReason::ByServer));
    driven.engine.lose(old, reason, &mut driven.effects);
    driven.engine.writer_ended(old);
    assert_eq!(driven.sent(), ["request 1"]);
}

#[test]
fn notifications_are_not_kept_for_another_server() {
    let mut driven = Driven::supervised();
    lose(&mut driven);
    let cause = crate::engine::Cause::Client;
    let sent = driven
        .engine
        .send("late".into(), cause, &mut driven.effects);
    assert!(matches!(sent, Err(NotSent::Lost(_))));
}

#[test]
fn subscribers_read_the_report_between_old_and_new_events() {
    let mut driven = Driven::supervised();
    let all = driven.engine.subscribe(Scope::Everything).unwrap();
    let thread = driven.engine.subscribe(Scope::Thread("t".into())).unwrap();
    driven.notify(&TestEvent::on(1, "t", "u"));
    lose(&mut driven);
    driven.engine.begin_link().unwrap();
    // A second attempt does not mark the place again.
    lose(&mut driven);
    driven.engine.begin_link().unwrap();
    driven.notify(&TestEvent::on(3, "t", "u"));
    assert_eq!(driven.take(all).0, Taken::Waiting, "not before the report");
    let late = driven.engine.subscribe(Scope::Everything).unwrap();
    let missed = [TestEvent::on(2, "t", "u"), TestEvent::on(9, "other", "v")];
    end(&mut driven, &missed, &[]);
    assert_eq!(shown(&driven.take(all).1), ["1", "report", "2", "9", "3"]);
    assert_eq!(shown(&driven.take(thread).1), ["1", "report", "2", "3"]);
    assert!(driven.take(late).1.is_empty(), "subscribed after the loss");
}

#[test]
fn turns_end_by_the_report_or_by_their_missed_end() {
    let mut driven = Driven::supervised();
    let mut turn = |id: &str| driven.engine.subscribe(Scope::Turn(id.into())).unwrap();
    let (cut, ended, running) = (turn("cut"), turn("ended"), turn("running"));
    lose(&mut driven);
    driven.engine.begin_link().unwrap();
    let missed = [
        TestEvent::on(2, "t", "ended"),
        TestEvent::on(3, "t", "ended").ending(),
    ];
    end(&mut driven, &missed, &["cut"]);
    assert_eq!(shown(&driven.take(cut).1), ["report"]);
    assert_eq!(driven.take(cut).0, Taken::Ended);
    assert_eq!(shown(&driven.take(ended).1), ["report", "2", "3"]);
    assert_eq!(driven.take(ended).0, Taken::Ended);
    driven.notify(&TestEvent::on(4, "t", "running").ending());
    assert_eq!(shown(&driven.take(running).1), ["report", "4"]);
}

#[test]
fn end_that_came_by_itself_is_not_repeated() {
    let mut driven = Driven::supervised();
    let turn = driven.engine.subscribe(Scope::Turn("u".into())).unwrap();
    let all = driven.engine.subscribe(Scope::Everything).unwrap();
    lose(&mut driven);
    driven.engine.begin_link().unwrap();
    driven.notify(&TestEvent::on(4, "t", "u").completing("late"));
    driven.notify(&TestEvent::on(5, "t", "u").ending());
    let missed = [
        TestEvent::on(1, "t", "u").completing("early"),
        TestEvent::on(2, "t", "u").completing("late"),
        TestEvent::on(3, "t", "u").ending(),
    ];
    end(&mut driven, &missed, &[]);
    for subscriber in [turn, all] {
        assert_eq!(shown(&driven.take(subscriber).1), ["report", "1", "4", "5"]);
    }
    assert_eq!(driven.take(turn).0, Taken::Ended);
}

#[test]
fn opened_turn_is_seen_from_the_request_that_is_sent_at_last() {
    let mut driven = Driven::supervised();
    let opening = Opening::Turn {
        thread: Some("t".into()),
        takes_requests: false,
    };
    let subscription = driven.engine.prepare(opening).unwrap();
    let id = driven.submit(Some(subscription));
    lose(&mut driven);
    driven.engine.begin_link().unwrap();
    driven.notify(&TestEvent::on(1, "t", "u"));
    end(&mut driven, &[], &[]);
    assert_eq!(driven.sent(), ["request 1"]);
    driven.notify(&TestEvent::on(2, "t", "u"));
    assert!(driven.respond(id, &turn_response("u")));
    assert_eq!(driven.numbers(subscription), [2]);
}

#[test]
fn close_ends_a_restart() {
    let mut driven = Driven::supervised();
    let all = driven.engine.subscribe(Scope::Everything).unwrap();
    let id = driven.submit(None);
    lose(&mut driven);
    driven.engine.begin_link().unwrap();
    driven.close();
    assert!(matches!(driven.poll(id), Poll::Closed));
    let (_, items) = driven.take(all);
    assert!(matches!(items[..], [Item::Restarted(None)]));
    assert_eq!(driven.take(all).0, Taken::Closed);
    assert!(driven.engine.begin_link().is_err());
}

#[test]
fn reports_that_are_never_read_are_bounded() {
    let mut driven = Driven::supervised_with_budget(10_000);
    let all = driven.engine.subscribe(Scope::Everything).unwrap();
    for _ in 0..100 {
        lose(&mut driven);
        driven.engine.begin_link().unwrap();
        end(&mut driven, &[], &[]);
        driven.notify(&TestEvent::new(1).lifecycle());
    }
    assert!(matches!(driven.take(all).1[..], [Item::Overrun]));
}
