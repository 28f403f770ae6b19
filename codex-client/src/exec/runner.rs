//! The runner: what all its runs have in common, checked once.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::{Environment, RuntimeSource};
use codex_types::SandboxMode;
use serde_json::Value;

use super::args::{self, Choices};
#[cfg(feature = "blocking")]
use super::blocking::ExecEvents;
use super::launch::{Launch, Schema, Setup, Surroundings};
use super::run::Run;
#[cfg(feature = "async")]
use super::stream::ExecStream;
use super::{ExecError, ResumeToken, SessionLocks};

/// How long a process that was asked to end may take, unless the caller says otherwise.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// Runs `codex exec --json`: one process per turn. Cheap to clone; clones share the locks of
/// their sessions.
#[derive(Clone)]
pub struct ExecRunner {
    setup: Arc<Setup>,
    locks: SessionLocks,
    builder: ExecRunnerBuilder,
}

impl ExecRunner {
    /// A runner of the pinned runtime, with the user's configuration.
    pub fn builder() -> ExecRunnerBuilder {
        ExecRunnerBuilder::default()
    }

    /// A builder with the choices of this runner, to make one that differs in some. Both share
    /// the locks of their sessions.
    pub fn to_builder(&self) -> ExecRunnerBuilder {
        self.builder.clone()
    }

    /// Which sessions are being worked on.
    pub fn session_locks(&self) -> &SessionLocks {
        &self.locks
    }

    /// A run of a new session. New sessions run side by side.
    #[cfg(feature = "async")]
    pub fn run(&self, prompt: impl Into<String>) -> ExecStream {
        ExecStream::new(self.prepare(None, prompt.into()))
    }

    /// A run that continues a session. It waits, without a process, until no other run works
    /// on the session.
    #[cfg(feature = "async")]
    pub fn resume(&self, session: &ResumeToken, prompt: impl Into<String>) -> ExecStream {
        ExecStream::new(self.prepare(Some(session.clone()), prompt.into()))
    }

    /// As [`ExecRunner::run`], for programs without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn run_blocking(&self, prompt: impl Into<String>) -> ExecEvents {
        ExecEvents::new(self.prepare(None, prompt.into()))
    }

    /// As [`ExecRunner::resume`], for programs without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn resume_blocking(&self, session: &ResumeToken, prompt: impl Into<String>) -> ExecEvents {
        ExecEvents::new(self.prepare(Some(session.clone()), prompt.into()))
    }

    fn prepare(&self, resume: Option<ResumeToken>, prompt: String) -> Run {
        let launch = Launch::new(Arc::clone(&self.setup), resume, prompt);
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

/// Collects the choices for a runner.
#[derive(Clone)]
#[must_use = "nothing is built before `build`"]
pub struct ExecRunnerBuilder {
    runtime: RuntimeSource,
    choices: Choices,
    surroundings: Surroundings,
    stop_grace: Duration,
    locks: SessionLocks,
}

impl Default for ExecRunnerBuilder {
    fn default() -> Self {
        Self {
            runtime: RuntimeSource::Auto,
            choices: Choices::default(),
            surroundings: Surroundings::default(),
            stop_grace: STOP_GRACE,
            locks: SessionLocks::new(),
        }
    }
}

impl ExecRunnerBuilder {
    /// Which binary runs. Default: [`RuntimeSource::Auto`].
    pub fn runtime(mut self, source: RuntimeSource) -> Self {
        self.runtime = source;
        self
    }

    /// Adds an argument in front of `exec`, such as `-c` or `key=value`.
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.choices.extra.push(argument.into());
        self
    }

    /// Adds arguments in front of `exec`, such as `["-c", "key=value"]`.
    pub fn args<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.choices
            .extra
            .extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Which model to use, instead of the configured one.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.choices.model = Some(model.into());
        self
    }

    /// How hard the model should think, such as `low` or `high`: what a model offers is its
    /// own affair.
    pub fn reasoning_effort(mut self, effort: impl Into<String>) -> Self {
        self.choices.reasoning_effort = Some(effort.into());
        self
    }

    /// What the agent's commands may touch.
    pub fn sandbox(mut self, sandbox: SandboxMode) -> Self {
        self.choices.sandbox = Some(sandbox);
        self
    }

    /// What the answer must look like: a JSON Schema. The model's endpoint demands that every
    /// object in it has `"additionalProperties": false`.
    pub fn output_schema(mut self, schema: Value) -> Self {
        self.surroundings.schema = Some(Schema::Inline(Arc::new(schema)));
        self
    }

    /// What the answer must look like: a file with a JSON Schema, relative to the folder of
    /// this process.
    pub fn output_schema_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.surroundings.schema = Some(Schema::File(file.into()));
        self
    }

    /// The folder the agent works in. Default: that of this process.
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.surroundings.folder = Some(folder.into());
        self
    }

    /// Sets a variable for the process, over those it inherits.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.surroundings.variables.set(name, value);
        self
    }

    /// Sets several variables.
    pub fn envs<I, K, V>(self, variables: I) -> Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let variables = variables.into_iter();
        variables.fold(self, |builder, (name, value)| builder.env(name, value))
    }

    /// Keeps a variable of this process from the started one.
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.surroundings.variables.remove(name);
        self
    }

    /// Keeps every variable of this process from the started one, and forgets those set so far.
    pub fn env_clear(mut self) -> Self {
        self.surroundings.variables.clear();
        self
    }

    /// How long a process that is ended may take: half of the time after `SIGINT`, half after
    /// `SIGTERM`, then it is killed. A year at most. Default: 2 s.
    pub fn stop_grace(mut self, grace: Duration) -> Self {
        self.stop_grace = grace;
        self
    }

    /// Shares the locks of sessions with other runners.
    pub fn session_locks(mut self, locks: SessionLocks) -> Self {
        self.locks = locks;
        self
    }

    /// Checks the choices and finds the runtime. Starts and installs nothing.
    ///
    /// # Errors
    ///
    /// [`ExecError::ExecOnlyArgument`] for an extra argument that the runner sets itself;
    /// [`ExecError::Runtime`] if there is no runtime.
    pub fn build(mut self) -> Result<ExecRunner, ExecError> {
        let extra = self.choices.extra.iter().map(String::as_str);
        if let Some(argument) = args::find_exec_only_argument(extra) {
            return Err(ExecError::ExecOnlyArgument {
                argument: argument.to_owned(),
            });
        }
        if let Some(Schema::File(file)) = &mut self.surroundings.schema {
            // The process may run in another folder.
            *file = std::path::absolute(&*file).unwrap_or_else(|_| file.clone());
        }
        let runtime = codex_runtime::locate(&self.runtime, &Environment::from_process())?;
        Ok(ExecRunner {
            setup: Arc::new(Setup {
                runtime,
                choices: self.choices.clone(),
                surroundings: self.surroundings.clone(),
                stop_grace: self.stop_grace,
            }),
            locks: self.locks.clone(),
            builder: self,
        })
    }
}

impl fmt::Debug for ExecRunnerBuilder {
    /// Neither arguments nor variables with their values: they may be secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ExecRunnerBuilder")
            .field("runtime", &self.runtime)
            .field("model", &self.choices.model)
            .field("folder", &self.surroundings.folder)
            .finish_non_exhaustive()
    }
}
