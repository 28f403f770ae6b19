//! The command line of a run, and the arguments that a caller must not add to it.
//!
//! The order is fixed: the arguments of `codex`, then `exec` and its arguments, then the session,
//! its images, and `-`, which means that the prompt comes on standard input.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{ApprovalPolicy, Sandbox, WebSearch};
use crate::launch::Target;

/// Arguments after `exec` that are reserved for the runner.
const EXEC_ONLY: [&str; 6] = [
    "--skip-git-repo-check",
    "--json",
    "--output-schema",
    "--output-last-message",
    "--color",
    "-o",
];
/// Those of them with a value, which may follow after `=`.
const EXEC_ONLY_WITH_VALUE: [&str; 3] = ["--output-schema", "--output-last-message", "--color"];

/// Returns the first argument that belongs to `codex exec` itself, where the runner adds its own,
/// or `None` if all of them may be extra arguments of a runner.
///
/// ```
/// use codex_exec::find_exec_only_argument;
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

/// The caller's options that become arguments.
#[derive(Clone, Default)]
pub(super) struct Choices {
    /// Before `exec`.
    pub(super) extra: Vec<String>,
    /// After `exec`.
    pub(super) exec_extra: Vec<String>,
    pub(super) model: Option<String>,
    pub(super) reasoning_effort: Option<String>,
    pub(super) sandbox: Option<Sandbox>,
    pub(super) approval_policy: Option<ApprovalPolicy>,
    pub(super) web_search: Option<WebSearch>,
    pub(super) network_access: Option<bool>,
    /// Keys with their values in TOML.
    pub(super) config: Vec<(String, String)>,
    pub(super) profile: Option<String>,
    pub(super) additional_folders: Vec<PathBuf>,
    pub(super) checks_git_repository: bool,
    /// For a new session only.
    pub(super) thread_source: Option<String>,
    pub(super) cyber_access_program: Option<String>,
}

impl Choices {
    /// Overrides of the configuration, as `key=value`.
    fn overrides(&self) -> Vec<String> {
        let named = [
            ("model_reasoning_effort", self.reasoning_effort.as_deref()),
            ("sandbox_mode", self.sandbox.map(Sandbox::as_str)),
            (
                "approval_policy",
                self.approval_policy.map(ApprovalPolicy::as_str),
            ),
            ("web_search", self.web_search.map(WebSearch::as_str)),
            (
                "sandbox_workspace_write.network_access",
                self.network_access
                    .map(|allowed| if allowed { "true" } else { "false" }),
            ),
        ];
        let named = named
            .into_iter()
            .filter_map(|(key, value)| Some(format!("{key}={}", value?)));
        let chosen = self.config.iter();
        let chosen = chosen.map(|(key, value)| format!("{key}={value}"));
        // The last one counts: an option of its own overrides the configuration.
        chosen.chain(named).collect()
    }
}

/// The arguments of one run.
pub(super) fn build<'a>(
    choices: &Choices,
    schema: Option<&Path>,
    target: &Target,
    images: impl Iterator<Item = &'a Path>,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = choices.extra.iter().map(OsString::from).collect();
    if let Some(model) = &choices.model {
        arguments.extend(["--model", model].map(OsString::from));
    }
    for assignment in choices.overrides() {
        arguments.extend(["-c".into(), OsString::from(assignment)]);
    }
    arguments.extend(["exec", "--json"].map(OsString::from));
    if !choices.checks_git_repository {
        arguments.push("--skip-git-repo-check".into());
    }
    arguments.push("--color=never".into());
    if let Some(profile) = &choices.profile {
        arguments.extend(["--profile", profile].map(OsString::from));
    }
    for folder in &choices.additional_folders {
        arguments.extend(["--add-dir".into(), folder.as_os_str().to_owned()]);
    }
    if let (Some(source), Target::New) = (&choices.thread_source, target) {
        arguments.extend(["--thread-source", source].map(OsString::from));
    }
    if let Some(program) = &choices.cyber_access_program {
        arguments.extend(["--cyber-access-program", program].map(OsString::from));
    }
    arguments.extend(choices.exec_extra.iter().map(OsString::from));
    if let Some(schema) = schema {
        arguments.extend(["--output-schema".into(), schema.as_os_str().to_owned()]);
    }
    match target {
        Target::New => {}
        Target::Session(session) => arguments.extend(["resume", session.id()].map(OsString::from)),
        Target::Named(_) => arguments.push("resume".into()),
        Target::Last => arguments.extend(["resume", "--last"].map(OsString::from)),
    }
    for image in images {
        // After `=`, the option takes no further value: otherwise it would take the dash below.
        let mut argument = OsString::from("--image=");
        argument.push(image);
        arguments.push(argument);
    }
    if let Target::Named(name) = target {
        // A name may begin like an option.
        arguments.extend(["--", name].map(OsString::from));
    }
    arguments.push("-".into());
    arguments
}
