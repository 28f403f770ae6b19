//! Steering and interrupting.

use codex_client::ServerErrorKind;
use codex_client::testing::{Gate, Reply};
use codex_client::types::TurnStatus;

use super::World;
use crate::support::{LIMIT, harness_with, user_texts};

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
    // The runtime may answer an interrupt that comes right after the end, or not: the handle
    // takes a turn that is over as interrupted enough.
    if let Err(error) = call!(turn.interrupt()) {
        assert_eq!(
            error.server().expect("a refusal").kind(),
            ServerErrorKind::NoActiveTurn
        );
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
    gate.wait_reached(LIMIT).unwrap();
    call!(turn.interrupt()).unwrap();
    let result = wait!(turn.run()).unwrap();
    assert_eq!(result.status, TurnStatus::Interrupted);
    gate.release();
    let next = call!(thread.run("and now?")).unwrap();
    assert_eq!(next.final_response.as_deref(), Some("again"));
}
