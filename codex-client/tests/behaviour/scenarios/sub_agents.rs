//! Sub-agents: their tokens are part of the turn that called them, and so is their work.

use std::time::Duration;

use codex_client::types::{TokenUsageBreakdown, TurnStatus};
use codex_testing::events::{self, Usage};
use codex_testing::{AppServerHarness, CapturedRequest, Gate, Reply};
use serde_json::{Value, json};

use super::World;
use crate::support::LIMIT;

/// A call of a tool for sub-agents.
fn agent(reply: Reply, id: &str, tool: &str, arguments: &Value) -> Reply {
    let namespace = "multi_agent_v1";
    reply.event(events::namespaced_function_call(
        id, namespace, tool, arguments,
    ))
}

/// The agents that the calls with these ids have started.
fn spawned(request: &CapturedRequest, calls: &[&str]) -> Option<Vec<Value>> {
    let id_of = |call: &&str| {
        let output = request.tool_output(call)?.as_str()?;
        let output: Value = serde_json::from_str(output).ok()?;
        output.get("agent_id").cloned()
    };
    calls.iter().map(id_of).collect()
}

fn spawn(calls: &[(&str, &str)]) -> Reply {
    calls.iter().fold(Reply::new(), |reply, (id, message)| {
        agent(reply, id, "spawn_agent", &json!({ "message": message }))
    })
}

/// Waits for all of these agents.
fn wait_for(agents: &[Value]) -> Reply {
    let arguments = json!({ "targets": agents, "timeout_ms": 100_000 });
    agent(Reply::new(), "wait", "wait_agent", &arguments)
}

/// The last words of a user in a request: those of the agent that sends it.
fn asked(request: &CapturedRequest, text: &str) -> bool {
    request.message_texts("user").contains(&text)
}

fn tokens(usage: Option<TokenUsageBreakdown>) -> [i64; 2] {
    let usage = usage.unwrap();
    [usage.input_tokens, usage.output_tokens]
}

#[test]
fn tokens_of_a_sub_agent_are_added_to_its_callers() {
    let world = World::start(AppServerHarness::start().unwrap(), |builder| builder);
    world.harness.responses().respond_with(move |request| {
        Some(if asked(request, "the child") {
            Reply::assistant("counted").usage(Usage::new(1000, 100))
        } else if request.tool_output("wait").is_some() {
            Reply::assistant("done").usage(Usage::new(3, 3))
        } else {
            match spawned(request, &["spawn"]) {
                Some(agents) => wait_for(&agents).usage(Usage::new(2, 2)),
                None => spawn(&[("spawn", "the child")]).usage(Usage::new(1, 1)),
            }
        })
    });
    let thread = call!(world.codex.thread_start()).unwrap();
    let result = call!(thread.run("the parent")).unwrap();
    assert_eq!(tokens(result.own_usage), [6, 6]);
    assert_eq!(tokens(result.usage), [1006, 106]);
    assert_eq!(result.thread_usage.unwrap().total.input_tokens, 6);
    // The next turn calls nobody.
    let result = call!(thread.run("the child")).unwrap();
    assert_eq!(tokens(result.usage), [1000, 100]);
    assert_eq!(tokens(result.own_usage), [1000, 100]);
}

#[test]
fn two_sub_agents_at_once_add_up() {
    let world = World::start(AppServerHarness::start().unwrap(), |builder| builder);
    let gates = [Gate::new(), Gate::new()];
    let held = gates.clone();
    world.harness.responses().respond_with(move |request| {
        let child = |gate: &Gate, output| {
            let reply = Reply::assistant("counted").usage(Usage::new(10 * output, output));
            reply.held_by(gate)
        };
        Some(if asked(request, "the first") {
            child(&held[0], 1)
        } else if asked(request, "the second") {
            child(&held[1], 20)
        } else {
            match (spawned(request, &["a", "b"]), request.tool_output("more")) {
                (None, _) => spawn(&[("a", "the first"), ("b", "the second")]),
                (Some(agents), None) => agent(
                    wait_for(&agents[..1]),
                    "more",
                    "wait_agent",
                    &json!({ "targets": agents[1..], "timeout_ms": 100_000 }),
                ),
                (Some(_), Some(_)) => Reply::assistant("done"),
            }
            .usage(Usage::new(0, 300))
        })
    });
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut turn = call!(thread.turn("the parent")).unwrap();
    for gate in &gates {
        gate.wait_reached(LIMIT).unwrap();
    }
    gates.iter().for_each(Gate::release);
    let result = wait!(turn.run()).unwrap();
    assert_eq!(tokens(result.own_usage), [0, 900]);
    assert_eq!(tokens(result.usage), [210, 921]);
}

#[test]
fn sub_agents_of_sub_agents_belong_to_the_first_caller() {
    let harness = AppServerHarness::builder().config("[agents]\nmax_depth = 3\n");
    let world = World::start(harness.start().unwrap(), |builder| builder);
    world.harness.responses().respond_with(move |request| {
        let calls = |message: &str, tokens: u64| {
            match (
                spawned(request, &["spawn"]),
                request.tool_output("wait").is_some(),
            ) {
                (Some(_), true) => Reply::assistant("done"),
                (Some(agents), false) => wait_for(&agents),
                (None, _) => spawn(&[("spawn", message)]),
            }
            .usage(Usage::new(tokens, 0))
        };
        Some(if asked(request, "the grandchild") {
            Reply::assistant("counted").usage(Usage::new(10_000, 0))
        } else if asked(request, "the child") {
            calls("the grandchild", 100)
        } else {
            calls("the child", 1)
        })
    });
    let thread = call!(world.codex.thread_start()).unwrap();
    let result = call!(thread.run("the parent")).unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(tokens(result.own_usage), [3, 0]);
    assert_eq!(tokens(result.usage), [10_303, 0]);
}

#[test]
fn a_sub_agent_that_outlives_its_caller_is_in_a_later_snapshot() {
    let world = World::start(AppServerHarness::start().unwrap(), |builder| builder);
    let gate = Gate::new();
    let held = gate.clone();
    world.harness.responses().respond_with(move |request| {
        Some(if asked(request, "the child") {
            Reply::assistant("late")
                .usage(Usage::new(1000, 100))
                .held_by(&held)
        } else {
            match spawned(request, &["spawn"]) {
                Some(_) => Reply::assistant("not waiting").usage(Usage::new(2, 2)),
                None => spawn(&[("spawn", "the child")]).usage(Usage::new(1, 1)),
            }
        })
    });
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut events = world.codex.events().unwrap();
    let mut turn = call!(thread.turn("the parent")).unwrap();
    let result = wait!(turn.run()).unwrap();
    assert_eq!(tokens(result.usage.clone()), [3, 3]);
    assert_eq!(result.usage, result.own_usage);
    gate.release();
    loop {
        let event = wait!(events.next()).unwrap().unwrap();
        let is_other = event.thread_id() != Some(thread.id().as_str());
        if is_other && event.method() == "turn/completed" {
            break;
        }
    }
    let later = turn.snapshot();
    assert_eq!(tokens(later.usage), [1003, 103]);
    assert_eq!(tokens(later.own_usage), [3, 3]);
}

#[test]
fn a_turn_is_not_idle_while_its_sub_agent_works() {
    let limit = Duration::from_millis(2500);
    let world = World::start(AppServerHarness::start().unwrap(), |builder| builder);
    world.harness.responses().respond_with(move |request| {
        Some(if asked(request, "the child") {
            // Longer than the limit as a whole, but never silent for as long.
            Reply::streaming(["a ", "piece ", "at ", "a time"]).pace(limit / 3)
        } else if request.tool_output("wait").is_some() {
            Reply::assistant("done")
        } else {
            match spawned(request, &["spawn"]) {
                Some(agents) => wait_for(&agents),
                None => spawn(&[("spawn", "the child")]),
            }
        })
    });
    let thread = call!(world.codex.thread_start()).unwrap();
    let run = thread.run("the parent").idle_limit(limit).deadline(LIMIT);
    let result = call!(run).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("done"));
}
