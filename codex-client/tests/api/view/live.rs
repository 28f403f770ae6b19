//! A view that feeds itself, on the real runtime.

use std::time::Duration;

use codex_client::types::{ItemId, ThreadReadParams, ThreadRevertParams, TurnId};
use codex_client::view::{LiveView, ThreadView, TurnView};
use codex_client::{ApprovalMode, Restart, Thread, TurnEvent, blocking, view};
use codex_testing::{Gate, Reply};
use serde_json::json;

use super::oracle::{DIFFERENCES, assert_equal};
use crate::support::{LIMIT, blocking_codex, builder, codex, harness_with};

async fn until(live: &mut LiveView, is_so: impl Fn(&LiveView) -> bool) {
    while !is_so(live) {
        live.next().await.unwrap().unwrap();
    }
}

async fn assert_is_stored(live: &LiveView, thread: &Thread, context: &str) {
    let params = ThreadReadParams::new(thread.id()).include_turns(true);
    let read = thread.codex().client().thread_read(params).await.unwrap();
    assert_equal(live.view(), &read.thread.turns, context);
}

#[tokio::test]
async fn a_view_begins_with_the_history() {
    let harness = harness_with(["one", "two", "three"].map(Reply::assistant));
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    thread.run("first").await.unwrap();
    thread.run("second").await.unwrap();
    let mut live = thread.view().await.unwrap();
    assert_is_stored(&live, &thread, "at the beginning").await;
    let turn = thread.turn("third").await.unwrap();
    until(&mut live, |live| {
        live.view()
            .turn(turn.id())
            .is_some_and(|turn| !turn.is_running())
    })
    .await;
    assert_is_stored(&live, &thread, "after a turn").await;
    assert!(live.view().usage().is_some() && live.view().status().is_some());
    assert_eq!(
        DIFFERENCES.len(),
        5,
        "the table in the documentation of the view"
    );
}

#[tokio::test]
async fn reverted_turns_leave_the_view() {
    let harness = harness_with(["one", "two"].map(Reply::assistant));
    let codex = builder(&harness)
        .experimental_api(true)
        .build()
        .await
        .unwrap();
    let thread = codex.thread_start().await.unwrap();
    thread.run("first").await.unwrap();
    let second = thread.run("second").await.unwrap();
    let mut live = thread.view().await.unwrap();
    assert_eq!(live.view().turns().len(), 2);
    let params = ThreadRevertParams::new(thread.id(), second.id.as_str());
    codex.client().thread_revert(params).await.unwrap();
    until(&mut live, |live| live.view().turns().len() == 1).await;
    until(&mut live, |live| !live.view().is_stale()).await;
    assert_is_stored(&live, &thread, "after the revert").await;
}

#[tokio::test]
async fn lost_events_are_read_from_the_history() {
    let pieces = || std::iter::repeat_n("text ", 3000);
    let harness = harness_with([Reply::streaming(pieces()), Reply::streaming(pieces())]);
    let codex = builder(&harness)
        .event_budget(20_000)
        .build()
        .await
        .unwrap();
    let thread = codex.thread_start().await.unwrap();
    let mut live = thread.view().await.unwrap();
    // Nothing is read meanwhile.
    let result = thread.run("talk").await.unwrap();
    let mut was_stale = false;
    while live
        .view()
        .turn(&result.id)
        .is_none_or(TurnView::is_running)
    {
        live.next().await.unwrap().unwrap();
        was_stale |= live.view().is_stale();
    }
    assert!(was_stale, "events were lost");
    until(&mut live, |live| !live.view().is_stale()).await;
    assert_is_stored(&live, &thread, "after a lag").await;
}

fn escalated() -> [Reply; 2] {
    let call = json!({
        "cmd": "date", "sandbox_permissions": "require_escalated", "justification": "to know",
    });
    let reply = Reply::new().function_call("c", "exec_command", call);
    [reply, Reply::assistant("Now I know.")]
}

#[tokio::test]
async fn approvals_are_pending_until_they_are_decided() {
    let harness = harness_with(escalated());
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut live = thread.view().await.unwrap();
    let mut turn = thread
        .turn("What day is it?")
        .approvals_in_stream()
        .await
        .unwrap();
    let approval = loop {
        if let TurnEvent::Approval(approval) = turn.next().await.unwrap().unwrap() {
            break approval;
        }
    };
    until(&mut live, |live| !live.view().pending().is_empty()).await;
    let pending = &live.view().pending()[0];
    assert_eq!(pending.id, *approval.request_id());
    assert_eq!(pending.turn_id.as_ref(), Some(turn.id()));
    assert_eq!(pending.item_id.as_ref().map(ItemId::as_str), Some("c"));
    // A view that begins now has it as well; one of another thread does not.
    let mut later = thread.view().await.unwrap();
    assert_eq!(later.view().pending(), live.view().pending());
    let other = codex.thread_start().await.unwrap().view().await.unwrap();
    assert_eq!(other.view().pending(), []);
    approval.accept().unwrap();
    until(&mut live, |live| live.view().pending().is_empty()).await;
    until(&mut later, |live| live.view().pending().is_empty()).await;
    turn.run().await.unwrap();
}

#[test]
fn blocking_view_shows_pending_approvals() {
    let harness = harness_with(escalated());
    let codex: blocking::Codex = blocking_codex(&harness);
    let thread = codex
        .thread_start()
        .approval_mode(ApprovalMode::AskClient)
        .call()
        .unwrap();
    let mut live = thread.view().unwrap();
    let turn = thread.turn("What day is it?").call().unwrap();
    let mut was_pending = false;
    while live.view().turn(turn.id()).is_none_or(TurnView::is_running) {
        live.next().unwrap().unwrap();
        was_pending |= !live.view().pending().is_empty();
    }
    assert!(was_pending && live.view().pending().is_empty());
}

#[test]
fn blocking_view_waits_for_a_limited_time() {
    let gate = Gate::new();
    let harness = harness_with([Reply::new().gate(&gate).message("done")]);
    let codex: blocking::Codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut live = thread.view().unwrap();
    let turn = thread.turn("Wait.").call().unwrap();
    gate.wait_reached(LIMIT).unwrap();
    let is_running = |live: &view::blocking::LiveView| {
        live.view().turn(turn.id()).is_none_or(TurnView::is_running)
    };
    // What has come until now, and then nothing.
    while live.next_timeout(Duration::from_millis(300)).is_ok() {}
    assert!(is_running(&live));
    gate.release();
    while is_running(&live) {
        live.next_timeout(LIMIT).unwrap().unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_view_of_a_running_turn_completes_with_it() {
    let gate = Gate::new();
    let harness = harness_with([Reply::streaming(["Hel"]).gate(&gate).delta("lo.")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread.turn("Say hello.").await.unwrap();
    while turn.next().await.unwrap().unwrap().method() != "item/agentMessage/delta" {}
    let mut live = thread.view().await.unwrap();
    gate.release();
    until(&mut live, |live| {
        live.view()
            .turn(turn.id())
            .is_some_and(|turn| !turn.is_running())
    })
    .await;
    assert_is_stored(&live, &thread, "joined").await;
}

fn kill(process: Option<u32>) {
    let process = i32::try_from(process.unwrap()).unwrap();
    let process = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
}

/// A turn, one that is cut by the end of the runtime, and one after its restart.
fn cut(gate: &Gate) -> [Reply; 3] {
    let held = Reply::new().message("begun").delta("half").gate(gate);
    [Reply::assistant("one"), held, Reply::assistant("three")]
}

fn has_text(view: &ThreadView, turn: &TurnId, text: &str) -> bool {
    let turn = view.turn(turn);
    turn.is_some_and(|turn| serde_json::to_string(turn.items()).unwrap().contains(text))
}

fn is_over(view: &ThreadView, turn: &TurnId) -> bool {
    view.turn(turn).is_some_and(|turn| !turn.is_running())
}

#[cfg(unix)]
#[tokio::test]
async fn a_view_is_complete_after_a_restart() {
    let gate = Gate::new();
    let harness = harness_with(cut(&gate));
    let builder = builder(&harness).supervise(Restart::on_failure());
    let codex = builder.build().await.unwrap();
    let thread = codex.thread_start().await.unwrap();
    let mut live = thread.view().await.unwrap();
    thread.run("first").await.unwrap();
    let second = thread.turn("second").await.unwrap();
    until(&mut live, |live| has_text(live.view(), second.id(), "half")).await;
    kill(codex.client().process_id());
    until(&mut live, |live| is_over(live.view(), second.id())).await;
    until(&mut live, |live| !live.view().is_stale()).await;
    assert_is_stored(&live, &thread, "after the restart").await;
    assert!(has_text(live.view(), second.id(), "begun"));
    let third = thread.run("third").await.unwrap();
    until(&mut live, |live| is_over(live.view(), &third.id)).await;
    assert_is_stored(&live, &thread, "after a turn of the new runtime").await;
    assert_eq!(live.view().turns().len(), 3);
}

#[cfg(unix)]
#[test]
fn blocking_view_is_complete_after_a_restart() {
    let gate = Gate::new();
    let harness = harness_with(cut(&gate));
    let codex = blocking::Codex::builder()
        .launch(harness.launch())
        .supervise(Restart::on_failure())
        .build()
        .unwrap();
    let thread = codex.thread_start().call().unwrap();
    let mut live = thread.view().unwrap();
    thread.run("first").call().unwrap();
    let second = thread.turn("second").call().unwrap();
    while !has_text(live.view(), second.id(), "half") {
        live.next().unwrap().unwrap();
    }
    kill(codex.client().process_id());
    while !is_over(live.view(), second.id()) || live.view().is_stale() {
        live.next().unwrap().unwrap();
    }
    let third = thread.run("third").call().unwrap();
    while !is_over(live.view(), &third.id) {
        live.next().unwrap().unwrap();
    }
    let params = ThreadReadParams::new(thread.id()).include_turns(true);
    let read = codex.client().thread_read(params).unwrap();
    assert_equal(live.view(), &read.thread.turns, "after a restart");
}
