//! Messages that end something and are damaged: what they end ends all the same, with an error that
//! says that they could not be decoded. Each script closes the connection behind them, so that an
//! end that was not noticed is a connection that was closed.

use codex_client::Error;
use codex_client::types::TurnStatus;
use codex_testing::scripted::{Script, ScriptedPeer};
use serde_json::{Value, json};

use super::{Codex, scripted};

/// A turn as the protocol writes it.
fn turn(status: &str) -> Value {
    json!({
        "id": "turn", "items": [], "itemsView": "notLoaded", "status": status, "error": null,
        "startedAt": null, "completedAt": null, "durationMs": null,
    })
}

fn message(method: &str, params: &Value) -> String {
    json!({"method": method, "params": params}).to_string()
}

/// Parameters of a turn's end that lack something, or have it in another form.
fn incomplete_ends() -> Vec<String> {
    [
        json!({"threadId": "thread"}),
        json!({"threadId": "thread", "turn": null}),
        json!({"threadId": "thread", "turn": []}),
        json!({"threadId": "thread", "turn": "turn"}),
        json!({"threadId": "thread", "turn": {}}),
        json!({"threadId": "thread", "turn": {"status": "completed", "items": []}}),
        json!({"threadId": "thread", "turn": {"id": 7, "status": 7, "items": []}}),
        json!({"threadId": "thread", "turn": {"id": "turn"}}),
        json!({"threadId": "thread", "turn": {"id": "turn", "items": [], "status": {}}}),
        json!({"turn": {"id": "turn", "items": [], "status": 5}}),
        json!({"turn": {}}),
        json!({"threadId": 5}),
        json!({}),
        json!([]),
        json!(null),
        json!("turn"),
    ]
    .iter()
    .map(|params| message("turn/completed", params))
    .chain([r#"{"method":"turn/completed"}"#.to_owned()])
    .collect()
}

/// Text that is no JSON, or none that can be read, to stand where a value stands.
fn unreadable_values() -> Vec<Vec<u8>> {
    let deep = "[".repeat(200) + &"]".repeat(200);
    let values = [
        r#""cut \ud83d""#,
        r#""\udc00\ud800""#,
        "1e999",
        "-1e400",
        "[1,,2]",
        "nul",
        &deep,
    ];
    let mut values: Vec<Vec<u8>> = values.map(|text| text.as_bytes().to_vec()).to_vec();
    values.extend([
        b"\"\xff\xfe\"".to_vec(),
        b"\"caf\xe9\"".to_vec(),
        b"\"\xf0\x9f\x98\"".to_vec(),
    ]);
    values
}

/// A message with another value in the place of `"HERE"`.
fn with_value(message: &str, value: &[u8]) -> Vec<u8> {
    let (before, after) = message.split_once("\"HERE\"").unwrap();
    [before.as_bytes(), value, after.as_bytes()].concat()
}

/// Ends of a turn with unreadable values in several places.
fn garbled_ends() -> Vec<Vec<u8>> {
    let mut failed = turn("failed");
    failed["error"] = json!({"message": "HERE", "codexErrorInfo": null, "additionalDetails": null});
    let mut timed = turn("failed");
    timed["startedAt"] = json!("HERE");
    let places = [
        json!({"threadId": "thread", "turn": failed}),
        json!({"threadId": "thread", "turn": timed}),
        json!({"threadId": "thread", "turn": {"id": "turn", "items": [], "status": "HERE"}}),
        json!({"threadId": "thread", "turn": "HERE"}),
        json!({"threadId": "thread", "turn": {"id": "HERE"}}),
        json!({"threadId": "HERE", "turn": "HERE2"}),
        json!("HERE"),
    ];
    let messages = places.map(|params| message("turn/completed", &params));
    let values = unreadable_values();
    let ends = messages
        .iter()
        .flat_map(|message| values.iter().map(|value| with_value(message, value)));
    ends.collect()
}

/// Ends of a turn that were cut off, at each byte behind the part of the method that no other
/// method begins with.
fn cut_ends() -> Vec<Vec<u8>> {
    let whole = message(
        "turn/completed",
        &json!({"threadId": "thread", "turn": turn("completed")}),
    );
    let from = r#"{"method":"turn/com"#.len();
    (from..whole.len())
        .map(|end| whole.as_bytes()[..end].to_vec())
        .collect()
}

/// A thread on which a turn runs that this ends.
fn ended_by(end: impl Into<Vec<u8>>) -> (Codex, ScriptedPeer) {
    scripted(|script| {
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
            .send(end)
            .close()
    })
}

/// Asserts that a run ends with this message, and that the error tells that it is unreadable.
fn assert_ends_its_run(end: &[u8]) {
    let shown = String::from_utf8_lossy(end);
    let (codex, _peer) = ended_by(end);
    let error = call!(codex.thread("thread").run("hello")).unwrap_err();
    let Error::TurnUnreadable(unreadable) = error else {
        panic!("{error:?} for {shown}");
    };
    assert_eq!(unreadable.raw(), shown);
    assert!(unreadable.decode_error().is_some(), "{shown}");
    assert_eq!(unreadable.result.final_response.as_deref(), Some("half"));
}

#[test]
fn incomplete_end_ends_its_run() {
    for end in incomplete_ends() {
        assert_ends_its_run(end.as_bytes());
    }
}

#[test]
fn garbled_end_ends_its_run() {
    for end in garbled_ends() {
        let (codex, _peer) = ended_by(end.clone());
        let shown = String::from_utf8_lossy(&end);
        match call!(codex.thread("thread").run("hello")) {
            Err(Error::TurnUnreadable(_)) => {}
            // What can be read of it is enough.
            Err(Error::TurnFailed(failed)) => {
                assert_eq!(failed.result.status, TurnStatus::Failed, "{shown}");
            }
            // So is a status that is not known.
            Ok(result) => assert!(result.status.as_str().contains('\u{fffd}'), "{shown}"),
            other => panic!("{other:?} for {shown}"),
        }
    }
}

#[test]
fn end_that_was_cut_off_ends_its_run() {
    for end in cut_ends() {
        assert_ends_its_run(&end);
    }
}

#[test]
fn damaged_end_of_another_thread_ends_no_run() {
    for other in [
        json!({"threadId": "other"}),
        json!({"threadId": "other", "turn": {}}),
        json!({"threadId": "other", "turn": {"id": "other"}}),
        json!({"threadId": "thread", "turn": {"id": "other"}}),
    ] {
        let (codex, _peer) = scripted(|script| {
            script
                .expect("turn/start")
                .reply(json!({ "turn": turn("inProgress") }))
                .notify("turn/completed", other)
                .notify(
                    "turn/completed",
                    json!({"threadId": "thread", "turn": turn("completed")}),
                )
                .close()
        });
        let result = call!(codex.thread("thread").run("hello")).unwrap();
        assert_eq!(result.status, TurnStatus::Completed);
    }
}

#[test]
fn damaged_end_before_the_answer_ends_its_run() {
    let (codex, _peer) = scripted(|script| {
        script
            .expect("turn/start")
            .notify("turn/completed", json!({"threadId": "thread"}))
            .reply(json!({ "turn": turn("inProgress") }))
            .close()
    });
    let error = call!(codex.thread("thread").run("hello")).unwrap_err();
    assert!(matches!(error, Error::TurnUnreadable(_)), "{error:?}");
}

#[test]
fn closed_thread_ends_its_run() {
    let whole = message("thread/closed", &json!({"threadId": "thread"}));
    for closed in [
        whole.clone().into_bytes(),
        message("thread/closed", &json!({"threadId": "thread", "x": "HERE"})).into_bytes(),
        message("thread/closed", &json!({})).into_bytes(),
        whole.as_bytes()[..whole.len() - 1].to_vec(),
        whole.as_bytes()[..whole.len() - 6].to_vec(),
        with_value(
            &message("thread/closed", &json!({"threadId": "thread", "x": "HERE"})),
            b"\"\xff\"",
        ),
    ] {
        let shown = String::from_utf8_lossy(&closed).into_owned();
        let (codex, _peer) = ended_by(closed);
        let error = call!(codex.thread("thread").run("hello")).unwrap_err();
        assert!(
            matches!(error, Error::TurnIncomplete { .. }),
            "{error:?} for {shown}"
        );
    }
}

/// The script of a goal that was set, up to the first turn.
fn working(script: Script) -> Script {
    let idle = json!({"type": "idle"});
    script
        .expect("thread/read")
        .reply(json!({"thread": thread(&idle)}))
        .expect("thread/goal/clear")
        .reply(json!({"cleared": false}))
        .expect("thread/goal/set")
        .reply(json!({"goal": goal("active")}))
        .notify("thread/goal/updated", updated("active"))
        .notify(
            "turn/started",
            json!({"threadId": "thread", "turn": turn("inProgress")}),
        )
}

fn thread(status: &Value) -> Value {
    json!({
        "id": "thread", "sessionId": "session", "preview": "", "ephemeral": false,
        "historyMode": "legacy", "modelProvider": "mock", "createdAt": 1, "updatedAt": 1,
        "status": status, "cwd": "/tmp", "cliVersion": "0", "source": "cli", "turns": [],
    })
}

fn goal(status: &str) -> Value {
    json!({
        "threadId": "thread", "objective": "o", "status": status, "tokensUsed": 0,
        "timeUsedSeconds": 0, "createdAt": 0, "updatedAt": 0,
    })
}

fn updated(status: &str) -> Value {
    json!({"threadId": "thread", "turnId": null, "goal": goal(status)})
}

/// How the work on a goal ends when its server sends these messages.
fn goal_ended_by(messages: &[Vec<u8>]) -> Result<codex_client::GoalResult, Error> {
    let (codex, _peer) = scripted(|script| {
        let sent = messages
            .iter()
            .fold(working(script), |script, it| script.send(it.clone()));
        sent.close()
    });
    let mut goal = call!(codex.thread("thread").goal("o")).unwrap();
    wait!(goal.run())
}

#[test]
fn damaged_end_of_a_turn_ends_its_goal() {
    let complete = message("thread/goal/updated", &updated("complete")).into_bytes();
    for end in [
        message("turn/completed", &json!({"threadId": "thread"})).into_bytes(),
        message("turn/completed", &json!({})).into_bytes(),
        b"{\"method\":\"turn/completed\",\"params\":{\"thr".to_vec(),
        b"{\"method\":\"turn/completed\",\"params\":{\"threadId\":\"thread\",\"turn\":{\"x\":\"\xff".to_vec(),
    ] {
        let error = goal_ended_by(&[complete.clone(), end]).unwrap_err();
        assert!(matches!(error, Error::TurnUnreadable(_)), "{error:?}");
    }
}

#[test]
fn damaged_news_of_a_goal_end_it() {
    let end = message(
        "turn/completed",
        &json!({"threadId": "thread", "turn": turn("completed")}),
    );
    let end = end.into_bytes();
    // What it says can be read.
    let odd = json!({"threadId": "thread", "goal": {"status": "complete", "objective": 5}});
    let odd = message("thread/goal/updated", &odd).into_bytes();
    let result = goal_ended_by(&[odd, end.clone()]);
    assert!(
        matches!(result, Err(Error::TurnUnreadable(_))),
        "{result:?}"
    );
    for news in [
        &b"{\"method\":\"thread/goal/updated\",\"params\":{\"threadId\":\"thread\",\"goal\":"[..],
        b"{\"method\":\"thread/goal/updated\",\"params\":{\"threadId\":\"thread\",\"x\":\"\xff\"}}",
        b"{\"method\":\"thread/goal/updated\",\"params\":{}}",
        b"{\"method\":\"thread/goal/cleared\",\"params\":{\"threadId\":5}}",
        b"{\"method\":\"thread/goal/cleared\",\"params\":{\"thr",
    ] {
        let shown = String::from_utf8_lossy(news).into_owned();
        let result = goal_ended_by(&[news.to_vec(), end.clone()]);
        assert!(
            matches!(result, Err(Error::TurnUnreadable(_))),
            "{result:?} for {shown}"
        );
    }
    // A later one that can be read counts.
    let complete = message("thread/goal/updated", &updated("complete")).into_bytes();
    let damaged = b"{\"method\":\"thread/goal/updated\",\"params\":{}}".to_vec();
    assert!(
        goal_ended_by(&[damaged, complete, end])
            .unwrap()
            .is_complete()
    );
}

#[test]
fn closed_thread_ends_its_goal() {
    let closed = message("thread/closed", &json!({"threadId": "thread"})).into_bytes();
    let error = goal_ended_by(&[closed]).unwrap_err();
    assert!(matches!(error, Error::TurnIncomplete { .. }), "{error:?}");
}

#[test]
fn damaged_end_of_a_login_ends_it() {
    for end in [
        &b"{\"method\":\"account/login/completed\",\"params\":{\"loginId\":\"login\"}}"[..],
        b"{\"method\":\"account/login/completed\",\"params\":{\"loginId\":\"login\",\"success\":5}}",
        b"{\"method\":\"account/login/completed\",\"params\":{\"loginId\":5,\"success\":true}}",
        b"{\"method\":\"account/login/completed\",\"params\":{\"loginId\":\"login\",\"error\":\"\xff\"",
        b"{\"method\":\"account/login/completed\",\"params\":{\"loginId\":\"login\",\"error\":\"\\ud83d\"}}",
        b"{\"method\":\"account/login/completed\",\"params\":{\"log",
        b"{\"method\":\"account/login/completed\"}",
    ] {
        let shown = String::from_utf8_lossy(end).into_owned();
        let (codex, _peer) = scripted(|script| {
            script
                .expect("account/login/start")
                .reply(json!({"type": "chatgpt", "loginId": "login", "authUrl": "http://x"}))
                .send(end)
                .close()
        });
        let login = wait!(codex.login_chatgpt()).unwrap();
        match wait!(login.wait()) {
            Err(Error::LoginFailed { message }) => {
                assert!(message.contains("could not be decoded"), "{message} for {shown}");
            }
            other => panic!("{other:?} for {shown}"),
        }
    }
}

#[test]
fn damaged_events_end_a_compaction() {
    let started = message(
        "turn/started",
        &json!({"threadId": "thread", "turn": turn("inProgress")}),
    );
    let item = json!({"type": "contextCompaction", "id": "c"});
    let item = json!({"threadId": "thread", "turnId": "turn", "startedAtMs": 1, "item": item});
    let item = message("item/started", &item);
    let completed = message(
        "turn/completed",
        &json!({"threadId": "thread", "turn": turn("completed")}),
    );
    let ends = |messages: &[&[u8]]| {
        let (codex, _peer) = scripted(|script| {
            let script = script.expect("thread/compact/start").reply(json!({}));
            messages
                .iter()
                .fold(script, |script, it| script.send(*it))
                .close()
        });
        let mut compaction = call!(codex.thread("thread").compact()).unwrap();
        wait!(compaction.wait())
    };
    let [start, item, end] = [&started, &item, &completed].map(String::as_bytes);
    assert!(ends(&[start, item, end]).is_ok());
    // Its end.
    for damaged in [
        &end[..end.len() - 20],
        &end[..40],
        b"{\"method\":\"turn/completed\",\"params\":{}}",
    ] {
        let error = ends(&[start, item, damaged]).unwrap_err();
        assert!(matches!(error, Error::TurnUnreadable(_)), "{error:?}");
    }
    // What tells that it is one, and its beginning.
    assert!(ends(&[start, &item[..item.len() - 4], end]).is_ok());
    assert!(ends(&[start, b"{\"method\":\"item/started\",\"params\":{}}", end]).is_ok());
    assert!(ends(&[&start[..start.len() - 4], item, end]).is_ok());
    assert!(ends(&[b"{\"method\":\"turn/started\",\"params\":{}}", item, end]).is_ok());
    // The thread is closed.
    let closed = message("thread/closed", &json!({"threadId": "thread"}));
    let error = ends(&[start, closed.as_bytes()]).unwrap_err();
    assert!(matches!(error, Error::TurnIncomplete { .. }), "{error:?}");
}

#[test]
fn damaged_answer_is_an_answer() {
    for answer in [
        &b"{\"id\":ID,\"result\":{\"data\":[\"\xff\"]}}"[..],
        b"{\"id\":ID,\"result\":{\"data\":\"\\ud83d\"}}",
        b"{\"id\":ID,\"result\":{\"data\":[",
        b"{\"id\":ID,\"error\":{\"code\":1,\"message\":\"\xff\"}}",
        b"{\"id\":ID,\"error\":{\"co",
    ] {
        let shown = String::from_utf8_lossy(answer).into_owned();
        // Of the requests of a connection the handshake is the first.
        let text = answer.to_vec();
        let at = text.windows(2).position(|it| it == b"ID").unwrap();
        let answer = [&text[..at], b"2", &text[at + 2..]].concat();
        let (codex, _peer) = scripted(|script| script.expect("model/list").send(answer).close());
        let error = call!(codex.models()).unwrap_err();
        assert!(!error.is_closed(), "{error} for {shown}");
        assert!(
            error.to_string().contains("model/list"),
            "{error} for {shown}"
        );
    }
}
