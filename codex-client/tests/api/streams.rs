//! Streams of running turns.

use codex_client::types::{ServerNotification, TurnStatus};
use codex_client::{TurnEvent, TurnHandle};
use codex_testing::{AppServerHarness, Gate, Reply};

use crate::support::{blocking_codex, codex, harness_with};

fn streaming() -> AppServerHarness {
    harness_with([Reply::streaming(["Hel", "lo", "."])])
}

fn check_order(events: &[TurnEvent]) {
    let methods: Vec<_> = events.iter().map(|event| event.method()).collect();
    let position = |method: &str| methods.iter().position(|known| *known == method).unwrap();
    assert!(
        position("turn/started") < position("item/agentMessage/delta"),
        "{methods:?}"
    );
    let last = methods
        .iter()
        .rposition(|known| *known == "item/completed")
        .unwrap();
    assert!(position("item/agentMessage/delta") < last, "{methods:?}");
    assert_eq!(methods.last(), Some(&"turn/completed"));
    let deltas: String = events
        .iter()
        .filter_map(|event| match event.notification() {
            ServerNotification::ItemAgentMessageDelta(delta) => Some(delta.delta.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(deltas, "Hello.");
}

#[tokio::test]
async fn events_come_in_order_and_end_with_the_turn() {
    let harness = streaming();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread.turn("hello").await.unwrap();
    let mut events = Vec::new();
    while let Some(event) = turn.next().await.transpose().unwrap() {
        events.push(event);
    }
    check_order(&events);
    assert!(turn.next().await.is_none(), "the end stays the end");
    assert_eq!(
        turn.run().await.unwrap().final_response.as_deref(),
        Some("Hello.")
    );
}

#[test]
fn blocking_events_come_in_order_and_end_with_the_turn() {
    let harness = streaming();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut turn = thread.turn("hello").call().unwrap();
    let events: Vec<_> = turn.by_ref().map(Result::unwrap).collect();
    check_order(&events);
    assert!(turn.next().is_none(), "the end stays the end");
    assert_eq!(
        turn.run().unwrap().final_response.as_deref(),
        Some("Hello.")
    );
}

#[tokio::test]
async fn text_comes_alone_and_leaves_the_result_whole() {
    let harness = streaming();
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread.turn("hello").await.unwrap();
    let mut texts = Vec::new();
    let mut deltas = turn.text_deltas();
    while let Some(text) = deltas.next().await {
        texts.push(text.unwrap());
    }
    assert_eq!(texts, ["Hel", "lo", "."]);
    let result = turn.run().await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Hello."));
}

#[test]
fn blocking_text_comes_alone() {
    let harness = streaming();
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    let mut turn = thread.turn("hello").call().unwrap();
    let texts: Vec<_> = turn.text_deltas().map(Result::unwrap).collect();
    assert_eq!(texts, ["Hel", "lo", "."]);
}

/// Replies with the prompt, which identifies the reply.
fn echoing() -> AppServerHarness {
    let harness = harness_with([]);
    harness.responses().respond_with(|request| {
        let text = request.last_user_text()?;
        Some(Reply::streaming([text, "!", "!"]))
    });
    harness
}

async fn next(turn: &mut TurnHandle) -> Option<TurnEvent> {
    let event = turn.next().await.transpose().unwrap()?;
    assert_eq!(event.turn_id(), Some(turn.id().as_str()));
    assert_eq!(event.thread_id(), Some(turn.thread_id().as_str()));
    Some(event)
}

#[tokio::test]
async fn turns_on_two_threads_do_not_see_each_other() {
    let harness = echoing();
    let codex = codex(&harness).await;
    for swapped in [false, true] {
        let one = codex.thread_start().await.unwrap();
        let two = codex.thread_start().await.unwrap();
        let mut one = one.turn("one").await.unwrap();
        let mut two = two.turn("two").await.unwrap();
        let (first, second) = if swapped {
            (&mut two, &mut one)
        } else {
            (&mut one, &mut two)
        };
        let (mut more_first, mut more_second) = (true, true);
        while more_first || more_second {
            more_first = more_first && next(first).await.is_some();
            more_second = more_second && next(second).await.is_some();
        }
        assert_eq!(
            one.run().await.unwrap().final_response.as_deref(),
            Some("one!!")
        );
        assert_eq!(
            two.run().await.unwrap().final_response.as_deref(),
            Some("two!!")
        );
    }
}

#[test]
fn blocking_turns_on_two_threads_do_not_see_each_other() {
    let harness = echoing();
    let codex = blocking_codex(&harness);
    let one = codex.thread_start().call().unwrap();
    let two = codex.thread_start().call().unwrap();
    let mut one = one.turn("one").call().unwrap();
    let mut two = two.turn("two").call().unwrap();
    loop {
        let (first, second) = (one.next(), two.next());
        let is = |event: &Option<Result<TurnEvent, _>>, turn: &str| match event {
            Some(Ok(event)) => assert_eq!(event.turn_id(), Some(turn)),
            Some(Err(error)) => panic!("{error:?}"),
            None => {}
        };
        is(&first, one.id().as_str());
        is(&second, two.id().as_str());
        if first.is_none() && second.is_none() {
            break;
        }
    }
    assert_eq!(two.run().unwrap().final_response.as_deref(), Some("two!!"));
}

#[tokio::test]
async fn a_second_turn_on_a_busy_thread_joins_it() {
    let gate = Gate::new();
    let harness = harness_with([
        Reply::streaming(["I am"]).gate(&gate).delta(" cut off"),
        Reply::assistant("both"),
    ]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut first = thread.turn("one").await.unwrap();
    gate.wait_reached_async(crate::support::LIMIT)
        .await
        .unwrap();
    let mut second = thread.turn("two").await.unwrap();
    assert_eq!(first.id(), second.id());
    gate.release();
    let (first, second) = (first.run().await.unwrap(), second.run().await.unwrap());
    assert_eq!(first.final_response.as_deref(), Some("both"));
    assert_eq!(second.final_response.as_deref(), Some("both"));
    assert!(
        second.items.len() < first.items.len(),
        "what was before is not seen"
    );
}

#[tokio::test]
async fn another_stream_of_the_turn_sees_its_end() {
    let gate = Gate::new();
    let harness = harness_with([Reply::streaming(["a"]).gate(&gate).delta("b")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread.turn("hello").await.unwrap();
    gate.wait_reached_async(crate::support::LIMIT)
        .await
        .unwrap();
    let mut other = turn.control().stream().unwrap();
    let abandoned = turn.control().stream().unwrap();
    drop(abandoned);
    gate.release();
    let result = other.run().await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("ab"));
    assert_eq!(turn.run().await.unwrap().status, TurnStatus::Completed);
}

#[tokio::test]
async fn requests_are_answered_while_a_stream_is_unread() {
    let gate = Gate::new();
    let harness = harness_with([Reply::streaming(["a"]).gate(&gate).delta("b")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut turn = thread.turn("hello").await.unwrap();
    let models = codex.models().await.unwrap();
    assert!(!models.data.is_empty());
    gate.release();
    turn.run().await.unwrap();
}

#[tokio::test]
async fn thread_events_include_foreign_turns() {
    let harness = harness_with([Reply::assistant("one"), Reply::assistant("a summary")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    thread.run("hello").await.unwrap();
    let mut events = thread.events().unwrap();
    let mut compaction = thread.compact().await.unwrap();
    let result = compaction.wait().await.unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(compaction.turn_id(), Some(&result.id));
    assert_eq!(harness.responses().requests().len(), 2);
    loop {
        let event = events.next().await.unwrap().unwrap();
        if event.method() == "turn/completed" {
            assert_eq!(event.turn_id(), Some(result.id.as_str()));
            break;
        }
    }
    assert!(compaction.next().await.is_none());
}

#[test]
fn a_blocking_compaction_is_waited_for() {
    let harness = harness_with([Reply::assistant("one"), Reply::assistant("a summary")]);
    let codex = blocking_codex(&harness);
    let thread = codex.thread_start().call().unwrap();
    thread.run("hello").call().unwrap();
    let result = thread.compact().call().unwrap().wait().unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(harness.responses().requests().len(), 2);
}

#[tokio::test]
async fn a_review_is_a_turn_with_a_handle() {
    use codex_client::types::{CustomReviewTarget, ThreadItem};
    let harness = harness_with([Reply::assistant("Looks good.")]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut review = thread
        .review(CustomReviewTarget::new("look"))
        .await
        .unwrap();
    let result = review.run().await.unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    let ended = |item: &ThreadItem| matches!(item, ThreadItem::ExitedReviewMode(_));
    assert!(result.items.iter().any(ended));
}

#[tokio::test]
async fn a_review_can_be_interrupted() {
    use codex_client::types::CustomReviewTarget;
    let gate = Gate::new();
    let harness = harness_with([
        Reply::streaming(["Looking"]).gate(&gate).delta(" on"),
        Reply::assistant("Next."),
    ]);
    let codex = codex(&harness).await;
    let thread = codex.thread_start().await.unwrap();
    let mut review = thread
        .review(CustomReviewTarget::new("look"))
        .await
        .unwrap();
    gate.wait_reached_async(crate::support::LIMIT)
        .await
        .unwrap();
    review.interrupt().await.unwrap();
    assert_eq!(review.run().await.unwrap().status, TurnStatus::Interrupted);
    gate.release();
    let result = thread.run("hello").await.unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Next."));
}
