//! The replies of the mock model to each program, and the input of those that read one.

use std::ffi::OsString;
use std::path::PathBuf;

use codex_testing::events::Usage;
use codex_testing::{CapturedRequest, MockResponses, Reply};
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Program {
    /// An agent for the terminal
    Terminal,
    /// A web service
    Web,
    /// A bot for continuous integration
    CiBot,
    /// An agent with typed tools
    Rooms,
    /// Several reviewers at once
    Review,
    /// A logging proxy, below the agent for the terminal
    Proxy,
}

impl Program {
    /// The binary, which is beside this one.
    pub(crate) fn binary(self) -> anyhow::Result<PathBuf> {
        sibling(match self {
            Self::Terminal | Self::Proxy => "terminal",
            Self::Web => "web",
            Self::CiBot => "ci-bot",
            Self::Rooms => "rooms",
            Self::Review => "review",
        })
    }

    /// The binary of the proxy, which stands in for the runtime.
    pub(crate) fn proxy() -> anyhow::Result<PathBuf> {
        sibling("proxy")
    }

    /// The arguments of the person, or some that show the program.
    pub(crate) fn arguments(self, given: &[OsString]) -> Vec<OsString> {
        match self {
            Self::Rooms if given.is_empty() => {
                vec!["A room for six on 2030-01-07 from 10 to 11, please.".into()]
            }
            _ => given.to_vec(),
        }
    }

    /// The standard input, for programs that read a file from it.
    pub(crate) fn input(self) -> Option<&'static str> {
        match self {
            Self::CiBot => Some("test sums::empty ... FAILED\nassertion failed: left == right\n"),
            Self::Review => Some("--- a/sum.rs\n+++ b/sum.rs\n@@ -1 +1 @@\n-a + b\n+a - b\n"),
            _ => None,
        }
    }

    pub(crate) fn script(self, model: &MockResponses) {
        match self {
            Self::Terminal | Self::Web | Self::Proxy => {
                model.respond_with(echo);
            }
            Self::CiBot => {
                model.enqueue(Reply::failed("server_is_overloaded", "busy"));
                let usage = Usage::new(1_200, 80);
                model.enqueue(Reply::assistant(verdict().to_string()).usage(usage));
            }
            Self::Rooms => {
                model.enqueue_all(booking());
            }
            Self::Review => {
                model.respond_with(|request| Some(Reply::assistant(findings(request).to_string())));
            }
        }
    }
}

fn sibling(name: &str) -> anyhow::Result<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::current_exe()?.with_file_name(file);
    anyhow::ensure!(
        path.exists(),
        "`{name}` is not built: run `cargo build -p gallery`"
    );
    Ok(path)
}

/// Repeats the prompt. The text after a `!` is run as a command outside of the sandbox, and the text
/// after a `+` becomes a file.
fn echo(request: &CapturedRequest) -> Option<Reply> {
    let last = request.input().last()?["type"].as_str()?.to_owned();
    if last.ends_with("_call_output") {
        return Some(Reply::streaming(["So ", "be ", "it."]));
    }
    let prompt = request.last_user_text()?;
    Some(if let Some(command) = prompt.strip_prefix('!') {
        let command = json!({
            "cmd": command.trim(),
            "sandbox_permissions": "require_escalated",
            "justification": "you have asked for it",
        });
        Reply::new().function_call("command", "exec_command", command)
    } else if let Some(text) = prompt.strip_prefix('+') {
        let text = text.trim();
        let patch = format!("*** Begin Patch\n*** Add File: note.txt\n+{text}\n*** End Patch\n");
        Reply::new().custom_tool_call("patch", "apply_patch", &patch)
    } else {
        let words = prompt.split_inclusive(' ');
        Reply::streaming(words).pace(std::time::Duration::from_millis(60))
    })
}

fn verdict() -> Value {
    json!({
        "cause": "The sum of an empty list is compared with 1.",
        "kind": "change",
        "file": "tests/sums.rs",
        "remedy": "Expect 0.",
    })
}

/// The model takes too small a room at first, and receives an error.
fn booking() -> [Reply; 4] {
    let day = |room: &str| {
        json!({
            "room": room, "day": "2030-01-07", "from_hour": 10, "to_hour": 11, "purpose": "planning",
        })
    };
    let wanted = json!({"day": "2030-01-07", "from_hour": 10, "to_hour": 11, "people": 6});
    [
        Reply::new().function_call("1", "free_rooms", wanted),
        Reply::new().function_call("2", "book", day("Cellar")),
        Reply::new().function_call("3", "book", day("Attic")),
        Reply::assistant("The Attic is yours from 10 to 11."),
    ]
}

fn findings(request: &CapturedRequest) -> Value {
    let tasks = request.message_texts("developer").join("\n");
    let finding = |severity: &str, problem: &str| {
        json!({"findings": [
            {"file": "sum.rs", "line": 1, "severity": severity, "problem": problem},
        ]})
    };
    if tasks.contains("behavior that is wrong") {
        finding("severe", "It subtracts.")
    } else if tasks.contains("no test would notice") {
        finding("moderate", "No test adds two numbers.")
    } else {
        json!({"findings": []})
    }
}
