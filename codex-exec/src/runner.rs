//! The runner of `codex exec`: starts runs of new and of existing sessions.

use std::fmt;
use std::sync::Arc;

use super::blocking::ExecEvents;
use super::launch::{Launch, Setup, Target};
use super::run::Run;
use super::stream::ExecStream;
use super::{Prompt, ResumeToken, SessionLocks};

mod builder;
#[cfg(feature = "schemars")]
mod typed;

pub use builder::ExecRunnerBuilder;

/// Runs `codex exec --json`: one process per turn. Cheap to clone; clones share the locks of their
/// sessions.
#[derive(Clone)]
pub struct ExecRunner {
    setup: Arc<Setup>,
    locks: SessionLocks,
    builder: ExecRunnerBuilder,
}

impl ExecRunner {
    /// Returns a builder for the pinned runtime, with the user's configuration.
    pub fn builder() -> ExecRunnerBuilder {
        ExecRunnerBuilder::default()
    }

    /// Returns a builder with the options of this runner, to build one that differs in some. Both
    /// share the locks of their sessions.
    pub fn to_builder(&self) -> ExecRunnerBuilder {
        self.builder.clone()
    }

    /// The locks of the sessions in use.
    pub fn session_locks(&self) -> &SessionLocks {
        &self.locks
    }

    /// Returns a run of a new session. New sessions run in parallel.
    #[doc(alias("send", "ask", "chat", "prompt"))]
    pub fn run(&self, prompt: impl Into<Prompt>) -> ExecStream {
        ExecStream::new(self.prepare(Target::New, prompt))
    }

    /// Returns a run that continues a session. It waits, without a process, until no other run
    /// works on the session.
    #[doc(alias = "continue")]
    pub fn resume(&self, session: &ResumeToken, prompt: impl Into<Prompt>) -> ExecStream {
        ExecStream::new(self.prepare(Target::Session(session.clone()), prompt))
    }

    /// Returns a run that continues the session whose thread has this name. The runtime would start
    /// a new one if there is none; such a run is ended, with [`Failure::NothingToResume`].
    ///
    /// The runtime interprets a name that looks like an option as one.
    ///
    /// [`Failure::NothingToResume`]: crate::Failure::NothingToResume
    pub fn resume_named(&self, name: impl Into<String>, prompt: impl Into<Prompt>) -> ExecStream {
        ExecStream::new(self.prepare(Target::Named(name.into()), prompt))
    }

    /// Returns a run that continues the most recently used session in the working directory. Like
    /// [`resume_named`](Self::resume_named) if there is none.
    pub fn resume_last(&self, prompt: impl Into<Prompt>) -> ExecStream {
        ExecStream::new(self.prepare(Target::Last, prompt))
    }

    /// Like [`ExecRunner::run`], for programs without an async runtime.
    #[doc(alias("send", "ask", "chat", "prompt"))]
    pub fn run_blocking(&self, prompt: impl Into<Prompt>) -> ExecEvents {
        ExecEvents::new(self.prepare(Target::New, prompt))
    }

    /// Like [`ExecRunner::resume`], for programs without an async runtime.
    pub fn resume_blocking(&self, session: &ResumeToken, prompt: impl Into<Prompt>) -> ExecEvents {
        ExecEvents::new(self.prepare(Target::Session(session.clone()), prompt))
    }

    /// Like [`ExecRunner::resume_named`], for programs without an async runtime.
    pub fn resume_named_blocking(
        &self,
        name: impl Into<String>,
        prompt: impl Into<Prompt>,
    ) -> ExecEvents {
        ExecEvents::new(self.prepare(Target::Named(name.into()), prompt))
    }

    /// Like [`ExecRunner::resume_last`], for programs without an async runtime.
    pub fn resume_last_blocking(&self, prompt: impl Into<Prompt>) -> ExecEvents {
        ExecEvents::new(self.prepare(Target::Last, prompt))
    }

    fn prepare(&self, target: Target, prompt: impl Into<Prompt>) -> Run {
        let launch = Launch::new(Arc::clone(&self.setup), target, prompt.into());
        Run::new(launch, self.locks.clone())
    }
}

impl fmt::Debug for ExecRunner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ExecRunner")
            .field("binary", &self.setup.runtime.binary())
            .field("locks", &self.locks)
            .finish_non_exhaustive()
    }
}
