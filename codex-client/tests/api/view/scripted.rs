//! The fold itself: gaps, repetitions, damage and limits.

use codex_client::Event;
use codex_client::types::{RequestId, ThreadItem, Turn, TurnItemsView, TurnStatus};
use codex_client::view::{
    Changes, ItemChangeKind, ItemState, TextField, ThreadPart, ThreadView, TurnPart, ViewLimits,
};
use serde_json::{Value, json};

fn event(method: &str, params: impl Into<Value>) -> Event {
    let params: Value = params.into();
    Event::parse(&json!({ "method": method, "params": params }).to_string()).unwrap()
}

fn ids(mut params: Value) -> Value {
    params["threadId"] = "t".into();
    params["turnId"] = "u".into();
    params
}

fn delta(item: &str, text: &str) -> Event {
    event(
        "item/agentMessage/delta",
        ids(json!({ "itemId": item, "delta": text })),
    )
}

fn output(item: &str, text: &str) -> Event {
    let params = ids(json!({ "itemId": item, "delta": text }));
    event("item/commandExecution/outputDelta", params)
}

fn message(id: &str, text: &str) -> Value {
    json!({ "type": "agentMessage", "id": id, "text": text })
}

fn command(id: &str, output: Option<&str>) -> Value {
    json!({
        "type": "commandExecution", "id": id, "command": "ls", "cwd": "/", "commandActions": [],
        "status": "inProgress", "aggregatedOutput": output,
    })
}

fn started(item: &Value) -> Event {
    event(
        "item/started",
        ids(json!({ "item": item, "startedAtMs": 1 })),
    )
}

fn completed(item: &Value) -> Event {
    event(
        "item/completed",
        ids(json!({ "item": item, "completedAtMs": 2 })),
    )
}

fn ended(status: &str) -> Event {
    let turn = json!({ "id": "u", "items": [], "status": status });
    event("turn/completed", json!({ "threadId": "t", "turn": turn }))
}

fn begun() -> Event {
    let turn = json!({ "id": "u", "items": [], "status": "inProgress", "startedAt": 5 });
    event("turn/started", json!({ "threadId": "t", "turn": turn }))
}

fn fold(events: &[Event]) -> ThreadView {
    let mut view = ThreadView::new("t");
    for event in events {
        view.apply(event);
    }
    view
}

fn item_ids(view: &ThreadView) -> Vec<&str> {
    let items = view.turn("u").unwrap().items().iter();
    items.map(|it| it.item.id().unwrap()).collect()
}

fn text(view: &ThreadView, id: &str, field: TextField) -> String {
    let item = view.turn("u").unwrap().item(id).unwrap();
    item.text(field).unwrap().to_owned()
}

#[test]
fn deltas_are_merged_and_their_ranges_are_told() {
    let mut view = fold(&[begun(), started(&message("m", ""))]);
    let mut changes = view.apply(&delta("m", "Grü"));
    changes.merge(view.apply(&delta("m", "ße")));
    let [change] = &changes.items[..] else {
        panic!("{changes:?}");
    };
    let ItemChangeKind::Appended(appended) = &change.kind else {
        panic!("{change:?}");
    };
    let [piece] = &appended[..] else {
        panic!("{appended:?}");
    };
    let text = text(&view, "m", TextField::Text);
    assert_eq!(&text[piece.range.clone()], "Grüße");
    assert!(changes.turns.is_empty() && changes.thread.is_empty());
    changes.merge(view.apply(&completed(&message("m", "Grüße!"))));
    assert_eq!(changes.items.len(), 1);
    assert_eq!(changes.items[0].kind, ItemChangeKind::Updated);
}

#[test]
fn parts_of_reasoning_grow_beside_each_other() {
    let reasoning = json!({ "type": "reasoning", "id": "r", "summary": [], "content": [] });
    let summary = |index: i64, text: &str| {
        let params = ids(json!({ "itemId": "r", "delta": text, "summaryIndex": index }));
        event("item/reasoning/summaryTextDelta", params)
    };
    let raw = ids(json!({ "itemId": "r", "delta": "raw", "contentIndex": 0 }));
    let view = fold(&[
        begun(),
        started(&reasoning),
        summary(0, "one"),
        summary(1, "two"),
        summary(0, "!"),
        event("item/reasoning/textDelta", raw),
        summary(-1, "nowhere"),
        summary(1 << 40, "nowhere"),
    ]);
    assert_eq!(text(&view, "r", TextField::Summary(0)), "one!");
    assert_eq!(text(&view, "r", TextField::Summary(1)), "two");
    assert_eq!(text(&view, "r", TextField::Content(0)), "raw");
    let item = view.turn("u").unwrap().item("r").unwrap();
    assert!(item.has_gap, "the pieces without a place");
}

#[test]
fn completed_items_come_first_as_they_completed() {
    let slow = command("slow", None);
    let fast = command("fast", None);
    let mut view = fold(&[begun(), started(&slow), started(&fast)]);
    assert_eq!(item_ids(&view), ["slow", "fast"]);
    let changes = view.apply(&completed(&command("fast", Some("done"))));
    assert_eq!(item_ids(&view), ["fast", "slow"]);
    assert!(
        changes
            .turns
            .iter()
            .any(|it| it.parts.contains(&TurnPart::Items))
    );
    view.apply(&completed(&command("slow", Some("done"))));
    assert_eq!(item_ids(&view), ["fast", "slow"]);
}

#[test]
fn an_incomplete_item_is_abandoned() {
    let (open, background) = (message("m", ""), command("c", None));
    let view = fold(&[
        begun(),
        started(&open),
        started(&background),
        ended("completed"),
    ]);
    let state = |id: &str| view.turn("u").unwrap().item(id).unwrap().state;
    assert_eq!(state("m"), ItemState::Abandoned);
    assert_eq!(state("c"), ItemState::Open, "it goes on in the background");
    assert!(view.to_turns()[0].items.is_empty());
    let view = fold(&[begun(), started(&background), ended("interrupted")]);
    assert_eq!(
        view.turn("u").unwrap().item("c").unwrap().state,
        ItemState::Abandoned
    );
}

#[test]
fn a_text_without_its_beginning_has_a_gap() {
    let mut view = fold(&[delta("m", "lo.")]);
    let item = view.turn("u").unwrap().item("m").unwrap();
    assert!(item.has_gap);
    assert_eq!(
        view.turn("u").unwrap().turn.items_view,
        Some(TurnItemsView::NotLoaded)
    );
    view.apply(&completed(&message("m", "Hello.")));
    let item = view.turn("u").unwrap().item("m").unwrap();
    assert!(!item.has_gap);
    assert_eq!(item.text(TextField::Text), Some("Hello."));
}

fn history(status: &str, items: &[Value]) -> Turn {
    let turn = json!({
        "id": "u", "items": items, "status": status, "startedAt": 5, "itemsView": "full",
    });
    serde_json::from_value(turn).unwrap()
}

#[test]
fn late_events_do_not_undo_what_the_history_has() {
    let done = json!({ "type": "agentMessage", "id": "m", "text": "Hello.", "completedAtMs": 2 });
    let mut view = ThreadView::new("t");
    view.apply_turns(&[history("completed", std::slice::from_ref(&done))]);
    let late = [
        begun(),
        started(&message("m", "")),
        delta("m", "Hel"),
        completed(&done),
    ];
    for event in late {
        let changes = view.apply(&event);
        assert!(changes.is_empty(), "{} {changes:?}", event.method());
    }
    assert_eq!(view.to_turns(), [history("completed", &[done])]);
}

#[test]
fn an_older_history_takes_nothing_back() {
    let mut view = fold(&[
        begun(),
        completed(&message("m", "Hello.")),
        ended("completed"),
    ]);
    view.apply_turns(&[history("inProgress", &[])]);
    assert_eq!(view.turn("u").unwrap().turn.status, TurnStatus::Completed);
    assert_eq!(item_ids(&view), ["m"]);
}

#[test]
fn pages_in_either_order_make_one_history() {
    let turn = |number: i64| -> Turn {
        let turn = json!({
            "id": format!("u{number}"), "items": [], "status": "completed",
            "startedAt": 100 + number, "itemsView": "full",
        });
        serde_json::from_value(turn).unwrap()
    };
    let mut view = ThreadView::new("t");
    view.apply_turns(&[turn(6), turn(5), turn(4)]);
    view.apply_turns(&[turn(1), turn(2), turn(3), turn(4)]);
    view.apply_turns(&[turn(7)]);
    let ids: Vec<_> = view.turns().iter().map(|it| it.id().to_string()).collect();
    assert_eq!(ids, ["u1", "u2", "u3", "u4", "u5", "u6", "u7"]);
    let changes = view.replace_turns(&vec![turn(1), turn(2)].into());
    assert_eq!(view.turns().len(), 2);
    assert_eq!(changes.turns.len(), 5, "{changes:?}");
}

#[test]
fn unknown_and_damaged_items_are_kept() {
    let unknown = json!({ "type": "hologram", "id": "h", "beam": 7 });
    let damaged = json!({ "type": "agentMessage", "id": "d", "text": 7 });
    let view = fold(&[
        begun(),
        started(&unknown),
        completed(&unknown),
        completed(&damaged),
    ]);
    assert_eq!(item_ids(&view), ["h", "d"]);
    let text = serde_json::to_string(&view).unwrap();
    assert!(
        text.contains(r#""beam":7"#) && text.contains(r#""text":7"#),
        "{text}"
    );
    let odd = json!({ "threadId": "t", "turn": { "id": "u", "items": 5, "status": "failed" } });
    let view = fold(&[begun(), event("turn/completed", odd)]);
    assert_eq!(view.turn("u").unwrap().turn.status, TurnStatus::Failed);
    let turns = json!([{ "id": "x", "items": 5 }]);
    let turns: codex_client::types::List<Turn> = serde_json::from_value(turns).unwrap();
    let mut view = ThreadView::new("t");
    view.replace_turns(&turns);
    assert_eq!(view.malformed_turns()[0]["id"], "x");
}

#[test]
fn requests_wait_until_resolved_or_over() {
    let request = |id: i64| {
        let params = ids(json!({ "itemId": "c", "startedAtMs": 1 }));
        let method = "item/commandExecution/requestApproval";
        let raw = json!({ "id": id, "method": method, "params": params });
        Event::parse(&raw.to_string()).unwrap()
    };
    let mut view = fold(&[begun(), request(0), request(1), request(1)]);
    assert_eq!(view.pending().len(), 2);
    let resolved = json!({ "threadId": "t", "requestId": 0 });
    let changes = view.apply(&event("serverRequest/resolved", resolved));
    assert_eq!(changes.thread, [ThreadPart::Pending]);
    assert_eq!(view.pending()[0].id, RequestId::Integer(1));
    view.apply(&ended("interrupted"));
    assert!(view.pending().is_empty());
}

#[test]
fn long_output_keeps_its_end_and_counts_the_rest() {
    let limits = ViewLimits::default().command_output(1000);
    let mut view = ThreadView::new("t").limits(limits);
    view.apply(&begun());
    view.apply(&started(&command("c", None)));
    for number in 0..10_000 {
        view.apply(&output("c", &format!("{number:05}ä\n")));
        let item = view.turn("u").unwrap().item("c").unwrap();
        let kept = item.text(TextField::Output).unwrap();
        assert!(kept.len() <= 1000);
        assert_eq!(kept.len() + item.omitted_output, (number + 1) * 8);
        assert!(kept.ends_with(&format!("{number:05}ä\n")));
    }
    let long = "x".repeat(5000);
    view.apply(&completed(&command("c", Some(&long))));
    let item = view.turn("u").unwrap().item("c").unwrap();
    assert_eq!(item.omitted_output, 4500, "a completed one as well");
}

#[test]
fn pending_requests_are_bounded() {
    let limits = ViewLimits::default().memory(2_000_000);
    let mut view = ThreadView::new("t").limits(limits);
    let request = |id: usize, length: usize| {
        let line = json!({"id": id, "method": "item/commandExecution/requestApproval", "params":
            {"threadId": "t", "turnId": "u", "itemId": "i", "startedAtMs": 1, "command": "x".repeat(length)}});
        Event::parse(&line.to_string()).unwrap()
    };
    for id in 0..2000 {
        view.apply(&request(id, 10));
    }
    assert_eq!(view.pending().len(), 1024);
    for id in 0..50 {
        view.apply(&request(id, 300_000));
    }
    let ids: Vec<_> = view.pending().iter().map(|it| it.id.clone()).collect();
    assert!((3..=6).contains(&ids.len()), "{ids:?}");
    assert_eq!(ids.last(), Some(&RequestId::Integer(49)));
}

#[test]
fn turns_without_items_are_counted() {
    let limits = ViewLimits::default().memory(1_000_000);
    let mut view = ThreadView::new("t").limits(limits);
    let header = |id: usize, status: &str, error: &Value| {
        json!({"threadId": "t", "turn": {"id": format!("u{id}"), "items": [], "itemsView": "notLoaded",
            "status": status, "error": error}})
    };
    for id in 0..20_000 {
        view.apply(&event(
            "turn/started",
            header(id, "inProgress", &Value::Null),
        ));
        let ids = json!({"threadId": "t", "turnId": format!("u{id}")});
        let mut plan = ids.clone();
        plan["plan"] = json!([{"step": "x".repeat(100), "status": "pending"}]);
        view.apply(&event("turn/plan/updated", plan));
        let mut diff = ids;
        diff["diff"] = json!("x".repeat(100));
        view.apply(&event("turn/diff/updated", diff));
        let error = json!({"message": "x".repeat(100)});
        view.apply(&event("turn/completed", header(id, "failed", &error)));
    }
    let count = view.turns().len();
    assert_eq!(view.omitted_turns() + count, 20_000);
    let size = serde_json::to_string(&view).unwrap().len();
    assert!(size < 1_000_000, "{size}");
    // What was removed is not counted any more: as many are kept at the end as in the beginning.
    assert!(count > 500, "{count}");
}

#[test]
fn memory_is_bounded_and_what_is_omitted_is_counted() {
    let limits = ViewLimits::default().memory(100_000);
    let mut view = ThreadView::new("t").limits(limits);
    let big = "x".repeat(1000);
    let mut removed = Changes::default();
    for turn in 0..100 {
        for item in 0..20 {
            let params = json!({
                "threadId": "t", "turnId": format!("u{turn}"), "completedAtMs": 2,
                "item": message(&format!("m{item}"), &big),
            });
            removed.merge(view.apply(&event("item/completed", params)));
        }
    }
    let size = serde_json::to_string(&view).unwrap().len();
    assert!(size < 120_000 && size > 40_000, "{size}");
    assert_eq!(view.omitted_turns() + view.turns().len(), 100);
    let is_removed = |it: &&codex_client::view::TurnChange| it.parts.contains(&TurnPart::Removed);
    assert_eq!(
        removed.turns.iter().filter(is_removed).count(),
        view.omitted_turns()
    );
    // One turn beyond the limit loses its oldest items.
    let mut view = ThreadView::new("t").limits(limits);
    for item in 0..1000 {
        view.apply(&completed(&message(&format!("m{item}"), &big)));
    }
    let turn = view.turn("u").unwrap();
    assert_eq!(turn.omitted_items + turn.items().len(), 1000);
    assert!(turn.items().len() < 100);
    assert!(matches!(
        &turn.item("m999").unwrap().item,
        ThreadItem::AgentMessage(_)
    ));
    assert!(turn.item("m0").is_none());
}

#[test]
fn retries_are_shown_until_the_turn_continues() {
    let error = ids(json!({ "error": { "message": "Reconnecting... 1/5" }, "willRetry": true }));
    let mut view = fold(&[begun(), event("error", error)]);
    assert!(view.turn("u").unwrap().retrying.is_some());
    view.apply(&delta("m", "Hello."));
    assert!(view.turn("u").unwrap().retrying.is_none());
}

#[test]
fn events_of_other_threads_change_nothing() {
    let mut view = ThreadView::new("other");
    assert!(view.apply(&begun()).is_empty());
    assert!(view.turns().is_empty());
}
