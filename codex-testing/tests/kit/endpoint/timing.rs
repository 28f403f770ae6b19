//! The timing of replies: gates, pauses, and waiting for events.

use std::io::Read as _;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use codex_testing::{Gate, MockResponses, Reply};

use super::{LIMIT, ask, ask_text, kinds, parse};

#[test]
fn a_gate_holds_exactly_what_is_behind_it() {
    let model = MockResponses::start().unwrap();
    let gate = Gate::new();
    model.enqueue(Reply::streaming(["be", "fore"]).gate(&gate).delta("behind"));
    let mut response = ask(&model);
    gate.wait_reached(LIMIT).unwrap();
    let mut stream = response.body_mut().as_reader();
    let mut early = String::new();
    while !early.contains("fore") {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "the stream ended at the gate: {early}");
        early.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
    }
    assert!(!early.contains("behind"), "{early}");
    gate.release();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    let events = parse(&(early + &rest));
    assert_eq!(
        kinds(&events),
        [
            "response.created",
            "response.output_item.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_item.done",
            "response.completed",
        ]
    );
    assert_eq!(events[5]["item"]["content"][0]["text"], "beforebehind");
}

#[test]
fn a_held_reply_does_not_even_send_its_status() {
    let model = MockResponses::start().unwrap();
    let gate = Gate::new();
    model.enqueue(Reply::http_error(429, "slow down").held_by(&gate));
    thread::scope(|scope| {
        let asking = scope.spawn(|| ask(&model));
        gate.wait_reached(LIMIT).unwrap();
        assert!(!asking.is_finished());
        gate.release();
        let mut response = asking.join().unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.body_mut().read_to_string().unwrap(), "slow down");
    });
}

#[test]
fn waiting_for_a_gate_or_a_request_that_never_comes_times_out() {
    let model = MockResponses::start().unwrap();
    let short = Duration::from_millis(20);
    let gate = Gate::new();
    let error = gate.wait_reached(short).unwrap_err();
    assert_eq!(
        error.to_string(),
        "waited 20ms for a reply to arrive at the gate"
    );
    let error = model.wait_for_requests(2, short).unwrap_err();
    assert_eq!(
        error.to_string(),
        "waited 20ms for 2 model requests, of which 0 came"
    );
}

#[test]
fn requests_can_be_waited_for() {
    let model = MockResponses::start().unwrap();
    let gate = Gate::new();
    model.enqueue_all([Reply::assistant("one"), Reply::assistant("two").gate(&gate)]);
    thread::scope(|scope| {
        scope.spawn(|| (ask_text(&model), ask_text(&model)));
        assert_eq!(model.wait_for_requests(2, LIMIT).unwrap().len(), 2);
        gate.release();
    });
}

#[tokio::test]
async fn gates_and_requests_can_be_awaited() {
    let model = Arc::new(MockResponses::start().unwrap());
    let gate = Gate::new();
    model.enqueue(Reply::assistant("one").gate(&gate));
    let asking = tokio::task::spawn_blocking({
        let model = Arc::clone(&model);
        move || ask_text(&model)
    });
    assert_eq!(
        model.wait_for_requests_async(1, LIMIT).await.unwrap().len(),
        1
    );
    gate.wait_reached_async(LIMIT).await.unwrap();
    gate.release();
    assert!(asking.await.unwrap().contains("one"));
    let error = model
        .wait_for_requests_async(2, Duration::from_millis(20))
        .await;
    assert!(error.unwrap_err().to_string().contains("of which 1 came"));
}

#[test]
fn pauses_and_paces_take_their_time() {
    let model = MockResponses::start().unwrap();
    let pause = Duration::from_millis(30);
    model.enqueue_all([
        Reply::assistant("paced").pace(pause),
        Reply::assistant("paused").pause(pause).delayed(pause),
    ]);
    for _ in 0..2 {
        let start = Instant::now();
        ask_text(&model);
        assert!(start.elapsed() >= 2 * pause, "{:?}", start.elapsed());
    }
}

#[test]
fn dropped_endpoint_leaves_nothing_behind() {
    let model = MockResponses::start().unwrap();
    let gate = Gate::new();
    let held = Reply::streaming(["never"]).gate(&gate).delta("more");
    // Lives as long as the thread that answers, or anything that is open.
    let alive = Arc::new(());
    let witness = Arc::downgrade(&alive);
    model.respond_with(move |_| (Arc::strong_count(&alive) > 0).then(|| held.clone()));
    let mut response = ask(&model);
    gate.wait_reached(LIMIT).unwrap();
    drop(model);
    assert!(witness.upgrade().is_none(), "something is still running");
    assert!(response.body_mut().read_to_string().is_err());
}
