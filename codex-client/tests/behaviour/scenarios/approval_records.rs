//! The records of decisions about approvals: each request leaves one, whoever decided.

use std::time::Duration;

use codex_client::types::{
    AdditionalNetworkPermissions, GrantedPermissionProfile, PermissionsRequestApprovalResponse,
    methods,
};
use codex_client::{
    Approval, ApprovalMode, ApprovalRecord, ApprovalSubject, Approve, DecidedBy, Decision, Error,
    Sandbox, TurnEvent,
};
use codex_testing::Reply;
use codex_testing::scripted::Script;
use serde_json::{Value, json};

use super::{Thread, TurnHandle, World, deciding, failing, scripted_with};
use crate::occasions;
use crate::support::{LIMIT, Seen, escalated, harness_with};

fn next_approval(turn: &mut TurnHandle) -> Approval {
    loop {
        let event = wait!(turn.next()).expect("an approval").unwrap();
        if let TurnEvent::Approval(approval) = event {
            return approval;
        }
    }
}

fn start(world: &World) -> Thread {
    call!(world.codex.thread_start().sandbox(Sandbox::ReadOnly)).unwrap()
}

fn running(commands: &[&str]) -> impl IntoIterator<Item = Reply> {
    let replies = commands.iter().flat_map(|command| escalated(command));
    replies.collect::<Vec<_>>()
}

/// Who decided what, and why.
fn verdict(record: &ApprovalRecord) -> (DecidedBy, Option<Decision>, Option<&str>) {
    (record.decided_by, record.decision, record.reason.as_deref())
}

fn line(record: &ApprovalRecord) -> String {
    match record.request().unwrap().subject() {
        ApprovalSubject::Command(command) => command.line.into_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn policy_handler_and_stream_are_recorded_with_their_reasons() {
    let commands = [
        "touch one",
        "touch two",
        "touch three",
        "touch four",
        "touch five",
    ];
    let asked = Seen::default();
    let world = World::start(harness_with(running(&commands)), |builder| {
        let policy = Approve::command(["touch", "one"]).named("ones").else_ask();
        let policy = policy.decline(Approve::command(["touch", "four"]));
        builder.approvals(policy).handler(deciding(true, &asked))
    });
    let mut records = world.codex.approval_records().unwrap();
    let thread = start(&world);
    for _ in 0..2 {
        call!(thread.run("go")).unwrap();
    }
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let approval = next_approval(&mut turn);
    let (turn_id, item_id) = (turn.id().clone(), approval.item_id().unwrap().to_owned());
    approval.decide(Decision::AcceptForSession).unwrap();
    wait!(turn.run()).unwrap();
    call!(thread.run("go")).unwrap();
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    drop(next_approval(&mut turn));
    wait!(turn.run()).unwrap();

    let dropped = Some("dropped without a decision");
    let expected = [
        (DecidedBy::Policy, Some(Decision::Accept), Some("ones")),
        (DecidedBy::Handler, Some(Decision::Accept), None),
        (DecidedBy::Stream, Some(Decision::AcceptForSession), None),
        (
            DecidedBy::Policy,
            Some(Decision::Decline),
            Some("command `touch four`"),
        ),
        (DecidedBy::Default, Some(Decision::Decline), dropped),
    ];
    for (number, expected) in expected.into_iter().enumerate() {
        let record = wait!(records.next()).unwrap().unwrap();
        assert_eq!(verdict(&record), expected, "{record:?}");
        assert!(
            line(&record).contains(commands[number]),
            "{}",
            line(&record)
        );
        assert_eq!(&*record.method, "item/commandExecution/requestApproval");
        let request = record.request().unwrap();
        assert_eq!(request.thread_id(), Some(thread.id().as_str()));
        if record.decided_by == DecidedBy::Stream {
            assert_eq!(request.turn_id(), Some(turn_id.as_str()));
            assert_eq!(request.item_id(), Some(item_id.as_str()));
            let response: Value = serde_json::from_str(record.response().unwrap()).unwrap();
            assert_eq!(response, json!({"decision": "acceptForSession"}));
        }
        assert!(!format!("{record:?}").contains("touch t"), "no contents");
    }
}

/// Runs a turn whose approval nobody decides about, and returns its thread.
fn asked_without_a_handler(world: &World) -> Thread {
    let mut records = world.codex.approval_records().unwrap();
    let asking = world.codex.thread_start().sandbox(Sandbox::ReadOnly);
    let thread = call!(asking.approval_mode(ApprovalMode::AskClient)).unwrap();
    call!(thread.run("go")).unwrap();
    let record = wait!(records.next()).unwrap().unwrap();
    let reason = Some("no handler decides about it");
    assert_eq!(
        verdict(&record),
        (DecidedBy::Default, Some(Decision::Decline), reason)
    );
    thread
}

#[test]
fn what_no_one_decides_is_recorded_as_well() {
    let world = World::start(harness_with(running(&["touch one", "touch two"])), |it| it);
    let thread = asked_without_a_handler(&world);
    let mut records = world.codex.approval_records().unwrap();

    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let approval = next_approval(&mut turn);
    call!(turn.interrupt()).unwrap();
    wait!(turn.run()).unwrap();
    let record = wait!(records.next()).unwrap().unwrap();
    let reason = Some("resolved elsewhere, or the turn ended");
    assert_eq!(verdict(&record), (DecidedBy::Elsewhere, None, reason));
    assert_eq!(record.response(), None);
    assert!(approval.accept().is_err());
}

#[test]
fn an_absent_handler_decides_about_nothing() {
    let asked = Seen::default();
    let world = World::start(harness_with(running(&["touch one"])), |builder| {
        builder.handler(Some(deciding(true, &asked)).filter(|_| false))
    });
    asked_without_a_handler(&world);
}

#[test]
fn a_handler_that_fails_or_panics_is_recorded() {
    for (panics, by, reason) in [
        (false, DecidedBy::Handler, "no interface"),
        (true, DecidedBy::Default, "the handler panicked"),
    ] {
        let world = World::start(harness_with(running(&["touch one"])), |builder| {
            builder.handler(failing(panics))
        });
        let mut records = world.codex.approval_records().unwrap();
        let thread = start(&world);
        call!(thread.run("go")).unwrap();
        let record = wait!(records.next()).unwrap().unwrap();
        assert_eq!(
            verdict(&record),
            (by, Some(Decision::Decline), Some(reason))
        );
        assert!(!world.harness.workspace().join("one").exists());
    }
}

#[test]
fn a_part_of_the_permissions_is_in_the_recorded_response() {
    let world = World::start(occasions::permissions().start(), |builder| builder);
    let mut records = world.codex.approval_records().unwrap();
    let thread = start(&world);
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let approval = next_approval(&mut turn);
    let network = AdditionalNetworkPermissions::new().enabled(true);
    let granted = GrantedPermissionProfile::new().network(network);
    let response = PermissionsRequestApprovalResponse::new(granted);
    approval
        .respond::<methods::ItemPermissionsRequestApproval>(&response)
        .unwrap();
    wait!(turn.run()).unwrap();
    let record = wait!(records.next()).unwrap().unwrap();
    assert_eq!(
        verdict(&record),
        (DecidedBy::Stream, Some(Decision::Accept), None)
    );
    let response: Value = serde_json::from_str(record.response().unwrap()).unwrap();
    assert_eq!(response["permissions"]["network"]["enabled"], true);
}

#[test]
fn records_end_with_the_approvals_that_a_close_leaves_open() {
    let world = World::start(harness_with(running(&["touch one"])), |builder| builder);
    let mut records = world.codex.approval_records().unwrap();
    let thread = start(&world);
    let mut turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    let _open = next_approval(&mut turn);
    wait!(world.codex.close());
    let record = wait!(records.next()).unwrap().unwrap();
    let reason = Some("by this client");
    assert_eq!(verdict(&record), (DecidedBy::Shutdown, None, reason));
    assert!(line(&record).contains("touch one"));
    assert!(wait!(records.next()).is_none());
    assert!(wait!(records.next()).is_none());
    let closed = world.codex.approval_records().unwrap_err();
    assert!(matches!(closed, Error::Closed(_)), "{closed:?}");
}

const COMMAND: &str = "item/commandExecution/requestApproval";

fn approval(turn: &str) -> Value {
    json!({
        "threadId": "thread", "turnId": turn, "itemId": "item", "startedAtMs": 1,
        "command": "date",
    })
}

fn turn(status: &str) -> Value {
    json!({"threadId": "thread", "turn": {
        "id": "turn", "items": [], "itemsView": "notLoaded", "status": status,
        "error": null, "startedAt": null, "completedAt": null, "durationMs": null,
    }})
}

fn decided(id: i64, decision: &'static str) -> impl FnOnce(Script) -> Script {
    move |script| {
        script.expect_answer(id, move |answer| {
            assert_eq!(answer["result"]["decision"], decision, "{answer}");
        })
    }
}

#[test]
fn limits_and_malformed_requests_are_recorded() {
    let (codex, peer) = scripted_with(
        |builder| builder.handler_limit(Duration::from_millis(1)),
        |script| {
            let script = script.expect("turn/start").reply(turn("inProgress"));
            let script = script.request(1, COMMAND, approval("turn"));
            let script = decided(1, "decline")(script);
            let script = script.request(2, COMMAND, json!({"threadId": 7}));
            let script = script.expect_answer(2, |answer| {
                assert_eq!(answer["error"]["code"], -32602, "{answer}");
            });
            script.notify("turn/completed", turn("completed"))
        },
    );
    let mut records = codex.approval_records().unwrap();
    let thread = codex.thread("thread");
    let turn = call!(thread.turn("go").approvals_in_stream()).unwrap();
    peer.finish(LIMIT);
    let declined = Some(Decision::Decline);
    let late = Some("the time limit of handlers has passed");
    let malformed = Some("the request was malformed");
    let mut seen = Vec::new();
    for _ in 0..2 {
        let record = wait!(records.next()).unwrap().unwrap();
        assert_eq!(&*record.method, COMMAND);
        assert_eq!(
            record.request().is_none(),
            record.decided_by == DecidedBy::Default
        );
        seen.push(record);
    }
    // A response may be read before it is recorded.
    let seen: Vec<_> = seen.iter().map(verdict).collect();
    assert!(
        seen.contains(&(DecidedBy::Limit, declined, late)),
        "{seen:?}"
    );
    assert!(
        seen.contains(&(DecidedBy::Default, declined, malformed)),
        "{seen:?}"
    );
    drop((turn, thread, codex));
}

#[test]
fn a_request_before_the_response_has_the_policy_of_its_turn() {
    let (codex, peer) = scripted_with(
        |builder| builder,
        |script| {
            let script = script.expect("turn/start");
            let script = script.request(1, COMMAND, approval("turn"));
            let script = script.reply(turn("inProgress"));
            let script = decided(1, "accept")(script);
            let script = script.request(2, COMMAND, approval("other"));
            let script = decided(2, "decline")(script);
            script.notify("turn/completed", turn("completed"))
        },
    );
    let mut records = codex.approval_records().unwrap();
    let thread = codex.thread("thread");
    let policy = Approve::when(|_| true).named("anything").else_ask();
    call!(thread.run("go").approvals(policy)).unwrap();
    let mut seen: Vec<(DecidedBy, Option<Decision>)> = Vec::new();
    for _ in 0..2 {
        let record = wait!(records.next()).unwrap().unwrap();
        seen.push((record.decided_by, record.decision));
    }
    assert!(seen.contains(&(DecidedBy::Policy, Some(Decision::Accept))));
    assert!(seen.contains(&(DecidedBy::Default, Some(Decision::Decline))));
    peer.finish(LIMIT);
    drop((thread, codex));
}
