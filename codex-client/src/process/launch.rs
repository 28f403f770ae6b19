//! What is started: which runtime, with which arguments, in which surroundings.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use codex_runtime::{Environment, Runtime, RuntimeSource};

use super::{Pipes, Process, ProcessWatch};
use crate::Error;

/// How to start `codex app-server`.
///
/// ```
/// use codex_client::Launch;
///
/// let launch = Launch::new()
///     .config("model=\"gpt-5.5\"")
///     .env("CODEX_HOME", "codex-home")
///     .env_remove("OPENAI_API_KEY");
/// ```
#[derive(Clone)]
pub struct Launch {
    source: RuntimeSource,
    environment: Option<Environment>,
    arguments: Option<Vec<OsString>>,
    config: Vec<String>,
    cwd: Option<PathBuf>,
    clear_env: bool,
    env: Vec<(OsString, Option<OsString>)>,
}

impl Default for Launch {
    fn default() -> Self {
        Self::new()
    }
}

impl Launch {
    /// The pinned runtime, or the one `CODEX_BIN` names, in the surroundings of this process.
    pub fn new() -> Self {
        Self {
            source: RuntimeSource::Auto,
            environment: None,
            arguments: None,
            config: Vec::new(),
            cwd: None,
            clear_env: false,
            env: Vec::new(),
        }
    }

    /// Which runtime to start.
    #[must_use]
    pub fn runtime(mut self, source: RuntimeSource) -> Self {
        self.source = source;
        self
    }

    /// Starts this binary.
    #[must_use]
    pub fn binary(self, binary: impl Into<PathBuf>) -> Self {
        self.runtime(RuntimeSource::Binary(binary.into()))
    }

    /// Where the runtime is looked for; by default in the environment of this process.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Overrides a value of the configuration, as `key=value` with the value in TOML.
    #[must_use]
    pub fn config(mut self, assignment: impl Into<String>) -> Self {
        self.config.push(assignment.into());
        self
    }

    /// The arguments, instead of `--config` for each override and `app-server`.
    #[must_use]
    pub fn arguments<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        self.arguments = Some(arguments.into_iter().map(Into::into).collect());
        self
    }

    /// The folder the runtime is started in.
    #[must_use]
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cwd = Some(folder.into());
        self
    }

    /// Sets a variable of the runtime's environment, on top of this process's.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    /// Sets several variables.
    #[must_use]
    pub fn envs<I, K, V>(self, variables: I) -> Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let variables = variables.into_iter();
        variables.fold(self, |launch, (name, value)| launch.env(name, value))
    }

    /// Keeps a variable of this process from the runtime.
    #[must_use]
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.env.push((name.into(), None));
        self
    }

    /// Keeps every variable of this process from the runtime, except those set here.
    #[must_use]
    pub fn env_clear(mut self) -> Self {
        self.clear_env = true;
        self
    }

    /// Finds the runtime and starts it.
    pub(crate) fn start(
        &self,
        on_exit: impl FnOnce(&ProcessWatch) + Send + 'static,
    ) -> Result<(Process, Pipes), Error> {
        let environment = self.environment.clone();
        let environment = environment.unwrap_or_else(Environment::from_process);
        let runtime = codex_runtime::locate(&self.source, &environment)?;
        let mut command = self.command(&runtime);
        tracing::debug!(program = %runtime.binary().display(), "starting the runtime");
        Process::start(&mut command, on_exit).map_err(|source| Error::Start {
            program: runtime.binary().to_path_buf(),
            source: Arc::new(source),
        })
    }

    fn command(&self, runtime: &Runtime) -> Command {
        let mut command = Command::new(runtime.binary());
        command.args(self.all_arguments());
        if let Some(folder) = &self.cwd {
            command.current_dir(folder);
        }
        if self.clear_env {
            command.env_clear();
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let path = runtime.path_dir().and_then(|folder| self.path_with(folder));
        if let Some(path) = path {
            command.env("PATH", path);
        }
        command
    }

    fn all_arguments(&self) -> Vec<OsString> {
        if let Some(arguments) = &self.arguments {
            return arguments.clone();
        }
        let overrides = self
            .config
            .iter()
            .flat_map(|assignment| ["--config", assignment]);
        let all = overrides.chain(["app-server"]);
        all.map(OsString::from).collect()
    }

    /// The search path the runtime would have, with its own helper tools in front.
    fn path_with(&self, folder: &Path) -> Option<OsString> {
        let set_here = self
            .env
            .iter()
            .rev()
            .find(|(name, _)| name == OsStr::new("PATH"));
        let inherited = || std::env::var_os("PATH").filter(|_| !self.clear_env);
        let path = match set_here {
            Some((_, value)) => value.clone(),
            None => inherited(),
        };
        let rest = path.unwrap_or_default();
        let others = std::env::split_paths(&rest).filter(|other| other != folder);
        let all = std::iter::once(folder.to_path_buf()).chain(others);
        std::env::join_paths(all).ok()
    }
}

/// Values of variables and of the configuration may be secrets: names only.
impl fmt::Debug for Launch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        let key = |assignment: &String| {
            let key = assignment.split_once('=').map_or("", |(key, _)| key);
            key.to_owned()
        };
        let config: Vec<_> = self.config.iter().map(key).collect();
        formatter
            .debug_struct("Launch")
            .field("source", &self.source)
            .field("config", &config)
            .field("cwd", &self.cwd)
            .field("env", &names)
            .field("clear_env", &self.clear_env)
            .finish_non_exhaustive()
    }
}
