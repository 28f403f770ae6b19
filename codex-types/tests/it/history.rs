//! Messages of older runtimes, and the tables of what came when.

use codex_types::{CLIENT_METHODS, Method, OLDEST_RUNTIME, PARAMETERS, Thread, methods};
use serde_json::{Value, json};

/// A thread as 0.144.4 sends it.
fn old_thread() -> Value {
    json!({
        "id": "t", "sessionId": "s", "forkedFromId": null, "preview": "", "ephemeral": true,
        "modelProvider": "mock", "createdAt": 1, "updatedAt": 2, "status": { "type": "idle" },
        "path": null, "cwd": "/", "cliVersion": "0.144.4", "source": "cli",
        "agentNickname": null, "agentRole": null, "gitInfo": null, "name": null, "turns": [],
    })
}

#[test]
fn thread_of_a_runtime_without_projects_is_read() {
    let thread: Thread = serde_json::from_value(old_thread()).unwrap();
    assert_eq!(thread.project_id, None);
    // It is written again as it came, without a `null` that was not there.
    assert_eq!(serde_json::to_value(&thread).unwrap(), old_thread());
}

#[test]
fn field_that_every_runtime_sends_is_still_required() {
    let mut thread = old_thread();
    thread.as_object_mut().unwrap().remove("sessionId");
    let error = serde_json::from_value::<Thread>(thread).unwrap_err();
    assert!(error.to_string().contains("sessionId"), "{error}");
}

#[test]
fn methods_know_since_when_they_exist() {
    assert_eq!(methods::ThreadStart::SINCE, None);
    assert_eq!(methods::ThreadDelete::SINCE, Some("0.140.0"));
    let info = CLIENT_METHODS
        .iter()
        .find(|it| it.method == "thread/delete");
    assert_eq!(info.unwrap().since, methods::ThreadDelete::SINCE);
    assert_eq!(methods::ThreadTurnsList::SINCE, None);
    assert_eq!(methods::ThreadTurnsList::STABLE_SINCE, Some("0.151.0"));
    let stable = CLIENT_METHODS.iter().filter(|it| it.stable_since.is_some());
    assert!(
        stable
            .map(|it| it.method)
            .any(|it| it == "thread/turns/list")
    );
    assert_eq!(OLDEST_RUNTIME, "0.133.0");
}

#[test]
fn parameters_know_since_when_they_exist() {
    let find = |method: &str, path: &[&str]| {
        let mut rows = PARAMETERS.iter();
        rows.find(|row| row.method == method && row.path == path)
    };
    let row = find("thread/list", &["projectId"]).unwrap();
    assert_eq!((row.since, row.stable_since), (Some("0.149.0"), None));
    let row = find("thread/resume", &["excludeTurns"]).unwrap();
    assert_eq!((row.since, row.stable_since), (None, Some("0.151.0")));
    assert!(find("thread/list", &["cursor"]).is_none());
}
