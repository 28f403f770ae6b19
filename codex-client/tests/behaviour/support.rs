//! Helpers for the tests of both APIs: time limits, and the contents of results.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_client::transport::recording::Recorder;
use codex_client::types::{
    CommandExecutionApprovalDecision, CommandExecutionThreadItem, FileChangeThreadItem, ThreadItem,
};
use codex_client::{Codex, CodexBuilder, Error};
use codex_testing::{AppServerHarness, CapturedRequest, Reply};
use serde_json::{Value, json};

/// Time limit that only a hang exceeds.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// The requests that a handler received.
#[derive(Clone, Debug)]
pub(crate) struct Seen<T>(Arc<Mutex<Vec<T>>>);

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Seen<T> {
    pub(crate) fn push(&self, value: T) {
        self.0.lock().unwrap().push(value);
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }
}

/// A harness whose model sends these messages.
pub(crate) fn harness_with(replies: impl IntoIterator<Item = Reply>) -> AppServerHarness {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().enqueue_all(replies);
    harness
}

pub(crate) fn builder(harness: &AppServerHarness) -> CodexBuilder {
    recorded(
        Codex::builder()
            .launch(harness.launch())
            .request_deadline(LIMIT),
    )
}

/// Records the session if the environment names a folder for that (`cargo xtask corpus record`): a
/// file for each connection of a test, with the name of the test.
pub(crate) fn recorded(builder: CodexBuilder) -> CodexBuilder {
    let Some(folder) = std::env::var_os("CODEX_RECORD") else {
        return builder;
    };
    let thread = std::thread::current();
    let test = thread.name().unwrap().replace("::", "-");
    let mut files = (1..).map(|number| Path::new(&folder).join(format!("{test}-{number}.jsonl")));
    let file = files.find(|file| !file.exists()).unwrap();
    builder.record(&Recorder::create(file).unwrap())
}

/// A model that requests a command outside the sandbox, and completes afterwards.
pub(crate) fn escalated(command: &str) -> [Reply; 2] {
    let arguments = json!({
        "cmd": command,
        "sandbox_permissions": "require_escalated",
        "justification": "it has to be",
    });
    calling("exec_command", &arguments)
}

/// A model that calls a tool, and completes afterwards.
pub(crate) fn calling(tool: &str, arguments: &Value) -> [Reply; 2] {
    [
        Reply::new().function_call("call", tool, arguments.clone()),
        Reply::assistant("done"),
    ]
}

/// A model that changes files, and completes afterwards. Needs a model that is offered the tool,
/// such as [`PATCHING_MODEL`].
pub(crate) fn patching(patch: &str) -> [Reply; 2] {
    [
        Reply::new().custom_tool_call("patch", "apply_patch", patch),
        Reply::assistant("done"),
    ]
}

pub(crate) const PATCHING_MODEL: &str = "gpt-5.5";

/// A patch that adds a file.
pub(crate) fn adding(file: &str, line: &str) -> String {
    format!("*** Begin Patch\n*** Add File: {file}\n+{line}\n*** End Patch\n")
}

/// The messages of the model, in order.
pub(crate) fn agent_messages(items: &[ThreadItem]) -> Vec<&str> {
    let mut texts = Vec::new();
    for item in items {
        if let ThreadItem::AgentMessage(message) = item {
            texts.push(message.text.as_str());
        }
    }
    texts
}

/// The texts of the user's messages, in order.
pub(crate) fn user_texts(items: &[ThreadItem]) -> Vec<String> {
    let values = items.iter().map(|item| serde_json::to_value(item).unwrap());
    let users = values.filter(|item| item["type"] == "userMessage");
    users
        .map(|item| {
            item["content"][0]["text"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}

/// The first command among the items.
pub(crate) fn command(items: &[ThreadItem]) -> &CommandExecutionThreadItem {
    for item in items {
        if let ThreadItem::CommandExecution(command) = item {
            return command;
        }
    }
    panic!("no command among {items:?}")
}

/// The first change of files among the items.
pub(crate) fn file_change(items: &[ThreadItem]) -> &FileChangeThreadItem {
    for item in items {
        if let ThreadItem::FileChange(change) = item {
            return change;
        }
    }
    panic!("no change of files among {items:?}")
}

/// The output of a tool for the model, as text.
pub(crate) fn told(request: &CapturedRequest) -> String {
    let output = request
        .input()
        .iter()
        .rev()
        .find_map(|item| item.get("output"));
    match output.expect("the output of a tool") {
        Value::String(text) => text.clone(),
        parts => parts.to_string(),
    }
}

/// A response of the protocol from its JSON.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// An unsigned token of an account `account-1`, which never expires.
pub(crate) const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6InVzZXJAZXhhbXBsZS5jb20iLCJleHAiOjQxMDI0NDQ4MDAsImh0dHBzOi8vYXBpLm9wZW5haS5jb20vYXV0aCI6eyJjaGF0Z3B0X2FjY291bnRfaWQiOiJhY2NvdW50LTEiLCJjaGF0Z3B0X3BsYW5fdHlwZSI6InBybyIsImNoYXRncHRfdXNlcl9pZCI6InVzZXItMSJ9fQ.c2lnbmF0dXJl";

/// The response of a handler that accepts everything or nothing.
pub(crate) fn decision(accepts: bool) -> CommandExecutionApprovalDecision {
    if accepts {
        CommandExecutionApprovalDecision::Accept
    } else {
        CommandExecutionApprovalDecision::Decline
    }
}

/// Kills a process.
pub(crate) fn kill(process: u32) {
    let process = rustix::process::Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
}

/// The version of the pinned runtime.
pub(crate) fn pinned_version() -> semver::Version {
    codex_client::types::RUNTIME_VERSION.parse().unwrap()
}

/// Ends a scenario: it came out, or the runtime is too old and the client refused what it lacks. That is
/// printed as a line `lacks WHAT, since VERSION`, which `cargo xtask ci runtimes` reads.
#[expect(
    clippy::print_stdout,
    reason = "the output of a test is read by a command"
)]
pub(crate) fn conclude(outcome: Result<(), Error>) {
    match outcome {
        Ok(()) => {}
        Err(Error::Unsupported {
            what,
            since,
            server,
        }) => {
            assert!(server < since.parse().unwrap() && server < pinned_version());
            println!("lacks {what}, since {since}");
        }
        Err(error) => panic!("{error:?}"),
    }
}
