//! What can go wrong, before a run (in the configuration) and with it.
//!
//! Neither kind ever shows what the process printed to standard error: that may hold secrets.
//! It goes to the log, and to `stderr_tail`.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Completed, ResumeToken};

mod kind;

pub use kind::RunErrorKind;

/// Why a runner could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// An extra argument belongs to `codex exec`, where the runner places its own.
    #[error(
        "extra argument `{argument}` belongs to `codex exec` itself: leave it out, the runner sets \
         what it needs (for a schema, use the builder's `output_schema`)"
    )]
    ExecOnlyArgument {
        /// The argument, as given.
        argument: String,
    },
    /// A value of the configuration cannot be written in TOML.
    #[error("the configuration value of `{key}` cannot be written in TOML: {reason}")]
    ConfigValue {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// There is no runtime to run.
    #[error(transparent)]
    Runtime(#[from] codex_runtime::Error),
}

/// What went wrong with a run.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The turn failed; the message is the runtime's.
    #[error("{message}")]
    Turn {
        /// The reason, in words.
        message: String,
    },
    /// The process ended with an error, or by a signal, before it told how the turn ended.
    // The full stop is part of a text that programs compare with.
    #[error("codex exec failed (rc={code}).")]
    Exit {
        /// The exit code; a signal counts as its negative number.
        code: i32,
    },
    /// The process ended as if all were well, in the middle of its turn.
    #[error("codex exec ended without completing its turn (rc=0)")]
    Incomplete,
    /// The process ended well without ever naming its session.
    #[error("codex exec finished but no session_id/thread_id was captured")]
    NoSession,
    /// The process works on another session than the one it was to resume. It was ended.
    #[error(
        "codex exec was to resume session `{expected}` but works on `{actual}`: check that the \
         id is that of a thread, and that CODEX_HOME is the one it was started with"
    )]
    ResumeMismatch {
        /// The session that was asked for.
        expected: String,
        /// The session the process named.
        actual: String,
    },
    /// There is no session to resume: the process began a new one, and was ended.
    #[error("there is no session {wanted} to resume; codex exec began a new one and was ended")]
    NothingToResume {
        /// What was asked for: a name, or the last session.
        wanted: String,
    },
    /// An image cannot be handed over.
    #[error("cannot use the image {}: {reason}", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The process took longer than the runner's deadline, and was ended.
    #[error("codex exec did not finish within {} ms and was ended", after.as_millis())]
    Deadline {
        /// The deadline.
        after: Duration,
    },
    /// The process printed nothing for longer than the runner's idle limit, and was ended.
    #[error("codex exec printed nothing for {} ms and was ended", after.as_millis())]
    Idle {
        /// The limit.
        after: Duration,
    },
    /// The answer is not of the type that was asked for.
    #[error("the answer is not what it was asked to be: {problem}")]
    Output {
        /// What is wrong with it.
        problem: String,
    },
    /// The process could not be started.
    #[error(transparent)]
    Start {
        /// Why it could not be.
        error: Arc<codex_runtime::Error>,
    },
    /// The output schema could not be written to the file that the process reads.
    #[error("could not write the output schema to a file: {source}")]
    Schema {
        /// Why.
        source: Arc<io::Error>,
    },
    /// The system lost sight of the process.
    #[error("could not wait for codex exec: {source}")]
    Wait {
        /// Why.
        source: Arc<io::Error>,
    },
}

impl Failure {
    pub(super) fn mismatch(expected: &ResumeToken, actual: &ResumeToken) -> Self {
        Self::ResumeMismatch {
            expected: expected.id().to_owned(),
            actual: actual.id().to_owned(),
        }
    }
}

/// Why a run did not end well, with what is known of it.
///
/// It prints as its [`Failure`], in one line. What the process wrote to stderr is in
/// [`stderr_tail`](Self::stderr_tail) only, and what that means, in [`kind`](Self::kind).
#[derive(Clone)]
pub struct RunError {
    failure: Failure,
    stderr: Arc<str>,
    resume: Option<ResumeToken>,
    answer: Option<String>,
}

impl RunError {
    pub(super) fn new(failure: Failure) -> Self {
        Self {
            failure,
            stderr: "".into(),
            resume: None,
            answer: None,
        }
    }

    /// Adds what is known at the end of the run.
    pub(super) fn complete(&mut self, stderr: Arc<str>, completed: &Completed) {
        self.stderr = stderr;
        self.resume.clone_from(&completed.resume);
        self.answer.clone_from(&completed.answer);
    }

    /// What went wrong.
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// What sort of failure it is, as far as the failure and stderr tell.
    pub fn kind(&self) -> RunErrorKind {
        kind::of(&self.failure, &self.stderr)
    }

    /// End of what the process wrote to stderr, 16 KiB at most, without ANSI escapes. It may
    /// hold secrets.
    pub fn stderr_tail(&self) -> &str {
        &self.stderr
    }

    /// Continues the session in a later run, if it ever had an id.
    pub fn resume(&self) -> Option<&ResumeToken> {
        self.resume.as_ref()
    }

    /// The agent's answer, as far as it came.
    pub fn answer(&self) -> Option<&str> {
        self.answer.as_deref()
    }
}

impl From<Failure> for RunError {
    fn from(failure: Failure) -> Self {
        Self::new(failure)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.failure, formatter)
    }
}

/// Without stderr and the answer, which may be private.
impl fmt::Debug for RunError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RunError")
            .field("kind", &self.kind())
            .field("failure", &self.failure)
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.failure.source()
    }
}
