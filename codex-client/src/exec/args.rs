//! The command line of a run, and the arguments a caller may not add to it.
//!
//! The order is fixed: what belongs to `codex`, then `exec` and what belongs to that, then the
//! session, then `-` for "the prompt comes on standard input".

use std::ffi::OsString;
use std::path::Path;

use codex_types::SandboxMode;

use super::ResumeToken;

/// What is said after `exec`, by the runner and by nobody else.
const EXEC_ONLY: [&str; 6] = [
    "--skip-git-repo-check",
    "--json",
    "--output-schema",
    "--output-last-message",
    "--color",
    "-o",
];
/// Those of them that take a value, which may follow behind `=`.
const EXEC_ONLY_WITH_VALUE: [&str; 3] = ["--output-schema", "--output-last-message", "--color"];

/// The first of the arguments that belongs to `codex exec` itself, where the runner places its
/// own, or `None` if all of them may be extra arguments of a runner.
///
/// ```
/// use codex_client::exec::find_exec_only_argument;
///
/// assert_eq!(find_exec_only_argument(["-c", "notify=[]"]), None);
/// assert_eq!(find_exec_only_argument(["--color=never"]), Some("--color=never"));
/// ```
pub fn find_exec_only_argument<'a>(
    arguments: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    arguments
        .into_iter()
        .find(|argument| is_exec_only(argument))
}

fn is_exec_only(argument: &str) -> bool {
    let name = argument.split_once('=').map(|(name, _)| name);
    // `-oFILE` is the same as `-o FILE`.
    let short_with_value = argument.starts_with("-o");
    EXEC_ONLY.contains(&argument)
        || short_with_value
        || name.is_some_and(|name| EXEC_ONLY_WITH_VALUE.contains(&name))
}

/// What the caller chose, as far as it becomes arguments.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    pub(super) extra: Vec<String>,
    pub(super) model: Option<String>,
    pub(super) reasoning_effort: Option<String>,
    pub(super) sandbox: Option<SandboxMode>,
}

/// The arguments of one run.
pub(super) fn build(
    choices: &Choices,
    schema: Option<&Path>,
    resume: Option<&ResumeToken>,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = choices.extra.iter().map(OsString::from).collect();
    if let Some(model) = &choices.model {
        arguments.extend(["--model", model].map(OsString::from));
    }
    let overrides = [
        (
            "model_reasoning_effort",
            choices.reasoning_effort.as_deref(),
        ),
        (
            "sandbox_mode",
            choices.sandbox.as_ref().map(SandboxMode::as_str),
        ),
    ];
    for (key, value) in overrides {
        if let Some(value) = value {
            arguments.extend(["-c".into(), OsString::from(format!("{key}={value}"))]);
        }
    }
    arguments
        .extend(["exec", "--json", "--skip-git-repo-check", "--color=never"].map(OsString::from));
    if let Some(schema) = schema {
        arguments.extend(["--output-schema".into(), schema.as_os_str().to_owned()]);
    }
    if let Some(resume) = resume {
        arguments.extend(["resume", resume.id()].map(OsString::from));
    }
    arguments.push("-".into());
    arguments
}
