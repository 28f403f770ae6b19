//! Random sessions on the real runtime: after every turn the view is equal to `thread/read`.
//!
//! Each session has a seed, which is printed; `VIEW_SEED` repeats one.

use std::time::{SystemTime, UNIX_EPOCH};

use codex_client::types::{
    DynamicToolCallResponse, InputTextDynamicToolCallOutputContentItem, ThreadItem,
    ThreadReadParams, ThreadStartParams, Turn,
};
use codex_client::view::{Changes, ItemState, ThreadView, TurnView};
use codex_client::{ApprovalMode, Handlers, Sandbox, blocking};
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::{Value, json};

use super::oracle::{assert_equal, assert_round_trip};
use crate::support::builder;

/// Number of sessions of each API.
const SESSIONS: u64 = 26;
const MOST_TURNS: u64 = 5;

/// A generator of random numbers: `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % below
    }
}

fn seeds(offset: u64) -> Vec<u64> {
    if let Ok(seed) = std::env::var("VIEW_SEED") {
        return vec![seed.parse().expect("a number")];
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let first = u64::try_from(now.as_nanos() % (1 << 40)).unwrap();
    (0..SESSIONS).map(|it| first + 1000 * offset + it).collect()
}

/// A turn, and when it is interrupted.
struct Step {
    replies: Vec<Reply>,
    interrupt: Option<fn(&ThreadItem) -> bool>,
    gate: Gate,
}

impl Step {
    fn new(replies: Vec<Reply>) -> Self {
        Self {
            replies,
            interrupt: None,
            gate: Gate::new(),
        }
    }

    /// Interrupts the turn as soon as such an item is open.
    fn interrupted(reply: Reply, when: fn(&ThreadItem) -> bool) -> Self {
        let gate = Gate::new();
        let replies = vec![reply.gate(&gate).delta("never")];
        Self {
            replies,
            interrupt: Some(when),
            gate,
        }
    }

    fn random(random: &mut Random) -> Self {
        match random.next(12) {
            0 => Self::interrupted(
                Reply::streaming(["par", "tial"]),
                |item| matches!(item, ThreadItem::AgentMessage(it) if it.text == "partial"),
            ),
            1 => {
                let call = json!({ "cmd": "echo out; sleep 60", "yield_time_ms": 20_000 });
                let reply = Reply::new().function_call("cut", "exec_command", call);
                Self {
                    replies: vec![reply],
                    interrupt: Some(|item| matches!(item, ThreadItem::CommandExecution(_))),
                    gate: Gate::new(),
                }
            }
            2 => Self::new(vec![
                random_part(random, 0).fail("server_is_overloaded", "boom"),
            ]),
            3 => Self::new(vec![Reply::http_error(400, json!({ "error": {} }))]),
            4 => Self::new(vec![random_part(random, 0).cut()]),
            _ => {
                let requests = random.next(4);
                let tools = (0..requests).map(|request| random_part(random, request));
                let mut replies: Vec<_> = tools.collect();
                replies.push(Reply::streaming(["The ", "answer."]));
                Self::new(replies)
            }
        }
    }
}

/// The reply to a request that is followed by another one: reasoning, commentary, and calls.
fn random_part(random: &mut Random, request: u64) -> Reply {
    let mut reply = Reply::new();
    if random.next(2) == 0 {
        reply = reply.reasoning_with_content("I should look.", "Looking is good.");
    }
    if random.next(3) == 0 {
        reply = reply.commentary("Looking around.");
    }
    for number in 0..=random.next(2) {
        let id = format!("call-{request}-{number}");
        reply = match random.next(6) {
            0 => {
                let patch = format!(
                    "*** Begin Patch\n*** Add File: {id}-{}.txt\n+x\n*** End Patch",
                    random.next(1 << 30)
                );
                reply.custom_tool_call(&id, "apply_patch", &patch)
            }
            1 => reply.function_call(&id, "lookup", json!({ "what": id })),
            2 => {
                let plan = json!({ "plan": [{ "step": id, "status": "in_progress" }] });
                reply.function_call(&id, "update_plan", plan)
            }
            3 => reply.function_call(&id, "exec_command", command("echo no; exit 3")),
            4 => reply.function_call(&id, "exec_command", command("sleep 0.05; seq 1 200")),
            _ => {
                let call = json!({ "cmd": "sleep 0.4; echo late", "yield_time_ms": 250 });
                reply.function_call(&id, "exec_command", call)
            }
        };
    }
    reply
}

fn command(line: &str) -> Value {
    json!({ "cmd": line, "yield_time_ms": 10_000 })
}

fn harness() -> AppServerHarness {
    AppServerHarness::builder()
        .model("gpt-5.5")
        .config("model_reasoning_summary = 'detailed'\nshow_raw_agent_reasoning = true\n[tools.update_plan]\nenabled = true")
        .start()
        .unwrap()
}

fn with_tools(params: ThreadStartParams) -> ThreadStartParams {
    let lookup = json!({
        "type": "function", "name": "lookup", "description": "Looks things up",
        "inputSchema": { "type": "object", "properties": { "what": { "type": "string" } } },
    });
    params.dynamic_tools([
        serde_json::from_value::<codex_client::types::DynamicToolSpec>(lookup).unwrap(),
    ])
}

fn looked_up() -> DynamicToolCallResponse {
    let item = InputTextDynamicToolCallOutputContentItem::new("42");
    DynamicToolCallResponse::new(vec![item.into()], true)
}

/// Whether the turn has ended, and every command in the background as well.
fn is_over(view: &ThreadView, turn: &str) -> bool {
    view.turn(turn).is_some_and(|turn| {
        let is_open = |state| state == ItemState::Open;
        !turn.is_running() && !turn.items().iter().any(|it| is_open(it.state))
    })
}

fn is_to_be_interrupted(view: &ThreadView, turn: &str, step: &mut Step) -> bool {
    let Some(when) = step.interrupt else {
        return false;
    };
    let mut items = view.turn(turn).into_iter().flat_map(TurnView::items);
    let is_time = items.any(|it| it.state == ItemState::Open && when(&it.item));
    if is_time {
        step.interrupt = None;
    }
    is_time
}

/// Compares after a turn: with `thread/read`, with the same history folded again, and the merged
/// changes with the items.
fn check(view: &ThreadView, read: &[Turn], changes: &Changes, turn: &str, context: &str) {
    assert_equal(view, read, context);
    assert_round_trip(view, context);
    let mut again = view.clone();
    let repeated = again.apply_turns(read);
    assert!(repeated.is_empty(), "{context}: {repeated:?}");
    let mut fresh = ThreadView::new(view.thread_id());
    fresh.apply_turns(read);
    assert_equal(&fresh, read, context);
    let items = view.turn(turn).unwrap().items();
    assert!(!items.is_empty(), "{context}");
    for item in items {
        let id = item.item.id().unwrap();
        let is_it = |it: &&codex_client::view::ItemChange| it.item_id.as_str() == id;
        assert!(
            changes.items.iter().any(|it| is_it(&it)),
            "{context}: {id} was not told"
        );
    }
}

#[tokio::test]
async fn random_sessions_equal_what_is_stored() {
    let harness = harness();
    let handlers = Handlers::new().on_tool_call(|_, _| async { Ok(looked_up()) });
    let codex = builder(&harness).experimental_api(true).handler(handlers);
    let codex = codex.build().await.unwrap();
    for seed in seeds(0) {
        println!("VIEW_SEED={seed}");
        let mut random = Random(seed);
        let start = codex.thread_start().sandbox(Sandbox::FullAccess);
        let start = start
            .approval_mode(ApprovalMode::DenyAll)
            .with_params(with_tools);
        let thread = start.await.unwrap();
        let mut live = thread.view().await.unwrap();
        for number in 0..=random.next(MOST_TURNS) {
            let mut step = Step::random(&mut random);
            harness.responses().enqueue_all(step.replies.drain(..));
            let turn = thread.turn("Work.").await.unwrap();
            let mut changes = Changes::default();
            while !is_over(live.view(), turn.id().as_str()) {
                changes.merge(live.next().await.unwrap().unwrap());
                if is_to_be_interrupted(live.view(), turn.id().as_str(), &mut step) {
                    turn.interrupt().await.unwrap();
                    step.gate.release();
                }
            }
            let params = ThreadReadParams::new(thread.id()).include_turns(true);
            let read = codex.client().thread_read(params).await.unwrap();
            let context = format!("seed {seed}, turn {number}");
            let turns = &read.thread.turns;
            check(live.view(), turns, &changes, turn.id().as_str(), &context);
            clear(&harness);
        }
    }
}

#[test]
fn blocking_random_sessions_equal_what_is_stored() {
    let harness = harness();
    let handlers = blocking::Handlers::new().on_tool_call(|_, _| Ok(looked_up()));
    let codex = blocking::Codex::builder().launch(harness.launch());
    let codex = codex
        .experimental_api(true)
        .handler(handlers)
        .build()
        .unwrap();
    for seed in seeds(1) {
        println!("VIEW_SEED={seed}");
        let mut random = Random(seed);
        let start = codex.thread_start().sandbox(Sandbox::FullAccess);
        let start = start
            .approval_mode(ApprovalMode::DenyAll)
            .with_params(with_tools);
        let thread = start.call().unwrap();
        let mut live = thread.view().unwrap();
        for number in 0..=random.next(MOST_TURNS) {
            let mut step = Step::random(&mut random);
            harness.responses().enqueue_all(step.replies.drain(..));
            let turn = thread.turn("Work.").call().unwrap();
            let mut changes = Changes::default();
            while !is_over(live.view(), turn.id().as_str()) {
                changes.merge(live.next().unwrap().unwrap());
                if is_to_be_interrupted(live.view(), turn.id().as_str(), &mut step) {
                    turn.interrupt().call().unwrap();
                    step.gate.release();
                }
            }
            let params = ThreadReadParams::new(thread.id()).include_turns(true);
            let read = codex.client().thread_read(params).unwrap();
            let context = format!("seed {seed}, turn {number}");
            let turns = &read.thread.turns;
            check(live.view(), turns, &changes, turn.id().as_str(), &context);
            clear(&harness);
        }
    }
}

/// A turn that failed leaves replies behind.
fn clear(harness: &AppServerHarness) {
    assert_eq!(harness.responses().queued(), 0, "every reply was requested");
}
