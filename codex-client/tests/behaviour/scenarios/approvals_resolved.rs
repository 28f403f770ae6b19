//! Approvals in a stream that nobody can decide any more, that come before their turn has a stream,
//! or that several streams could take. The runtime is a script.

use std::time::Duration;

use codex_client::types::ServerNotification;
use codex_client::{Approval, Decision, Error, TurnEvent, TurnLimit};
use codex_testing::scripted::Script;
use serde_json::{Value, json};

use super::{TurnHandle, is_silent_for, scripted, scripted_with};

const COMMAND: &str = "item/commandExecution/requestApproval";

fn approval(turn: &str, command: &str) -> Value {
    json!({
        "threadId": "thread", "turnId": turn, "itemId": "item", "startedAtMs": 1,
        "command": command,
    })
}

fn started() -> Value {
    json!({"turn": {
        "id": "turn", "items": [], "itemsView": "notLoaded", "status": "inProgress",
        "error": null, "startedAt": null, "completedAt": null, "durationMs": null,
    }})
}

fn completed() -> Value {
    json!({"threadId": "thread", "turn": {
        "id": "turn", "items": [], "itemsView": "notLoaded", "status": "completed",
        "error": null, "startedAt": null, "completedAt": null, "durationMs": null,
    }})
}

/// A notification in the turn.
fn delta() -> Value {
    json!({"threadId": "thread", "turnId": "turn", "itemId": "m", "delta": "x"})
}

fn decided(id: i64, decision: &'static str) -> impl FnOnce(Script) -> Script {
    move |script| {
        script.expect_answer(id, move |answer| {
            assert_eq!(answer["result"]["decision"], decision, "{answer}");
        })
    }
}

fn event(turn: &mut TurnHandle) -> TurnEvent {
    wait!(turn.next()).expect("an event").unwrap()
}

fn next_approval(turn: &mut TurnHandle) -> Approval {
    match event(turn) {
        TurnEvent::Approval(approval) => approval,
        other => panic!("no approval: {other:?}"),
    }
}

#[test]
fn requests_before_the_response_go_to_the_stream_of_their_turn() {
    let (codex, peer) = scripted(|script| {
        let script = script
            .expect("turn/start")
            .request(0, COMMAND, approval("turn", "mine"))
            .request(1, COMMAND, approval("other", "theirs"))
            .reply(started());
        let script = decided(1, "decline")(script);
        let script = script.notify("item/agentMessage/delta", delta());
        decided(0, "accept")(script).notify("turn/completed", completed())
    });
    let thread = codex.thread("thread");
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let approval = next_approval(&mut turn);
    assert_eq!(approval.turn_id(), Some("turn"));
    // The other one is left to the handler; the script continues after that.
    let event = event(&mut turn);
    assert!(matches!(
        event.notification(),
        ServerNotification::ItemAgentMessageDelta(_)
    ));
    approval.accept().unwrap();
    wait!(turn.run()).unwrap();
    drop((turn, thread, codex));
    peer.finish(crate::support::LIMIT);
}

#[test]
fn a_request_that_is_resolved_unread_is_not_yielded() {
    let (codex, _peer) = scripted(|script| {
        script
            .expect("turn/start")
            .request(0, COMMAND, approval("turn", "x"))
            .notify(
                "serverRequest/resolved",
                json!({"threadId": "thread", "requestId": 0}),
            )
            .reply(started())
            .notify("turn/completed", completed())
    });
    let mut turn = call!(codex.thread("thread").turn("go").approvals_in_stream()).unwrap();
    let event = event(&mut turn);
    assert_eq!(event.method(), "turn/completed");
}

#[test]
fn a_decision_that_comes_too_late_is_an_error() {
    let (codex, _peer) = scripted(|script| {
        script
            .expect("turn/start")
            .reply(started())
            .request(0, COMMAND, approval("turn", "x"))
            .expect("thread/unarchive")
            .notify(
                "serverRequest/resolved",
                json!({"threadId": "thread", "requestId": 0}),
            )
            .reply_error(-1, "no")
    });
    let thread = codex.thread("thread");
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let approval = next_approval(&mut turn);
    assert!(approval.is_pending());
    call!(codex.thread_unarchive("thread")).unwrap_err();
    assert!(!approval.is_pending());
    for decision in [Decision::Accept, Decision::Cancel] {
        let error = approval.decide(decision).unwrap_err();
        assert!(matches!(error, Error::ApprovalResolved { .. }), "{error}");
        assert!(error.to_string().contains(COMMAND), "{error}");
    }
}

#[test]
fn a_decision_on_a_closed_connection_is_an_error() {
    let (codex, _peer) = scripted(|script| {
        script
            .expect("turn/start")
            .reply(started())
            .request(0, COMMAND, approval("turn", "x"))
            .expect("thread/unarchive")
            .close()
    });
    let thread = codex.thread("thread");
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let approval = next_approval(&mut turn);
    call!(codex.thread_unarchive("thread")).unwrap_err();
    assert!(!approval.is_pending());
    let error = approval.accept().unwrap_err();
    assert!(matches!(error, Error::Closed(_)), "{error}");
}

#[test]
fn the_oldest_stream_of_a_turn_decides_and_then_the_next() {
    let (codex, peer) = scripted(|script| {
        let script = script.expect("turn/start").reply(started());
        let script = script.expect("turn/start").reply(started());
        let script = script.request(0, COMMAND, approval("turn", "one"));
        let script = decided(0, "accept")(script);
        // The first stream is dropped before this request.
        let script = script.expect("thread/unarchive").reply_error(-1, "no");
        let script = script.request(1, COMMAND, approval("turn", "two"));
        decided(1, "cancel")(script).notify("turn/completed", completed())
    });
    let thread = codex.thread("thread");
    let mut first = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let mut second = call!(thread.turn("and").approvals_in_stream()).unwrap();
    next_approval(&mut first).accept().unwrap();
    drop(first);
    call!(codex.thread_unarchive("thread")).unwrap_err();
    next_approval(&mut second).cancel().unwrap();
    wait!(second.run()).unwrap();
    drop((second, thread, codex));
    peer.finish(crate::support::LIMIT);
}

#[test]
fn the_time_limit_of_handlers_applies_to_streams() {
    let limit = Duration::from_millis(50);
    let (codex, peer) = scripted_with(
        |builder| builder.handler_limit(limit),
        |script| {
            let script = script.expect("turn/start").reply(started());
            let script = script.request(0, COMMAND, approval("turn", "x"));
            decided(0, "decline")(script).notify("turn/completed", completed())
        },
    );
    let thread = codex.thread("thread");
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let approval = next_approval(&mut turn);
    assert_eq!(event(&mut turn).method(), "turn/completed");
    let error = approval.accept().unwrap_err();
    assert!(matches!(error, Error::ApprovalResolved { .. }), "{error}");
    drop((approval, turn, thread, codex));
    peer.finish(crate::support::LIMIT);
}

#[test]
fn unread_requests_beyond_the_budget_are_left_to_the_handler() {
    let (codex, peer) = scripted_with(
        |builder| builder.event_budget(1).max_handlers(1),
        |script| {
            let script = script
                .expect("turn/start")
                .request(0, COMMAND, approval("turn", "one"))
                .request(1, COMMAND, approval("turn", "two"));
            let script = decided(1, "decline")(decided(0, "decline")(script));
            script.reply(started())
        },
    );
    let thread = codex.thread("thread");
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let error = wait!(turn.next()).expect("an error").unwrap_err();
    assert!(matches!(error, Error::Overrun), "{error}");
    drop((turn, thread, codex));
    peer.finish(crate::support::LIMIT);
}

#[test]
fn a_turn_is_not_idle_while_it_waits_for_a_decision() {
    let limit = Duration::from_millis(40);
    let (codex, _peer) = scripted(|script| {
        let script = script.expect("turn/start").reply(started());
        let script = script.request(0, COMMAND, approval("turn", "x"));
        let script = decided(0, "accept")(script);
        script.expect("turn/interrupt").reply(json!({}))
    });
    let thread = codex.thread("thread");
    let turn = thread.turn("go").approvals_in_stream().idle_limit(limit);
    let mut turn = call!(turn).unwrap();
    let approval = next_approval(&mut turn);
    // Several times the limit passes, and the decision is still waited for.
    assert!(is_silent_for(&mut turn, 4 * limit));
    approval.accept().unwrap();
    let Some(Err(Error::TurnTimedOut(late))) = wait!(turn.next()) else {
        panic!("the turn is idle after the decision")
    };
    assert_eq!(late.limit, TurnLimit::Idle);
}
