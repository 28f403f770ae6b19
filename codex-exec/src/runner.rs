//! The runner: what all its runs have in common, checked once.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::{Environment, RuntimeSource};
use serde::Serialize;
use serde_json::Value;

use super::args::{self, Choices};
use super::blocking::ExecEvents;
use super::launch::{Launch, Schema, Setup, Surroundings, Target};
use super::process::Limits;
use super::run::Run;
use super::stream::ExecStream;
use super::{ApprovalPolicy, ExecError, Prompt, ResumeToken, Sandbox, SessionLocks, WebSearch};
#[cfg(feature = "schemars")]
use super::{Completed, Failure, RunError};

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
    pub fn run(&self, prompt: impl Into<Prompt>) -> ExecStream {
        ExecStream::new(self.prepare(Target::New, prompt))
    }

    /// A run that continues a session. It waits, without a process, until no other run works
    /// on the session.
    pub fn resume(&self, session: &ResumeToken, prompt: impl Into<Prompt>) -> ExecStream {
        ExecStream::new(self.prepare(Target::Session(session.clone()), prompt))
    }

    /// A run that continues the session whose thread has this name. The runtime would begin a
    /// new one if there is none; such a run is ended, with [`Failure::NothingToResume`].
    ///
    /// A name that looks like an option is taken for one by the runtime.
    ///
    /// [`Failure::NothingToResume`]: crate::Failure::NothingToResume
    pub fn resume_named(&self, name: impl Into<String>, prompt: impl Into<Prompt>) -> ExecStream {
        ExecStream::new(self.prepare(Target::Named(name.into()), prompt))
    }

    /// A run that continues the session that was used last in the working folder. As
    /// [`resume_named`](Self::resume_named) where there is none.
    pub fn resume_last(&self, prompt: impl Into<Prompt>) -> ExecStream {
        ExecStream::new(self.prepare(Target::Last, prompt))
    }

    /// As [`ExecRunner::run`], for programs without an async runtime.
    pub fn run_blocking(&self, prompt: impl Into<Prompt>) -> ExecEvents {
        ExecEvents::new(self.prepare(Target::New, prompt))
    }

    /// As [`ExecRunner::resume`], for programs without an async runtime.
    pub fn resume_blocking(&self, session: &ResumeToken, prompt: impl Into<Prompt>) -> ExecEvents {
        ExecEvents::new(self.prepare(Target::Session(session.clone()), prompt))
    }

    /// As [`ExecRunner::resume_named`], for programs without an async runtime.
    pub fn resume_named_blocking(
        &self,
        name: impl Into<String>,
        prompt: impl Into<Prompt>,
    ) -> ExecEvents {
        ExecEvents::new(self.prepare(Target::Named(name.into()), prompt))
    }

    /// As [`ExecRunner::resume_last`], for programs without an async runtime.
    pub fn resume_last_blocking(&self, prompt: impl Into<Prompt>) -> ExecEvents {
        ExecEvents::new(self.prepare(Target::Last, prompt))
    }

    /// Runs a new session to its end, with an answer of a type. The type has to be an object
    /// in JSON.
    ///
    /// # Errors
    ///
    /// [`RunError`]; its failure is [`Failure::Output`] if the answer is not of the type.
    #[cfg(feature = "schemars")]
    pub async fn run_as<T>(&self, prompt: impl Into<Prompt>) -> Result<T, RunError>
    where
        T: schemars::JsonSchema + serde::de::DeserializeOwned,
    {
        let runner = self.with_schema_of::<T>()?;
        read(runner.run(prompt).finish().await?)
    }

    /// As [`ExecRunner::run_as`], for programs without an async runtime.
    ///
    /// # Errors
    ///
    /// As for [`ExecRunner::run_as`].
    #[cfg(feature = "schemars")]
    pub fn run_as_blocking<T>(&self, prompt: impl Into<Prompt>) -> Result<T, RunError>
    where
        T: schemars::JsonSchema + serde::de::DeserializeOwned,
    {
        let runner = self.with_schema_of::<T>()?;
        read(runner.run_blocking(prompt).finish()?)
    }

    /// This runner, with answers of a type.
    #[cfg(feature = "schemars")]
    fn with_schema_of<T: schemars::JsonSchema>(&self) -> Result<Self, RunError> {
        let schema = crate::schema::output_schema::<T>();
        if !crate::schema::is_object(&schema) {
            let problem = "its type is not an object in JSON; nothing was sent".to_owned();
            return Err(Failure::Output { problem }.into());
        }
        let mut setup = Setup::clone(&self.setup);
        setup.surroundings.schema = Some(Schema::Inline(Arc::new(schema)));
        Ok(Self {
            setup: Arc::new(setup),
            locks: self.locks.clone(),
            builder: self.builder.clone(),
        })
    }

    fn prepare(&self, target: Target, prompt: impl Into<Prompt>) -> Run {
        let launch = Launch::new(Arc::clone(&self.setup), target, prompt.into());
        Run::new(launch, self.locks.clone())
    }
}

#[cfg(feature = "schemars")]
fn read<T: serde::de::DeserializeOwned>(mut completed: Completed) -> Result<T, RunError> {
    let parsed = match &completed.answer {
        Some(text) => serde_json::from_str(text).map_err(|error| error.to_string()),
        None => Err("there is none".to_owned()),
    };
    parsed.map_err(|problem| {
        completed.error = Some(Failure::Output { problem }.into());
        let stderr = completed.stderr_tail().to_owned();
        completed.attach(stderr);
        completed
            .error
            .unwrap_or_else(|| Failure::Incomplete.into())
    })
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
    limits: Limits,
    /// The first value that could not be written.
    invalid: Option<(String, String)>,
    locks: SessionLocks,
}

impl Default for ExecRunnerBuilder {
    fn default() -> Self {
        Self {
            runtime: RuntimeSource::Auto,
            choices: Choices::default(),
            surroundings: Surroundings::default(),
            stop_grace: STOP_GRACE,
            limits: Limits::default(),
            invalid: None,
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

    /// Adds an argument behind `exec`, for options that the runner does not have.
    pub fn exec_arg(mut self, argument: impl Into<String>) -> Self {
        self.choices.exec_extra.push(argument.into());
        self
    }

    /// Adds arguments behind `exec`.
    pub fn exec_args<S: Into<String>>(self, arguments: impl IntoIterator<Item = S>) -> Self {
        let arguments = arguments.into_iter();
        arguments.fold(self, Self::exec_arg)
    }

    /// Overrides a value of the configuration, by its dotted key. The value is written in TOML:
    /// texts, numbers, lists and maps all come out as what they are.
    ///
    /// ```
    /// use codex_exec::ExecRunner;
    ///
    /// let builder = ExecRunner::builder()
    ///     .config("model_verbosity", "low")
    ///     .config("sandbox_workspace_write.writable_roots", ["/var/cache"]);
    /// # drop(builder);
    /// ```
    pub fn config(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        let key = key.into();
        match toml::Value::try_from(value) {
            Ok(value) => self.choices.config.push((key, value.to_string())),
            Err(error) => {
                let reason = error.to_string();
                self.invalid.get_or_insert((key, reason));
            }
        }
        self
    }

    /// A layer of configuration: the file `<name>.config.toml` in the runtime's home.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.choices.profile = Some(name.into());
        self
    }

    /// A folder beside the working folder that commands may write to.
    pub fn additional_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        self.choices.additional_folders.push(folder);
        self
    }

    /// Whether commands may use the network, in the sandbox
    /// [`WorkspaceWrite`](Sandbox::WorkspaceWrite).
    pub fn network_access(mut self, allowed: bool) -> Self {
        self.choices.network_access = Some(allowed);
        self
    }

    /// Where searches on the web go; `true` and `false` do as well.
    pub fn web_search(mut self, search: impl Into<WebSearch>) -> Self {
        self.choices.web_search = Some(search.into());
        self
    }

    /// When the agent would ask before it runs a command.
    pub fn approval_policy(mut self, policy: ApprovalPolicy) -> Self {
        self.choices.approval_policy = Some(policy);
        self
    }

    /// Whether the working folder has to be a git repository, or trusted. Default: it has not.
    pub fn git_repo_check(mut self, checked: bool) -> Self {
        self.choices.checks_git_repository = checked;
        self
    }

    /// The name by which the runtime introduces itself to the model's endpoint.
    pub fn originator(self, name: impl Into<OsString>) -> Self {
        self.env("CODEX_INTERNAL_ORIGINATOR_OVERRIDE", name)
    }

    /// The key for the model's endpoint.
    pub fn api_key(self, key: impl Into<OsString>) -> Self {
        self.env("CODEX_API_KEY", key)
    }

    /// The address of the model's endpoint, for the provider `openai`.
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.config("openai_base_url", url.into())
    }

    /// How long a run may take, from the start of its process. Beyond, it is ended.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.deadline = Some(limit);
        self
    }

    /// How long a run may print nothing. Beyond, it is ended.
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.limits.idle = Some(limit);
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
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
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
    /// [`ExecError::ConfigValue`] for a value that TOML has no form for;
    /// [`ExecError::Runtime`] if there is no runtime.
    pub fn build(mut self) -> Result<ExecRunner, ExecError> {
        if let Some((key, reason)) = self.invalid {
            return Err(ExecError::ConfigValue { key, reason });
        }
        let choices = &self.choices;
        let extra = choices.extra.iter().chain(&choices.exec_extra);
        let extra = extra.map(String::as_str);
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
                limits: self.limits,
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
