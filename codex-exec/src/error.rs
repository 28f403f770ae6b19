//! Errors before a run (in the configuration) and of a run.
//!
//! Neither kind ever contains the process's stderr, which may contain secrets. It is available in
//! the log, and as `stderr_tail`.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Completed, ResumeToken};

mod kind;

pub use kind::RunErrorKind;

/// The reason why a runner could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// An extra argument belongs to `codex exec`, where the runner adds its own.
    #[error(
        "extra argument `{argument}` belongs to `codex exec` itself: leave it out, the runner sets \
         what it needs (for a schema, use the builder's `output_schema`)"
    )]
    ExecOnlyArgument {
        /// The argument, as passed.
        argument: String,
    },
    /// A value of the configuration cannot be written in TOML.
    #[error("the configuration value of `{key}` cannot be written in TOML: {reason}")]
    ConfigValue {
        /// The key.
        key: String,
        /// The reason.
        reason: String,
    },
    /// No runtime was found.
    #[error(transparent)]
    Runtime(#[from] codex_runtime::Error),
}

/// The failure of a run.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The turn failed; the message comes from the runtime.
    #[error("{message}")]
    Turn {
        /// The reason, as text.
        message: String,
    },
    /// The process exited with an error, or by a signal, before the turn completed.
    // The full stop is part of a text that programs compare with.
    #[error("codex exec failed (rc={code}).")]
    Exit {
        /// The exit code; the negative number of the signal for a signal.
        code: i32,
    },
    /// The process exited with success in the middle of its turn.
    #[error("codex exec ended without completing its turn (rc=0)")]
    Incomplete,
    /// The process exited with success without naming its session.
    #[error("codex exec finished but no session_id/thread_id was captured")]
    NoSession,
    /// The process worked on another session than the one to resume. It was ended.
    #[error(
        "codex exec resumed session `{actual}` instead of `{expected}` and was stopped: check that \
         the id is a thread id, and that CODEX_HOME is the one the thread was started with"
    )]
    ResumeMismatch {
        /// The requested session.
        expected: String,
        /// The session that the process named.
        actual: String,
    },
    /// There is no session to resume: the process started a new one, and was ended.
    #[error("no session {wanted} to resume: codex exec started a new one and was stopped")]
    NothingToResume {
        /// The requested session: a name, or the last session.
        wanted: String,
    },
    /// An image cannot be used.
    #[error("cannot use the image {}: {reason}", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The process took longer than the runner's deadline, and was ended.
    #[error("codex exec did not finish within {} ms and was stopped", after.as_millis())]
    Deadline {
        /// The deadline.
        after: Duration,
    },
    /// The process printed nothing for longer than the runner's idle limit, and was ended.
    #[error("codex exec printed nothing for {} ms and was stopped", after.as_millis())]
    Idle {
        /// The limit.
        after: Duration,
    },
    /// The answer is not of the requested type.
    #[error("the answer does not match the output schema: {problem}")]
    Output {
        /// The difference from the type.
        problem: String,
    },
    /// The process could not be started.
    #[error(transparent)]
    Start {
        /// The reason.
        error: Arc<codex_runtime::Error>,
    },
    /// The output schema could not be written to the file that the process reads.
    #[error("could not write the output schema to a file: {error}")]
    Schema {
        /// The reason.
        error: Arc<io::Error>,
    },
    /// The exit of the process could not be determined.
    #[error("could not wait for codex exec: {error}")]
    Wait {
        /// The reason.
        error: Arc<io::Error>,
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

/// The error of a run, with its known results.
///
/// Displays its [`Failure`], in one line. The process's stderr is only in
/// [`stderr_tail`](Self::stderr_tail); [`kind`](Self::kind) classifies it.
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

    /// Adds the facts that are known at the end of the run.
    pub(super) fn complete(&mut self, stderr: Arc<str>, completed: &Completed) {
        self.stderr = stderr;
        self.resume.clone_from(&completed.resume);
        self.answer.clone_from(&completed.answer);
    }

    /// Returns the failure.
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Returns the kind of the failure, according to the failure and stderr.
    pub fn kind(&self) -> RunErrorKind {
        kind::of(&self.failure, &self.stderr)
    }

    /// The tail of the process's stderr, at most 16 KiB, without ANSI escapes. It may contain
    /// secrets.
    pub fn stderr_tail(&self) -> &str {
        &self.stderr
    }

    /// The token to continue the session in a later run, if it had an id.
    pub fn resume(&self) -> Option<&ResumeToken> {
        self.resume.as_ref()
    }

    /// The agent's answer, as far as it was received.
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

/// As `kind` and `message`: what remains of the run stands in [`Completed`].
impl Serialize for RunError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut error = serializer.serialize_struct("RunError", 2)?;
        error.serialize_field("kind", &self.kind())?;
        error.serialize_field("message", &self.to_string())?;
        error.end()
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.failure.source()
    }
}
