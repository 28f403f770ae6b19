//! The scenarios on the async API.

use std::time::Duration;

use codex_client::transport::memory;
use codex_client::types::rpc::ErrorObject;
use codex_client::types::{DynamicToolCallResponse, FileChangeApprovalDecision, ThreadItem};
use codex_client::{ApprovalRequest, Decision};
pub(super) use codex_client::{Codex, CodexBuilder, LoginHandle, Thread, TurnHandle};
use codex_testing::AppServerHarness;
use codex_testing::scripted::{Script, ScriptedPeer};
use tokio::runtime::Runtime;

use crate::breakable::Breakable;
use crate::support::{LIMIT, Seen, builder, decision};

/// Awaits a builder.
macro_rules! call {
    ($builder:expr) => {
        crate::async_api::wait(async { $builder.await })
    };
}

/// Awaits a future.
macro_rules! wait {
    ($future:expr) => {
        crate::async_api::wait($future)
    };
}

/// A function as a tool.
macro_rules! tool {
    (|$name:ident: $type:ty| $body:block) => {
        |$name: $type| async move { $body }
    };
}

#[path = "scenarios/account.rs"]
mod account;
#[path = "scenarios/approval_records.rs"]
mod approval_records;
#[path = "scenarios/approvals_in_stream.rs"]
mod approvals_in_stream;
#[path = "scenarios/approvals_resolved.rs"]
mod approvals_resolved;
#[path = "scenarios/damaged.rs"]
mod damaged;
#[path = "scenarios/essentials.rs"]
mod essentials;
#[path = "scenarios/goals.rs"]
mod goals;
#[path = "scenarios/inputs.rs"]
mod inputs;
#[path = "scenarios/modes.rs"]
mod modes;
#[path = "scenarios/official.rs"]
mod official;
#[path = "scenarios/policies.rs"]
mod policies;
#[path = "scenarios/refusals.rs"]
mod refusals;
#[path = "scenarios/runs.rs"]
mod runs;
#[path = "scenarios/streams.rs"]
mod streams;
#[path = "scenarios/sub_agents.rs"]
mod sub_agents;
#[path = "scenarios/supervision.rs"]
mod supervision;
#[path = "scenarios/threads.rs"]
mod threads;
#[path = "scenarios/tools.rs"]
mod tools;
#[path = "scenarios/traces.rs"]
mod traces;
#[path = "scenarios/turn_control.rs"]
mod turn_control;
#[path = "scenarios/unattended.rs"]
mod unattended;

static RUNTIME: std::sync::LazyLock<Runtime> = std::sync::LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(4).enable_all().build().unwrap()
});

pub(super) fn wait<T>(future: impl Future<Output = T>) -> T {
    let limited = async { tokio::time::timeout(LIMIT, future).await };
    RUNTIME.block_on(limited).expect("nothing hangs")
}

/// A handler with one decision for every command.
pub(super) fn deciding(accepts: bool, asked: &Seen<Option<String>>) -> codex_client::Handlers {
    let asked = asked.clone();
    codex_client::Handlers::new().on_command(move |params, _| {
        asked.push(params.command);
        std::future::ready(Ok(decision(accepts)))
    })
}

/// A handler with one decision about every approval.
pub(super) fn deciding_all(
    decision: Decision,
    asked: &Seen<ApprovalRequest>,
) -> codex_client::Handlers {
    let asked = asked.clone();
    codex_client::Handlers::new().on_approval(move |request, _| {
        asked.push(request);
        std::future::ready(Ok(decision))
    })
}

/// A handler that answers calls of tools.
pub(super) fn answering_calls() -> codex_client::Handlers {
    codex_client::Handlers::new().on_tool_call(|call, _| {
        let text = format!("handled {}", call.tool);
        std::future::ready(Ok(DynamicToolCallResponse::text(text)))
    })
}

/// A handler that returns an error for each command, or panics.
pub(super) fn failing(panics: bool) -> codex_client::Handlers {
    codex_client::Handlers::new().on_command(move |_, _| async move {
        assert!(!panics, "as planned");
        Err(ErrorObject::new(-32000, "no interface").into())
    })
}

/// A handler that accepts each change of files, and records its item.
pub(super) fn seeing_changes(seen: &Seen<Option<ThreadItem>>) -> codex_client::Handlers {
    let seen = seen.clone();
    codex_client::Handlers::new().on_file_change(move |_, context| {
        seen.push(context.item().cloned());
        std::future::ready(Ok(FileChangeApprovalDecision::Accept))
    })
}

/// A handler that accepts every command; before its first response the connection breaks.
pub(super) fn breaking(proxy: Breakable, asked: &Seen<Option<String>>) -> codex_client::Handlers {
    let asked = asked.clone();
    codex_client::Handlers::new().on_command(move |params, _| {
        asked.push(params.command);
        if asked.all().len() == 1 {
            proxy.break_all();
        }
        std::future::ready(Ok(decision(true)))
    })
}

/// The answer of a run of `codex exec`.
pub(super) fn executed(harness: &AppServerHarness, prompt: &str) -> Option<String> {
    let run = harness.exec_runner().build().unwrap().run(prompt);
    wait(run.finish()).unwrap().answer
}

/// A running Codex in a harness.
pub(super) struct World {
    pub(super) codex: Codex,
    pub(super) harness: AppServerHarness,
}

impl World {
    pub(super) fn start(
        harness: AppServerHarness,
        setup: impl FnOnce(CodexBuilder) -> CodexBuilder,
    ) -> Self {
        let codex = wait(setup(builder(&harness)).build()).unwrap();
        Self { codex, harness }
    }
}

/// A Codex whose runtime is a script.
pub(super) fn scripted(script: impl FnOnce(Script) -> Script) -> (Codex, ScriptedPeer) {
    scripted_with(|builder| builder, script)
}

/// The same, with options.
pub(super) fn scripted_with(
    setup: impl FnOnce(CodexBuilder) -> CodexBuilder,
    script: impl FnOnce(Script) -> Script,
) -> (Codex, ScriptedPeer) {
    let (transport, end) = memory::pair();
    let peer = ScriptedPeer::start(script(Script::new().handshake()), end);
    let (reader, writer) = transport.split();
    let builder = Codex::builder()
        .request_deadline(LIMIT)
        .transport((reader, writer));
    (wait(setup(builder).build()).unwrap(), peer)
}

/// Returns whether a turn has no event within this time.
pub(super) fn is_silent_for(turn: &mut TurnHandle, limit: Duration) -> bool {
    wait(async { tokio::time::timeout(limit, turn.next()).await }).is_err()
}
