//! The real runtime, with only the model mocked: faults that can be provoked there.

mod end;
mod load;
#[cfg(target_os = "linux")]
mod orphans;
mod turns;

use codex_client::types::{ServerNotification, TurnStatus};
use codex_client::{Error, Event};
use codex_testing::{AppServerHarness, Reply};
use serde_json::{Value, json};

use crate::mode::{Mode, Setup};

fn start<M: Mode>(harness: &AppServerHarness, setup: &Setup) -> M {
    M::spawn(setup, &harness.launch()).unwrap()
}

fn thread_id<M: Mode>(client: &M, params: &Value) -> String {
    let started = client.raw("thread/start", params).unwrap();
    started["thread"]["id"].as_str().unwrap().to_owned()
}

fn texts(events: &[Result<Event, Error>]) -> String {
    let delta = |event: &Result<Event, Error>| match event.as_ref().unwrap().notification() {
        ServerNotification::ItemAgentMessageDelta(delta) => Some(delta.delta.clone()),
        _ => None,
    };
    events.iter().filter_map(delta).collect()
}

fn ends_with_completed(events: &[Result<Event, Error>]) -> TurnStatus {
    match events.last().unwrap().as_ref().unwrap().notification() {
        ServerNotification::TurnCompleted(completed) => completed.turn.status.clone(),
        other => panic!("{other:?}"),
    }
}

/// Makes the model request a command outside of the sandbox, and returns a thread that sends the
/// approval to its client.
pub(crate) fn asking_thread<M: Mode>(harness: &AppServerHarness, client: &M) -> String {
    let arguments = json!({
        "cmd": "touch proof", "sandbox_permissions": "require_escalated", "justification": "why not",
    });
    harness.responses().enqueue_all([
        Reply::new().function_call("call", "exec_command", arguments),
        Reply::assistant("done"),
    ]);
    let params = json!({"approvalPolicy": "on-request", "approvalsReviewer": "user"});
    thread_id(client, &params)
}
