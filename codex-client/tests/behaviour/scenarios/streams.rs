//! Streams: many at once, read or not, and joined.

use codex_client::types::{ServerNotification, TurnStatus};
use codex_testing::{Gate, Reply};

use super::{TurnHandle, World};
use crate::support::{LIMIT, agent_messages, harness_with, user_texts};

#[test]
fn sixty_four_open_streams_do_not_stall_requests() {
    const STREAMS: usize = 64;
    let gate = Gate::new();
    let replies = (0..STREAMS).map(|_| Reply::streaming(["a"]).gate(&gate).delta("b"));
    let world = World::start(harness_with(replies), |builder| builder);
    let turns: Vec<TurnHandle> = (0..STREAMS)
        .map(|number| {
            let thread = call!(world.codex.thread_start()).unwrap();
            call!(thread.turn(format!("number {number}"))).unwrap()
        })
        .collect();
    world
        .harness
        .responses()
        .wait_for_requests(STREAMS, LIMIT)
        .unwrap();
    assert!(!call!(world.codex.models()).unwrap().data.is_empty());
    gate.release();
    for (number, mut turn) in turns.into_iter().enumerate() {
        let result = wait!(turn.run()).unwrap();
        assert_eq!(result.final_response.as_deref(), Some("ab"));
        assert_eq!(user_texts(&result.items), [format!("number {number}")]);
    }
}

/// Reads up to the next piece of text.
fn next_delta(turn: &mut TurnHandle) -> String {
    loop {
        let event = wait!(turn.next()).expect("the turn goes on").unwrap();
        if let ServerNotification::ItemAgentMessageDelta(delta) = event.notification() {
            return delta.delta.clone();
        }
    }
}

#[test]
fn interleaved_turns_see_only_their_own_events_in_either_order() {
    for swap in [false, true] {
        let world = World::start(harness_with([]), |builder| builder);
        world.harness.responses().respond_with(|request| {
            let name = request.last_user_text()?.to_owned();
            Some(Reply::streaming([format!("{name}-1"), format!("{name}-2")]))
        });
        let start = |name: &'static str| {
            let thread = call!(world.codex.thread_start()).unwrap();
            (name, call!(thread.turn(name)).unwrap())
        };
        let mut turns = [start("a"), start("b")];
        if swap {
            turns.swap(0, 1);
        }
        for round in 1..=2 {
            for (name, turn) in &mut turns {
                assert_eq!(next_delta(turn), format!("{name}-{round}"));
            }
        }
        for (name, turn) in &mut turns {
            let result = wait!(turn.run()).unwrap();
            assert_eq!(agent_messages(&result.items), [format!("{name}-1{name}-2")]);
        }
    }
}

#[test]
fn a_turn_on_a_busy_thread_joins_the_running_one() {
    let gate = Gate::new();
    let replies = [
        Reply::streaming(["wait"]).gate(&gate),
        Reply::assistant("both heard"),
    ];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut first = call!(thread.turn("first")).unwrap();
    assert_eq!(next_delta(&mut first), "wait");
    let mut second = call!(thread.turn("second")).unwrap();
    assert_eq!(second.id(), first.id());
    gate.release();
    let (first, second) = (wait!(first.run()).unwrap(), wait!(second.run()).unwrap());
    assert_eq!(user_texts(&first.items), ["first", "second"]);
    assert_eq!(user_texts(&second.items), ["second"]);
    for result in [first, second] {
        assert_eq!(result.status, TurnStatus::Completed);
        assert_eq!(result.final_response.as_deref(), Some("both heard"));
        assert!(result.usage.is_some());
    }
}

#[test]
fn a_thread_shows_its_compaction_as_a_turn() {
    let replies = [Reply::assistant("history"), Reply::assistant("summary")];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let first = call!(thread.run("hello")).unwrap();
    let mut events = thread.events().unwrap();
    let mut compaction = call!(thread.compact()).unwrap();
    let result = wait!(compaction.wait()).unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    let requests = world.harness.responses().requests();
    assert_eq!(requests.len(), 2);
    assert!(
        requests[1].body_json()["input"]
            .to_string()
            .contains("history")
    );
    let seen = loop {
        let event = wait!(events.next()).unwrap().unwrap();
        if event.method() == "turn/completed" {
            break event.turn_id().unwrap().to_owned();
        }
    };
    assert_eq!(seen, result.id.as_str());
    assert_ne!(seen, first.id.as_str());
}
