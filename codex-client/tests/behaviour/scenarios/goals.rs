//! Goals: turns that the runtime starts automatically, presented as one.

use codex_client::types::{ServerNotification, ThreadGoalGetParams, ThreadGoalStatus, TurnStatus};
use codex_client::{Error, ServerErrorKind};
use codex_testing::events::Usage;
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::json;

use super::{Thread, World};
use crate::support::{LIMIT, agent_messages, harness_with};

fn world(replies: impl IntoIterator<Item = Reply>) -> (World, Thread) {
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    (world, thread)
}

/// A model that updates the goal, and then sends a message.
fn marking(status: &str, then: &str) -> [Reply; 2] {
    [
        Reply::new().function_call("mark", "update_goal", json!({ "status": status })),
        Reply::assistant(then),
    ]
}

#[test]
fn a_goal_is_worked_on_turn_after_turn_until_it_is_reached() {
    let mut replies = vec![
        Reply::assistant("first step"),
        Reply::assistant("second step"),
    ];
    replies.extend(marking("complete", "reached"));
    let (world, thread) = world(replies);
    let mut goal = call!(thread.goal("Get there.")).unwrap();
    let mut boundaries = Vec::new();
    loop {
        let Some(event) = wait!(goal.next()) else {
            break;
        };
        let event = event.unwrap();
        if ["turn/started", "turn/completed"].contains(&event.method()) {
            boundaries.push(event.method().to_owned());
        }
        assert!(!event.method().starts_with("thread/goal/"));
    }
    assert_eq!(boundaries, ["turn/started", "turn/completed"]);
    let result = wait!(goal.run()).unwrap();
    assert!(result.is_complete());
    assert_eq!(result.turn_ids.len(), 3);
    assert_eq!(result.turn.id, result.turn_ids[0]);
    assert_eq!(result.turn.status, TurnStatus::Completed);
    assert_eq!(
        agent_messages(&result.turn.items),
        ["first step", "second step", "reached"]
    );
    assert_eq!(result.turn.final_response.as_deref(), Some("reached"));
    assert_eq!(result.goal.unwrap().objective, "Get there.");
    world.harness.responses().assert_exhausted();
    // There is no running turn any more.
    let error = wait!(goal.control().steer("more")).unwrap_err();
    assert_eq!(
        error.server().unwrap().kind(),
        ServerErrorKind::NoActiveTurn
    );
}

#[test]
fn goal_on_a_busy_thread_is_rejected() {
    let gate = Gate::new();
    let (world, thread) = world([Reply::new().gate(&gate).message("foreign")]);
    let mut turn = call!(thread.turn("Something else.")).unwrap();
    world
        .harness
        .responses()
        .wait_for_requests(1, LIMIT)
        .unwrap();
    let error = call!(thread.goal("Get there.")).unwrap_err();
    assert!(matches!(error, Error::ThreadBusy { .. }), "{error:?}");
    gate.release();
    let result = wait!(turn.run()).unwrap();
    assert_eq!(agent_messages(&result.items), ["foreign"]);
    let goal = wait!(
        world
            .codex
            .client()
            .thread_goal_get(ThreadGoalGetParams::new(thread.id()))
    );
    assert_eq!(goal.unwrap().goal, None, "nothing was started");
}

#[test]
fn goals_that_are_turned_off_have_an_error_of_their_own() {
    let harness = AppServerHarness::builder().config("[features]\ngoals = false");
    let world = World::start(harness.start().unwrap(), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let error = call!(thread.goal("Get there.")).unwrap_err();
    let feature = "goals".to_owned();
    assert_eq!(
        error.server().unwrap().kind(),
        ServerErrorKind::FeatureDisabled { feature }
    );
}

#[test]
fn ephemeral_thread_takes_no_goal() {
    let world = World::start(harness_with([]), |builder| builder);
    let thread = call!(world.codex.thread_start().ephemeral(true)).unwrap();
    let error = call!(thread.goal("Get there.")).unwrap_err();
    assert_eq!(
        error.server().unwrap().kind(),
        ServerErrorKind::EphemeralThread
    );
}

#[test]
fn a_goal_that_is_blocked_ends_the_work() {
    let (_world, thread) = world(marking("blocked", "cannot"));
    let mut goal = call!(thread.goal("Get there.")).unwrap();
    let result = wait!(goal.run()).unwrap();
    assert_eq!(result.status(), Some(&ThreadGoalStatus::Blocked));
    assert_eq!(result.turn.final_response.as_deref(), Some("cannot"));
}

#[test]
fn a_goal_ends_with_its_budget() {
    let expensive = Reply::assistant("a lot").usage(Usage::new(900, 100));
    let (world, thread) = world([]);
    world
        .harness
        .responses()
        .respond_with(move |_| Some(expensive.clone()));
    let mut goal = call!(thread.goal("Get there.").token_budget(500)).unwrap();
    let result = wait!(goal.run()).unwrap();
    assert_eq!(result.status(), Some(&ThreadGoalStatus::BudgetLimited));
    assert!(result.goal.unwrap().tokens_used >= 500);
}

#[test]
fn a_goal_ends_with_the_limit_of_the_account() {
    let limit = json!({ "error": { "type": "usage_limit_reached", "message": "enough" } });
    let (_world, thread) = world([Reply::http_error(429, limit)]);
    let mut goal = call!(thread.goal("Get there.")).unwrap();
    let error = wait!(goal.run()).unwrap_err();
    assert!(matches!(error, Error::TurnFailed(_)), "{error:?}");
    assert_eq!(
        goal.snapshot().status(),
        Some(&ThreadGoalStatus::UsageLimited)
    );
}

#[test]
fn a_cancelled_goal_is_paused_and_its_turn_interrupted() {
    let gate = Gate::new();
    let held = Reply::new().gate(&gate).message("never");
    let (world, thread) = world([Reply::assistant("first step"), held]);
    let mut goal = call!(thread.goal("Get there.")).unwrap();
    // The runtime has started the second turn automatically.
    world
        .harness
        .responses()
        .wait_for_requests(2, LIMIT)
        .unwrap();
    wait!(goal.cancel()).unwrap();
    let result = wait!(goal.run()).unwrap();
    assert_eq!(result.status(), Some(&ThreadGoalStatus::Paused));
    assert_eq!(result.turn.status, TurnStatus::Interrupted);
    assert_eq!(result.turn_ids.len(), 2);
    assert_eq!(agent_messages(&result.turn.items), ["first step"]);
}

#[test]
fn a_continuation_can_be_steered() {
    let gate = Gate::new();
    let mut replies = vec![
        Reply::assistant("first step"),
        Reply::streaming(["wait"]).gate(&gate),
    ];
    replies.extend(marking("complete", "reached"));
    let (world, thread) = world(replies);
    let mut goal = call!(thread.goal("Get there.")).unwrap();
    world
        .harness
        .responses()
        .wait_for_requests(2, LIMIT)
        .unwrap();
    wait!(goal.control().steer("the other way")).unwrap();
    gate.release();
    let result = wait!(goal.run()).unwrap();
    assert!(result.is_complete());
    let requests = world.harness.responses().requests();
    assert!(requests[2].message_texts("user").contains(&"the other way"));
}

/// A model that works step by step until it is steered, and then completes.
fn stubborn(world: &World) {
    world.harness.responses().respond_with(|request| {
        let told = request.message_texts("user").contains(&"the other way");
        Some(match (told, request.tool_output("mark")) {
            (false, _) => Reply::assistant("step"),
            (true, None) => marking("complete", "").into_iter().next()?,
            (true, Some(_)) => Reply::assistant("reached"),
        })
    });
}

#[test]
fn a_goal_can_be_steered_between_two_turns_as_well() {
    let (world, thread) = world([]);
    stubborn(&world);
    let mut goal = call!(thread.goal("Get there.")).unwrap();
    // From here on turns end and start all the time.
    world
        .harness
        .responses()
        .wait_for_requests(3, LIMIT)
        .unwrap();
    wait!(goal.control().steer("the other way")).unwrap();
    let result = wait!(goal.run()).unwrap();
    assert!(result.is_complete());
    assert_eq!(result.turn.final_response.as_deref(), Some("reached"));
}

#[test]
fn a_goal_can_be_cancelled_between_two_turns_as_well() {
    let (world, thread) = world([]);
    stubborn(&world);
    let mut goal = call!(thread.goal("Get there.")).unwrap();
    world
        .harness
        .responses()
        .wait_for_requests(3, LIMIT)
        .unwrap();
    wait!(goal.cancel()).unwrap();
    let result = wait!(goal.run()).unwrap();
    assert_eq!(result.status(), Some(&ThreadGoalStatus::Paused));
    let next = call!(thread.run("the other way")).unwrap();
    assert_eq!(next.status, TurnStatus::Completed);
}

#[test]
fn goal_continues_without_its_handle() {
    let (world, thread) = world([]);
    stubborn(&world);
    let mut events = thread.events().unwrap();
    let goal = call!(thread.goal("Get there.")).unwrap();
    let control = goal.control();
    drop(goal);
    world
        .harness
        .responses()
        .wait_for_requests(3, LIMIT)
        .unwrap();
    wait!(control.steer("the other way")).unwrap();
    loop {
        let event = wait!(events.next()).unwrap().unwrap();
        if let ServerNotification::ThreadGoalUpdated(update) = event.notification() {
            if update.goal.status == ThreadGoalStatus::Complete {
                break;
            }
        }
    }
}

#[test]
fn a_goal_can_be_replaced() {
    let gate = Gate::new();
    let mut replies = vec![Reply::streaming(["for the first"]).gate(&gate)];
    replies.extend(marking("complete", "for the second"));
    let (_world, thread) = world(replies);
    let mut first = call!(thread.goal("First.")).unwrap();
    gate.wait_reached(LIMIT).unwrap();
    let mut second = call!(thread.goal("Second.")).unwrap();
    gate.release();
    let result = wait!(second.run()).unwrap();
    assert!(result.is_complete());
    assert_eq!(result.goal.unwrap().objective, "Second.");
    // The waiter of the first goal completes.
    wait!(first.run()).unwrap();
}

#[test]
fn the_death_of_the_runtime_ends_the_work() {
    let gate = Gate::new();
    let (world, thread) = world([Reply::new().gate(&gate).message("never")]);
    let mut goal = call!(thread.goal("Get there.")).unwrap();
    gate.wait_reached(LIMIT).unwrap();
    crate::support::kill(world.codex.client().process_id().unwrap());
    let error = wait!(goal.run()).unwrap_err();
    assert!(error.is_closed(), "{error:?}");
    assert!(wait!(goal.next()).is_none());
}

#[test]
fn an_objective_must_not_be_empty() {
    let (world, thread) = world([]);
    let error = call!(thread.goal("  ")).unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
    assert!(world.harness.responses().requests().is_empty());
}
