//! Classifies failures by their remedies.
//!
//! `codex exec` has one exit code for nearly everything: only its stderr distinguishes failures.
//! The texts are those of the pinned runtime, and tests provoke each of them there. An unknown text
//! is [`RunErrorKind::Other`], never a guess.

use super::Failure;

/// The kind of a failure. Serializes in snake case: `no_such_session`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunErrorKind {
    /// The configuration, in a file or of the runner, is invalid.
    Configuration,
    /// The runtime rejected an argument.
    Arguments,
    /// The session does not exist.
    NoSuchSession,
    /// The process worked on another session than the one to resume.
    WrongSession,
    /// The prompt, or its attachments, are too large.
    InputTooLarge,
    /// The prompt is empty.
    EmptyPrompt,
    /// An image or a folder cannot be used.
    Input,
    /// The folder is neither trusted nor a git repository, and the check was not turned off.
    NotTrustedFolder,
    /// The model's endpoint rejected the credentials, or there are none.
    NotLoggedIn,
    /// The usage limit of the account is reached.
    UsageLimit,
    /// The model's endpoint is overloaded.
    Overloaded,
    /// The model's endpoint could not be reached, or the connection broke.
    Network,
    /// A signal ended the process.
    Killed,
    /// The process ended without completing its turn.
    Incomplete,
    /// The turn failed for another reason.
    TurnFailed,
    /// The run exceeded its deadline or idle limit.
    TimedOut,
    /// The answer is not of the requested type.
    Output,
    /// The process could not be started.
    NotStarted,
    /// Any other failure.
    Other,
}

impl RunErrorKind {
    /// Returns whether the same run may succeed later without any change on this side. It may have
    /// done a part of its work: continue the session rather than repeat the prompt.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Overloaded | Self::Network | Self::Killed | Self::Incomplete | Self::TimedOut
        )
    }
}

/// Parts of stderr, with their meaning.
const STDERR: [(&str, RunErrorKind); 13] = [
    (
        "Not inside a trusted directory",
        RunErrorKind::NotTrustedFolder,
    ),
    ("No prompt provided", RunErrorKind::EmptyPrompt),
    ("input_too_large", RunErrorKind::InputTooLarge),
    (
        "Input exceeds the maximum length",
        RunErrorKind::InputTooLarge,
    ),
    ("no rollout found", RunErrorKind::NoSuchSession),
    ("thread not found", RunErrorKind::NoSuchSession),
    ("No saved session found", RunErrorKind::NoSuchSession),
    ("Error loading config", RunErrorKind::Configuration),
    ("Error parsing -c overrides", RunErrorKind::Configuration),
    ("error: unexpected argument", RunErrorKind::Arguments),
    ("error: invalid value", RunErrorKind::Arguments),
    ("error: a value is required", RunErrorKind::Arguments),
    ("error: the argument", RunErrorKind::Arguments),
];

/// Parts of the messages of failed turns.
const TURN: [(&str, RunErrorKind); 12] = [
    ("usage limit", RunErrorKind::UsageLimit),
    ("quota", RunErrorKind::UsageLimit),
    ("401 unauthorized", RunErrorKind::NotLoggedIn),
    ("403 forbidden", RunErrorKind::NotLoggedIn),
    ("at capacity", RunErrorKind::Overloaded),
    ("overloaded", RunErrorKind::Overloaded),
    ("429 too many requests", RunErrorKind::Overloaded),
    ("503 service unavailable", RunErrorKind::Overloaded),
    ("stream disconnected", RunErrorKind::Network),
    ("connection failed", RunErrorKind::Network),
    ("error sending request", RunErrorKind::Network),
    ("timeout waiting for", RunErrorKind::Network),
];

pub(super) fn of(failure: &Failure, stderr: &str) -> RunErrorKind {
    match failure {
        Failure::Turn { message } => {
            let message = message.to_lowercase();
            find(&TURN, &message).unwrap_or(RunErrorKind::TurnFailed)
        }
        // A shell around the process reports its signal as 128 and more.
        Failure::Exit { code } if *code < 0 || (129..=192).contains(code) => RunErrorKind::Killed,
        Failure::Exit { .. } => find(&STDERR, stderr).unwrap_or(RunErrorKind::Other),
        Failure::Incomplete => RunErrorKind::Incomplete,
        Failure::NoSession => find(&STDERR, stderr).unwrap_or(RunErrorKind::Incomplete),
        Failure::ResumeMismatch { .. } => RunErrorKind::WrongSession,
        Failure::NothingToResume { .. } => RunErrorKind::NoSuchSession,
        Failure::Image { .. } => RunErrorKind::Input,
        Failure::Deadline { .. } | Failure::Idle { .. } => RunErrorKind::TimedOut,
        Failure::Output { .. } => RunErrorKind::Output,
        Failure::Start { .. } | Failure::Schema { .. } => RunErrorKind::NotStarted,
        Failure::Wait { .. } => RunErrorKind::Other,
    }
}

fn find(table: &[(&str, RunErrorKind)], text: &str) -> Option<RunErrorKind> {
    let mut entries = table.iter();
    let (_, kind) = entries.find(|(part, _)| text.contains(part))?;
    Some(*kind)
}
