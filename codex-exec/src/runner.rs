//! The runner: the common options of all its runs, checked once.

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

/// Default grace period for a process to exit after it was signaled.
const STOP_GRACE: Duration = Duration::from_secs(2);

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
    pub fn run(&self, prompt: impl Into<Prompt>) -> ExecStream {
        ExecStream::new(self.prepare(Target::New, prompt))
    }

    /// Returns a run that continues a session. It waits, without a process, until no other run
    /// works on the session.
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

    /// Runs a new session to its end, with an answer of type `T`, which has to be an object in
    /// JSON.
    ///
    /// # Errors
    ///
    /// Returns [`RunError`]; its failure is [`Failure::Output`] if the answer is not of the type.
    #[cfg(feature = "schemars")]
    pub async fn run_as<T>(&self, prompt: impl Into<Prompt>) -> Result<T, RunError>
    where
        T: schemars::JsonSchema + serde::de::DeserializeOwned,
    {
        let runner = self.with_schema_of::<T>()?;
        read(runner.run(prompt).finish().await?)
    }

    /// Like [`ExecRunner::run_as`], for programs without an async runtime.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`ExecRunner::run_as`].
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

/// Builder of a runner.
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
    /// Sets the source of the binary. Default: [`RuntimeSource::Auto`].
    pub fn runtime(mut self, source: RuntimeSource) -> Self {
        self.runtime = source;
        self
    }

    /// Adds an argument before `exec`, such as `-c` or `key=value`.
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.choices.extra.push(argument.into());
        self
    }

    /// Adds arguments before `exec`, such as `["-c", "key=value"]`.
    pub fn args<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.choices
            .extra
            .extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds an argument after `exec`, for options that the runner does not have.
    pub fn exec_arg(mut self, argument: impl Into<String>) -> Self {
        self.choices.exec_extra.push(argument.into());
        self
    }

    /// Adds arguments after `exec`.
    pub fn exec_args<S: Into<String>>(self, arguments: impl IntoIterator<Item = S>) -> Self {
        let arguments = arguments.into_iter();
        arguments.fold(self, Self::exec_arg)
    }

    /// Overrides a value of the configuration, by its dotted key. The value is written in TOML:
    /// texts, numbers, lists and maps keep their types.
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

    /// Selects a layer of configuration: the file `<name>.config.toml` in the runtime's home.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.choices.profile = Some(name.into());
        self
    }

    /// Adds a directory beside the working directory that commands may write to.
    pub fn additional_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        self.choices.additional_folders.push(folder);
        self
    }

    /// Allows commands to use the network, in the sandbox
    /// [`WorkspaceWrite`](Sandbox::WorkspaceWrite).
    pub fn network_access(mut self, allowed: bool) -> Self {
        self.choices.network_access = Some(allowed);
        self
    }

    /// Sets the mode of web searches; also accepts `true` and `false`.
    pub fn web_search(mut self, search: impl Into<WebSearch>) -> Self {
        self.choices.web_search = Some(search.into());
        self
    }

    /// Sets the approval policy of commands.
    pub fn approval_policy(mut self, policy: ApprovalPolicy) -> Self {
        self.choices.approval_policy = Some(policy);
        self
    }

    /// Requires the working directory to be a git repository, or trusted. Default: not required.
    pub fn git_repo_check(mut self, checked: bool) -> Self {
        self.choices.checks_git_repository = checked;
        self
    }

    /// Sets the originator that the runtime sends to the model's endpoint.
    pub fn originator(self, name: impl Into<OsString>) -> Self {
        self.env("CODEX_INTERNAL_ORIGINATOR_OVERRIDE", name)
    }

    /// Sets the key for the model's endpoint.
    pub fn api_key(self, key: impl Into<OsString>) -> Self {
        self.env("CODEX_API_KEY", key)
    }

    /// Sets the base URL of the model's endpoint, for the provider `openai`.
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.config("openai_base_url", url.into())
    }

    /// Sets the maximum duration of a run, from the start of its process. It is ended beyond it.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.deadline = Some(limit);
        self
    }

    /// Sets the maximum duration without output. The run is ended beyond it.
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.limits.idle = Some(limit);
        self
    }

    /// Sets the model, instead of the configured one.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.choices.model = Some(model.into());
        self
    }

    /// Sets the reasoning effort, such as `low` or `high`; the available values depend on the
    /// model.
    pub fn reasoning_effort(mut self, effort: impl Into<String>) -> Self {
        self.choices.reasoning_effort = Some(effort.into());
        self
    }

    /// Sets the sandbox of the agent's commands.
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.choices.sandbox = Some(sandbox);
        self
    }

    /// Sets the JSON Schema of the answer. The model's endpoint requires `"additionalProperties":
    /// false` in every object of it.
    pub fn output_schema(mut self, schema: Value) -> Self {
        self.surroundings.schema = Some(Schema::Inline(Arc::new(schema)));
        self
    }

    /// Sets the file with the JSON Schema of the answer, relative to the working directory of this
    /// process.
    pub fn output_schema_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.surroundings.schema = Some(Schema::File(file.into()));
        self
    }

    /// Sets the agent's working directory. Default: that of this process.
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.surroundings.folder = Some(folder.into());
        self
    }

    /// Sets an environment variable of the process, in addition to the inherited ones.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.surroundings.variables.set(name, value);
        self
    }

    /// Sets several environment variables.
    pub fn envs<I, K, V>(self, variables: I) -> Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let variables = variables.into_iter();
        variables.fold(self, |builder, (name, value)| builder.env(name, value))
    }

    /// Removes an inherited environment variable from the process.
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.surroundings.variables.remove(name);
        self
    }

    /// Removes all inherited environment variables, and those set so far.
    pub fn env_clear(mut self) -> Self {
        self.surroundings.variables.clear();
        self
    }

    /// Sets the grace period of a process that is ended: half of it after `SIGINT`, half after
    /// `SIGTERM`, then it is killed. At most one year. Default: 2 s.
    pub fn stop_grace(mut self, grace: Duration) -> Self {
        self.stop_grace = grace;
        self
    }

    /// Shares the locks of sessions with other runners.
    pub fn session_locks(mut self, locks: SessionLocks) -> Self {
        self.locks = locks;
        self
    }

    /// Checks the options and finds the runtime. Neither starts nor installs anything.
    ///
    /// # Errors
    ///
    /// Returns [`ExecError::ExecOnlyArgument`] for an extra argument that the runner sets itself,
    /// [`ExecError::ConfigValue`] for a value that TOML cannot represent, and
    /// [`ExecError::Runtime`] if no runtime was found.
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
            // The process may run in another directory.
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
    /// Omits arguments and the values of variables, which may be secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ExecRunnerBuilder")
            .field("runtime", &self.runtime)
            .field("model", &self.choices.model)
            .field("folder", &self.surroundings.folder)
            .finish_non_exhaustive()
    }
}
