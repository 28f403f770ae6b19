//! Steering and interrupting.

use codex_client::ServerErrorKind;
use codex_client::types::{ServerNotification, ThreadItem, TurnStatus};
use codex_testing::{Gate, Reply};

use super::{TurnHandle, World};
use crate::support::{LIMIT, agent_messages, harness_with, user_texts};

#[test]
fn a_steered_turn_takes_the_new_input_in() {
    let gate = Gate::new();
    let replies = [
        Reply::streaming(["wait"]).gate(&gate),
        Reply::assistant("changed"),
    ];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut turn = call!(thread.turn("first")).unwrap();
    gate.wait_reached(LIMIT).unwrap();
    let steered = call!(turn.steer("second")).unwrap();
    assert_eq!(steered.turn_id, *turn.id());
    gate.release();
    let result = wait!(turn.run()).unwrap();
    assert_eq!(user_texts(&result.items), ["first", "second"]);
    assert_eq!(result.final_response.as_deref(), Some("changed"));
    let requests = world.harness.responses().requests();
    assert_eq!(requests[1].last_user_text(), Some("second"));
}

#[test]
fn a_finished_turn_can_neither_be_steered_nor_interrupted() {
    let world = World::start(harness_with([Reply::assistant("done")]), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut turn = call!(thread.turn("hello")).unwrap();
    wait!(turn.run()).unwrap();
    let error = call!(turn.steer("more")).unwrap_err();
    assert_eq!(
        error.server().unwrap().kind(),
        ServerErrorKind::NoActiveTurn
    );
    assert!(wait!(turn.next()).is_none());
    // The runtime may or may not respond to an interrupt right after the end: for the handle, a
    // completed turn is an accepted interrupt.
    if let Err(error) = call!(turn.interrupt()) {
        assert_eq!(
            error.server().expect("a refusal").kind(),
            ServerErrorKind::NoActiveTurn
        );
    }
}

/// Reads until the model has sent some text.
fn read_until_the_message(turn: &mut TurnHandle) {
    loop {
        let event = wait!(turn.next()).expect("the turn goes on").unwrap();
        if let ServerNotification::ItemCompleted(done) = event.notification() {
            if matches!(done.item, ThreadItem::AgentMessage(_)) {
                return;
            }
        }
    }
}

#[test]
fn an_interrupted_turn_keeps_what_it_had_and_another_one_runs() {
    let gate = Gate::new();
    let replies = [
        Reply::new().message("so far").gate(&gate).message("never"),
        Reply::assistant("again"),
    ];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut turn = call!(thread.turn("hello")).unwrap();
    read_until_the_message(&mut turn);
    call!(turn.interrupt()).unwrap();
    let result = wait!(turn.run()).unwrap();
    assert_eq!(result.status, TurnStatus::Interrupted);
    assert_eq!(agent_messages(&result.items), ["so far"]);
    gate.release();
    let next = call!(thread.run("and now?")).unwrap();
    assert_eq!(next.final_response.as_deref(), Some("again"));
}
