//! What can go wrong, before a run (in the configuration) and with it.
//!
//! Neither kind ever contains what the process printed to standard error: that may hold
//! secrets. It goes to the log, and to the stream's `stderr_tail`.

use std::io;
use std::sync::Arc;

use super::ResumeToken;

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
    /// There is no runtime to run.
    #[error(transparent)]
    Runtime(#[from] codex_runtime::Error),
}

/// Why a run did not end well.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
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

impl RunError {
    pub(super) fn mismatch(expected: &ResumeToken, actual: &ResumeToken) -> Self {
        Self::ResumeMismatch {
            expected: expected.id().to_owned(),
            actual: actual.id().to_owned(),
        }
    }
}
