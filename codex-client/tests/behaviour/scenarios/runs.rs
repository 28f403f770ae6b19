//! Runs: options reach the model, usage and errors are returned.

use std::time::Duration;

use codex_client::types::{ApprovalsReviewer, AskForApproval, CodexErrorInfo, TurnStatus};
use codex_client::{ApprovalMode, Error, Sandbox, TurnLimit};
use codex_testing::events::Usage;
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::{Value, json};

use super::{World, scripted};
use crate::support::{agent_messages, command, harness_with};

#[test]
fn usage_is_that_of_the_last_request_and_of_the_whole_thread() {
    let replies = [
        Reply::assistant("one").usage(Usage::new(100, 20).cached(40).reasoning(5)),
        Reply::assistant("two").usage(Usage::new(200, 30).cached(150).reasoning(7)),
    ];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run("first")).unwrap();
    let result = call!(thread.run("second")).unwrap();
    let usage = result.thread_usage.unwrap();
    let numbers = |tokens: codex_client::types::TokenUsageBreakdown| {
        let cached = tokens.cached_input_tokens;
        [
            tokens.input_tokens,
            cached,
            tokens.output_tokens,
            tokens.reasoning_output_tokens,
        ]
    };
    assert_eq!(numbers(usage.last), [200, 150, 30, 7]);
    assert_eq!(numbers(usage.total), [300, 190, 50, 12]);
    assert_eq!(numbers(result.usage.unwrap()), [200, 150, 30, 7]);
}

#[test]
fn usage_of_a_turn_is_the_sum_of_its_requests() {
    let pwd = Reply::new().function_call("call", "exec_command", json!({ "cmd": "pwd" }));
    let replies = [
        Reply::assistant("before").usage(Usage::new(100, 10)),
        pwd.usage(Usage::new(200, 20)),
        Reply::assistant("done").usage(Usage::new(300, 30)),
    ];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let first = call!(thread.run("first")).unwrap().usage.unwrap();
    let second = call!(thread.run("second")).unwrap().usage.unwrap();
    assert_eq!((second.input_tokens, second.output_tokens), (500, 50));
    assert_eq!((first + second).input_tokens, 600);
}

#[test]
fn text_that_was_not_streamed_comes_once() {
    let pwd = Reply::new().message("Looking.");
    let pwd = pwd.function_call("call", "exec_command", json!({ "cmd": "pwd" }));
    let replies = [pwd, Reply::streaming(["It ", "is here."])];
    let world = World::start(harness_with(replies), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut turn = call!(thread.turn("Where?")).unwrap();
    let mut texts = turn.text_deltas();
    let mut seen = Vec::new();
    loop {
        let Some(text) = wait!(texts.next()) else {
            break;
        };
        seen.push(text.unwrap());
    }
    assert_eq!(seen, ["Looking.", "It ", "is here."]);
}

#[test]
fn owned_text_outlives_its_handle_and_has_the_result() {
    let world = World::start(harness_with([Reply::streaming(["Hel", "lo"])]), |b| b);
    let thread = call!(world.codex.thread_start()).unwrap();
    let mut texts = call!(thread.turn("Greet me.")).unwrap().into_text_deltas();
    let first = wait!(texts.next()).unwrap().unwrap();
    assert_eq!(first, "Hel");
    let result = wait!(texts.run()).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("Hello"));
    assert!(wait!(texts.next()).is_none());
}

#[test]
fn silent_turn_is_interrupted_after_its_idle_limit() {
    let gate = Gate::new();
    let held = Reply::streaming(["Well"]).gate(&gate);
    let world = World::start(harness_with([held]), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let limit = Duration::from_millis(700);
    let error = call!(thread.run("go").idle_limit(limit)).unwrap_err();
    let Error::TurnTimedOut(late) = &error else {
        panic!("{error}")
    };
    assert_eq!((late.limit, late.after), (TurnLimit::Idle, limit));
    assert_eq!(late.result.status, TurnStatus::Interrupted);
}

#[test]
fn limits_of_all_turns_are_set_once() {
    for limit in [TurnLimit::Idle, TurnLimit::Deadline] {
        let gate = Gate::new();
        let held = Reply::streaming(["Well"]).gate(&gate);
        let after = Duration::from_millis(700);
        let world = World::start(harness_with([held]), |builder| match limit {
            TurnLimit::Idle => builder.turn_idle_limit(after),
            _ => builder.turn_deadline(after),
        });
        let thread = call!(world.codex.thread_start()).unwrap();
        let error = call!(thread.run("go")).unwrap_err();
        let Error::TurnTimedOut(late) = &error else {
            panic!("{error}")
        };
        assert_eq!((late.limit, late.after), (limit, after));
    }
}

#[test]
fn longest_limits_never_pass() {
    let world = World::start(harness_with([Reply::assistant("ok")]), |builder| builder);
    let thread = call!(world.codex.thread_start()).unwrap();
    let run = thread.run("go").idle_limit(Duration::MAX);
    let result = call!(run.deadline(Duration::MAX)).unwrap();
    assert_eq!(result.final_response.as_deref(), Some("ok"));
}

#[test]
fn overrides_reach_the_model_and_are_stored() {
    let world = World::start(harness_with([Reply::assistant("{}")]), |builder| builder);
    let elsewhere = world.harness.home().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let thread = call!(world.codex.thread_start()).unwrap();
    let schema = json!({
        "type": "object", "properties": {}, "required": [], "additionalProperties": false,
    });
    call!(
        thread
            .run("hello")
            .model("gpt-5.5")
            .effort("high")
            .summary("detailed")
            .cwd(&elsewhere)
            .sandbox(Sandbox::FullAccess)
            .approval_mode(ApprovalMode::AskClient)
            .output_schema(schema.clone())
    )
    .unwrap();
    let request = world.harness.responses().single_request();
    let body = request.body_json();
    assert_eq!(body["model"], "gpt-5.5");
    assert_eq!(
        body["reasoning"],
        json!({ "effort": "high", "summary": "detailed" })
    );
    assert_eq!(body["text"]["format"]["schema"], schema);
    assert!(
        body["input"]
            .to_string()
            .contains(elsewhere.to_str().unwrap())
    );
    let stored = call!(world.codex.thread_resume(thread.id())).unwrap();
    let stored = stored.settings().unwrap();
    assert_eq!(stored.model, "gpt-5.5");
    assert_eq!(stored.cwd.as_str(), elsewhere.to_str().unwrap());
    assert_eq!(stored.sandbox.tag(), "dangerFullAccess");
    assert_eq!(stored.approval_policy, AskForApproval::OnRequest);
    assert_eq!(stored.approvals_reviewer, ApprovalsReviewer::User);
}

#[test]
fn a_service_tier_of_one_turn_is_not_stored() {
    let harness = AppServerHarness::builder()
        .model("gpt-5.5")
        .start()
        .unwrap();
    harness
        .responses()
        .enqueue_all([Reply::assistant("one"), Reply::assistant("two")]);
    let world = World::start(harness, |builder| builder.experimental_api(true));
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run("first").service_tier_for_turn("priority")).unwrap();
    call!(thread.run("second")).unwrap();
    let requests = world.harness.responses().requests();
    let tiers: Vec<&Value> = requests
        .iter()
        .map(|request| &request.body_json()["service_tier"])
        .collect();
    assert_eq!(tiers, [&json!("priority"), &Value::Null]);
}

#[test]
fn an_answer_of_one_turn_may_be_empty() {
    let world = World::start(
        harness_with([Reply::new().message("one").message("")]),
        |builder| builder,
    );
    let thread = call!(world.codex.thread_start()).unwrap();
    let result = call!(thread.run("hello")).unwrap();
    assert_eq!(agent_messages(&result.items), ["one", ""]);
    assert_eq!(result.final_response.as_deref(), Some(""));
}

#[test]
fn failures_of_the_model_have_distinct_kinds() {
    let code = |code: &str| json!({ "error": { "code": code, "type": code, "message": "no" } });
    let refusals = [
        (Reply::http_error(400, code("bad")), "other", false),
        (
            Reply::http_error(403, code("no")),
            "httpConnectionFailed",
            false,
        ),
        (
            Reply::http_error(429, code("usage_limit_reached")),
            "usageLimitExceeded",
            false,
        ),
        (
            Reply::http_error(503, code("server_is_overloaded")),
            "serverOverloaded",
            true,
        ),
        (
            Reply::failed("context_length_exceeded", "no"),
            "contextWindowExceeded",
            false,
        ),
    ];
    let world = World::start(harness_with([]), |builder| builder);
    for (reply, expected, retryable) in refusals {
        world.harness.responses().enqueue(reply);
        let thread = call!(world.codex.thread_start()).unwrap();
        let error = call!(thread.run("hello")).unwrap_err();
        let Error::TurnFailed(failed) = &error else {
            panic!("{error}")
        };
        let info = serde_json::to_value(failed.info().unwrap()).unwrap();
        let name = info
            .as_str()
            .or_else(|| info.as_object()?.keys().next().map(String::as_str));
        assert_eq!(name, Some(expected), "{error}");
        assert_eq!(failed.is_retryable(), retryable, "{error}");
        assert_eq!(failed.result.status, TurnStatus::Failed);
    }
}

#[test]
fn a_failed_turn_keeps_its_items_and_its_usage() {
    let replies = [
        Reply::new()
            .commentary("Looking.")
            .function_call("call", "exec_command", json!({ "cmd": "pwd" }))
            .usage(Usage::new(100, 20)),
        Reply::streaming(["cut o"]).cut(),
    ];
    let world = World::start(harness_with(replies), |builder| builder);
    // The command must also run on machines whose users may not create the namespaces of a sandbox.
    let start = world.codex.thread_start().sandbox(Sandbox::FullAccess);
    let thread = call!(start).unwrap();
    let error = call!(thread.run("hello")).unwrap_err();
    let Error::TurnFailed(failed) = &error else {
        panic!("{error}")
    };
    assert_eq!(agent_messages(&failed.result.items), ["Looking."]);
    assert_eq!(command(&failed.result.items).exit_code, Some(0));
    assert_eq!(failed.result.usage.as_ref().unwrap().input_tokens, 100);
    assert!(
        failed.error.message.contains("stream disconnected"),
        "{error}"
    );
    assert!(error.to_string().contains(&failed.error.message), "{error}");
}

#[test]
fn failed_turn_has_details() {
    let (codex, peer) = scripted(|script| {
        let mut failed = turn("failed");
        failed["error"] = json!({
            "message": "no answer",
            "codexErrorInfo": { "responseStreamDisconnected": { "httpStatusCode": 502 } },
            "additionalDetails": "the line was cut",
        });
        script
            .expect("turn/start")
            .reply(json!({ "turn": turn("inProgress") }))
            .notify(
                "turn/completed",
                json!({ "threadId": "thread", "turn": failed }),
            )
    });
    let error = call!(codex.thread("thread").run("hello")).unwrap_err();
    let Error::TurnFailed(failed) = &error else {
        panic!("{error}")
    };
    let Some(CodexErrorInfo::ResponseStreamDisconnected(info)) = failed.info() else {
        panic!("{failed:?}")
    };
    assert_eq!(info.http_status_code, Some(502));
    assert_eq!(
        failed.error.additional_details.as_deref(),
        Some("the line was cut")
    );
    assert!(
        error.to_string().ends_with("no answer (the line was cut)"),
        "{error}"
    );
    peer.finish(crate::support::LIMIT);
}

/// A turn as the protocol writes it.
fn turn(status: &str) -> Value {
    json!({
        "id": "turn", "items": [], "itemsView": "notLoaded", "status": status, "error": null,
        "startedAt": null, "completedAt": null, "durationMs": null,
    })
}

#[test]
fn a_turn_whose_end_cannot_be_read_is_no_success() {
    let (codex, peer) = scripted(|script| {
        script
            .expect("turn/start")
            .reply(json!({ "turn": turn("inProgress") }))
            .notify(
                "turn/completed",
                json!({ "threadId": "thread", "turn": { "id": "turn" } }),
            )
    });
    let error = call!(codex.thread("thread").run("hello")).unwrap_err();
    let Error::TurnUnreadable(unreadable) = error else {
        panic!("{error:?}");
    };
    assert_eq!(unreadable.result.id.as_str(), "turn");
    assert!(unreadable.raw().contains("turn/completed"));
    peer.finish(crate::support::LIMIT);
}

#[test]
fn turn_of_a_closed_connection_is_an_error() {
    let (codex, peer) = scripted(|script| {
        script
            .expect("turn/start")
            .reply(json!({ "turn": turn("inProgress") }))
            .notify(
                "item/completed",
                json!({
                    "threadId": "thread", "turnId": "turn", "completedAtMs": 1,
                    "item": {"type": "agentMessage", "id": "m", "text": "half"},
                }),
            )
            .close()
    });
    let error = call!(codex.thread("thread").run("hello")).unwrap_err();
    assert!(error.is_closed(), "{error:?}");
    let Error::TurnDisconnected(lost) = error else {
        panic!("{error}")
    };
    assert_eq!(agent_messages(&lost.result.items), ["half"]);
    assert_eq!(lost.result.status, TurnStatus::InProgress);
    peer.finish(crate::support::LIMIT);
}
