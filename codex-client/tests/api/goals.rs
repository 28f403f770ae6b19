//! Goals: many turns presented as one.

use std::task::Poll;
use std::time::Duration;

use codex_client::types::{ThreadGoalGetParams, ThreadGoalStatus, TurnStatus};
use codex_client::{Codex, Error, Event, ServerErrorKind, blocking};
use codex_testing::scripted::{Script, ScriptedPeer};
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::{Value, json};

use crate::support::{LIMIT, blocking_codex, codex, harness, harness_with, messages};

fn complete() -> Reply {
    let status = json!({"status": "complete"});
    Reply::new().function_call("call-1", "update_goal", status)
}

/// Two turns: the goal is reached in the second.
fn two_turns() -> AppServerHarness {
    harness_with([
        Reply::new().message("First half."),
        complete(),
        Reply::new().final_answer("All done."),
    ])
}

fn boundaries(events: &[Event]) -> Vec<&str> {
    let turn = |event: &&Event| event.method().starts_with("turn/");
    let methods = events.iter().filter(turn).map(Event::method);
    methods
        .filter(|method| *method != "turn/diff/updated")
        .collect()
}

#[tokio::test]
async fn the_turns_of_a_goal_are_one() {
    let harness = two_turns();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut goal = thread
        .goal("Do it all.")
        .token_budget(1_000_000)
        .await
        .unwrap();
    let mut events = Vec::new();
    while let Some(event) = goal.next().await {
        events.push(event.unwrap());
    }
    assert_eq!(boundaries(&events), ["turn/started", "turn/completed"]);
    assert!(
        events
            .iter()
            .all(|event| !event.method().starts_with("thread/goal/"))
    );
    let result = goal.run().await.unwrap();
    assert!(result.is_complete());
    assert_eq!(result.turn_ids.len(), 2);
    assert_eq!(result.turn.id, result.turn_ids[0]);
    assert_eq!(messages(&result.turn.items), ["First half.", "All done."]);
    assert_eq!(result.turn.final_response.as_deref(), Some("All done."));
    assert_eq!(result.goal.unwrap().token_budget, Some(1_000_000));
    let error = goal.control().steer("more").await.unwrap_err();
    let kind = error.server().unwrap().kind();
    assert_eq!(kind, ServerErrorKind::NoActiveTurn);
}

#[test]
fn the_turns_of_a_goal_are_one_in_the_blocking_api() {
    let harness = two_turns();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut goal = thread.goal("Do it all.").call().unwrap();
    let events: Vec<_> = goal.by_ref().map(Result::unwrap).collect();
    assert_eq!(boundaries(&events), ["turn/started", "turn/completed"]);
    let result = goal.run().unwrap();
    assert!(result.is_complete());
    assert_eq!(result.turn.final_response.as_deref(), Some("All done."));
}

#[tokio::test]
async fn a_goal_is_steered_in_whichever_turn_it_is() {
    let gate = Gate::new();
    let harness = harness_with([
        Reply::new().message("First half."),
        Reply::streaming(["Second"]).gate(&gate).delta(" half."),
        complete(),
        Reply::assistant("Done differently."),
    ]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut goal = thread.goal("Do it all.").await.unwrap();
    gate.wait_reached_async(LIMIT).await.unwrap();
    // Nothing was read yet: the running turn has to be determined.
    goal.steer("differently").await.unwrap();
    gate.release();
    let result = goal.run().await.unwrap();
    assert!(result.is_complete());
    let requests = harness.responses().requests();
    assert_eq!(requests[2].last_user_text(), Some("differently"));
}

/// A server whose turn has ended just before it is steered, and which starts the next one then.
fn rollover() -> Script {
    let goal = json!({
        "threadId": "t", "objective": "Do it all.", "status": "active", "tokensUsed": 0,
        "timeUsedSeconds": 0, "createdAt": 0, "updatedAt": 0,
    });
    let started = |id: &str| {
        let turn = json!({"id": id, "items": [], "status": "inProgress"});
        json!({"threadId": "t", "turn": turn})
    };
    let ended = json!({"id": "one", "items": [], "status": "completed"});
    let steered = |turn: &'static str| {
        move |params: &Value| assert_eq!(params["expectedTurnId"], turn, "{params}")
    };
    Script::new()
        .handshake()
        .expect("thread/read")
        .reply_error(-32600, "thread not loaded: t")
        .expect("thread/goal/clear")
        .reply(json!({"cleared": false}))
        .expect("thread/goal/set")
        .reply(json!({"goal": goal}))
        .notify(
            "thread/goal/updated",
            json!({"threadId": "t", "turnId": null, "goal": goal}),
        )
        .notify("turn/started", started("one"))
        .expect_with("turn/steer", steered("one"))
        .notify("turn/completed", json!({"threadId": "t", "turn": ended}))
        .reply_error(-32600, "no active turn to steer")
        .expect("thread/goal/get")
        .reply(json!({"goal": goal}))
        .notify("turn/started", started("two"))
        .expect_with("turn/steer", steered("two"))
        .reply(json!({"turnId": "two"}))
}

#[tokio::test]
async fn a_goal_is_steered_in_the_moment_between_two_turns() {
    let (peer, transport) = ScriptedPeer::play(rollover());
    let (reader, writer) = transport.split();
    let codex = Codex::builder()
        .transport((reader, writer))
        .build()
        .await
        .unwrap();
    let mut goal = codex.thread("t").goal("Do it all.").await.unwrap();
    assert_eq!(goal.next().await.unwrap().unwrap().method(), "turn/started");
    goal.steer("differently").await.unwrap();
    peer.finish(LIMIT);
}

#[test]
fn a_blocking_goal_is_steered_in_the_moment_between_two_turns() {
    let (peer, transport) = ScriptedPeer::play(rollover());
    let (reader, writer) = transport.split();
    let codex = blocking::Codex::builder()
        .transport((reader, writer))
        .build()
        .unwrap();
    let mut goal = codex.thread("t").goal("Do it all.").call().unwrap();
    assert_eq!(goal.next().unwrap().unwrap().method(), "turn/started");
    goal.steer("differently").unwrap();
    peer.finish(LIMIT);
}

/// A model that answers half of a turn until the gate is released.
fn working() -> (Gate, AppServerHarness) {
    let gate = Gate::new();
    let harness = harness_with([Reply::streaming(["Working"]).gate(&gate).delta(" on")]);
    (gate, harness)
}

#[tokio::test]
async fn a_goal_that_is_cancelled_is_paused() {
    let (gate, harness) = working();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut goal = thread.goal("Do it all.").await.unwrap();
    gate.wait_reached_async(LIMIT).await.unwrap();
    goal.cancel().await.unwrap();
    let result = goal.run().await.unwrap();
    assert_eq!(result.status(), Some(&ThreadGoalStatus::Paused));
    assert_eq!(result.turn.status, TurnStatus::Interrupted);
    gate.release();
}

#[test]
fn a_blocking_goal_that_is_cancelled_is_paused() {
    let (gate, harness) = working();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut goal = thread.goal("Do it all.").call().unwrap();
    gate.wait_reached(LIMIT).unwrap();
    goal.cancel().unwrap();
    let result = goal.run().unwrap();
    assert_eq!(result.status(), Some(&ThreadGoalStatus::Paused));
    gate.release();
}

#[test]
fn waiting_for_an_event_of_a_goal_can_be_limited() {
    let (gate, harness) = working();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut goal = thread.goal("Do it all.").call().unwrap();
    gate.wait_reached(LIMIT).unwrap();
    let mut count = 0;
    while let Ok(event) = goal.next_timeout(Duration::from_millis(200)) {
        event.expect("the turn runs").unwrap();
        count += 1;
    }
    assert!(count > 0, "the turn has started");
    goal.cancel().unwrap();
    let next = goal.next_timeout(LIMIT).expect("the events continue");
    next.expect("the turn was interrupted").unwrap();
    gate.release();
}

#[tokio::test]
async fn a_failed_turn_fails_the_goal_and_another_goal_can_follow() {
    let harness = harness_with([
        Reply::http_error(400, json!({"error": {"message": "no"}})),
        complete(),
        Reply::assistant("Second try."),
    ]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let error = thread.goal("One.").await.unwrap().run().await.unwrap_err();
    assert!(matches!(error, Error::TurnFailed(_)), "{error:?}");
    let result = thread.goal("Two.").await.unwrap().run().await.unwrap();
    assert_eq!(result.goal.unwrap().objective, "Two.");
}

#[tokio::test]
async fn an_objective_has_to_be_one() {
    let harness = harness();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    for objective in [" ".to_owned(), "x".repeat(4001)] {
        let error = thread.goal(objective).await.unwrap_err();
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
    }
}

/// Polls a future so many times, and then drops it; whether it was not ready by then.
async fn give_up_after<T>(polls: usize, future: impl Future<Output = T>) -> bool {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| match (left, future.as_mut().poll(context)) {
        (_, Poll::Ready(_)) => Poll::Ready(false),
        (0, Poll::Pending) => Poll::Ready(true),
        (_, Poll::Pending) => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn goal_whose_start_is_given_up_is_not_worked_on() {
    let harness = harness();
    let responses = harness.responses();
    responses.respond_with(|_| Some(Reply::assistant("One step.")));
    let codex = codex(&harness).await;
    let mut begun = 0;
    // Given up after each of its requests was sent, until it is not given up any more.
    for polls in 0.. {
        let thread = codex.thread_start().await.unwrap();
        let mut events = thread.events().unwrap();
        if !give_up_after(polls, thread.goal("Do it all.").into_future()).await {
            break;
        }
        loop {
            let get = ThreadGoalGetParams::new(thread.id());
            let goal = codex.client().thread_goal_get(get).await.unwrap().goal;
            begun += usize::from(goal.is_some());
            if goal.is_none_or(|goal| goal.status != ThreadGoalStatus::Active) {
                break;
            }
            // Paused in the background: each step of that is an event.
            let event = tokio::time::timeout(LIMIT, events.next()).await.unwrap();
            event.unwrap().unwrap();
        }
    }
    assert!(begun > 0, "no goal was given up after it was set");
}
