//! The cost of folding events into a [`ThreadView`], against the cost of parsing them.
//!
//! Both are measured in turns in one run, so that their ratio holds on a busy machine.
//!
//! `cargo bench -p codex-client --bench fold [-- EVENTS]`

#![expect(clippy::print_stdout, reason = "a program that measures and prints")]
#![expect(clippy::unwrap_used, reason = "a measure that fails is none")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use codex_client::Event;

use codex_client::view::ThreadView;
use serde_json::{Value, json};

const ROUNDS: usize = 9;

fn line(method: &str, mut params: Value) -> String {
    params["threadId"] = "01a1fd19-ad2f-71a2-959a-d053f883b641".into();
    params["turnId"] = "01a1fd19-ad2f-71a2-959a-d053f883b642".into();
    json!({ "method": method, "params": params, "emittedAtMs": 1_700_000_000_000_u64 }).to_string()
}

/// A message of many deltas.
fn messages(events: usize) -> Vec<String> {
    let delta = json!({ "itemId": "msg-1", "delta": " word" });
    (0..events)
        .map(|_| line("item/agentMessage/delta", delta.clone()))
        .collect()
}

/// A command with much output, most of which a view does not keep.
fn output(events: usize) -> Vec<String> {
    let delta = json!({ "itemId": "call-1", "delta": "x".repeat(100) + "\n" });
    (0..events)
        .map(|_| line("item/commandExecution/outputDelta", delta.clone()))
        .collect()
}

/// A turn of many items that start, grow and complete.
fn items(events: usize) -> Vec<String> {
    let one = |number: usize| {
        let id = format!("msg-{number}");
        let item = json!({ "type": "agentMessage", "id": id, "text": "a word" });
        let delta = || {
            line(
                "item/agentMessage/delta",
                json!({ "itemId": id, "delta": "a " }),
            )
        };
        [
            line("item/started", json!({ "item": item, "startedAtMs": 1 })),
            delta(),
            delta(),
            line(
                "item/completed",
                json!({ "item": item, "completedAtMs": 1 }),
            ),
        ]
    };
    (0..events / 4).flat_map(one).collect()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn measure(name: &str, lines: &[String]) {
    let (mut parsed, mut folded) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let events: Vec<Event> = lines
            .iter()
            .map(|line| Event::parse(line).unwrap())
            .collect();
        parsed.push(start.elapsed());
        let mut view = ThreadView::new("01a1fd19-ad2f-71a2-959a-d053f883b641");
        let start = Instant::now();
        for event in &events {
            black_box(view.apply(event));
        }
        folded.push(start.elapsed());
        black_box(view);
    }
    let (parsed, folded) = (median(&mut parsed), median(&mut folded));
    let count = u32::try_from(lines.len()).unwrap();
    let ratio = folded.as_secs_f64() / parsed.as_secs_f64();
    println!(
        "{name:>8}: {:>4} ns to fold an event, {:>5} ns to parse it: {ratio:.2}",
        (folded / count).as_nanos(),
        (parsed / count).as_nanos()
    );
}

fn main() {
    let events = std::env::args()
        .find_map(|it| it.parse().ok())
        .unwrap_or(100_000);
    measure("messages", &messages(events));
    measure("output", &output(events));
    measure("items", &items(events));
}
