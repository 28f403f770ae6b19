//! The command of the runtime: binary, arguments and environment.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_runtime::child::{Child, ChildCommand, ChildPipes, ChildWatch, SpawnOptions, Variables};
use codex_runtime::{Environment, HomeFolder, IsolatedHome, Runtime, RuntimeSource};

use super::install::Installation;
use crate::Error;

/// The command that starts `codex app-server`.
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
    pub(super) source: RuntimeSource,
    environment: Option<Environment>,
    pub(super) installation: Installation,
    arguments: Option<Vec<OsString>>,
    config: Vec<String>,
    cwd: Option<PathBuf>,
    variables: Variables,
    home: Option<IsolatedHome>,
}

impl Default for Launch {
    fn default() -> Self {
        Self::new()
    }
}

impl Launch {
    /// Creates a launch of the pinned runtime, or the one in `CODEX_BIN`, in the environment of
    /// this process.
    pub fn new() -> Self {
        Self {
            source: RuntimeSource::Auto,
            environment: None,
            installation: Installation::default(),
            arguments: None,
            config: Vec::new(),
            cwd: None,
            variables: Variables::new(),
            home: None,
        }
    }

    /// Sets the runtime to start.
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

    /// Sets the environment in which the runtime is located; by default that of this process.
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

    /// Sets the arguments, instead of `--config` for each override and `app-server`.
    #[must_use]
    pub fn arguments<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        self.arguments = Some(arguments.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the working directory of the runtime.
    #[must_use]
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cwd = Some(folder.into());
        self
    }

    /// Sets an environment variable of the runtime, in addition to those of this process.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.set(name, value);
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

    /// Removes an inherited environment variable from the runtime.
    #[must_use]
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.variables.remove(name);
        self
    }

    /// Removes all inherited environment variables, and those set so far, as
    /// [`std::process::Command::env_clear`] does. Two are set nevertheless: `NO_COLOR`, unless it
    /// is set or removed here, and on Linux the mark that identifies descendants.
    #[must_use]
    pub fn env_clear(mut self) -> Self {
        self.variables.clear();
        self
    }

    /// Gives each connection a home of the runtime of its own, as `CODEX_HOME`. It is removed when
    /// the connection is closed or dropped, after the runtime has exited; credentials that the
    /// runtime has refreshed are written back before. A supervised runtime keeps its home when it is
    /// restarted.
    #[must_use]
    pub fn isolated_home(mut self, home: IsolatedHome) -> Self {
        self.home = Some(home);
        self
    }

    pub(super) fn located_in(&self) -> Environment {
        let environment = self.environment.clone();
        environment.unwrap_or_else(Environment::from_process)
    }

    /// Creates the isolated home, if there is to be one.
    pub(crate) fn create_home(&self) -> Result<Option<Arc<HomeFolder>>, Error> {
        let Some(home) = &self.home else {
            return Ok(None);
        };
        Ok(Some(Arc::new(home.create(&self.located_in())?)))
    }

    /// Finds the runtime and starts it, in an isolated home if there is one.
    pub(crate) fn start(
        &self,
        home: Option<&Arc<HomeFolder>>,
        on_exit: impl FnOnce(&ChildWatch) + Send + 'static,
    ) -> Result<(Child, ChildPipes, PathBuf), Error> {
        let runtime = codex_runtime::locate(&self.source, &self.located_in())?;
        tracing::debug!(program = %runtime.binary().display(), "starting the runtime");
        let in_use = home.cloned();
        let on_exit = move |watch: &ChildWatch| {
            on_exit(watch);
            // The last owner removes it, not before the process has exited.
            drop(in_use);
        };
        let started = self
            .command(&runtime, home.map(|home| home.path()))
            .spawn(&SpawnOptions::default(), on_exit);
        let (child, pipes) = started.map_err(|error| match error {
            codex_runtime::Error::Start { binary, source, .. } => Error::Start {
                program: binary,
                error: Arc::new(source),
            },
            other => other.into(),
        })?;
        Ok((child, pipes, runtime.binary().to_path_buf()))
    }

    /// The working directory of the process.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let current = std::env::current_dir();
        match (&self.cwd, current) {
            (Some(folder), Ok(current)) => Some(current.join(folder)),
            (Some(folder), Err(_)) => Some(folder.clone()),
            (None, current) => current.ok(),
        }
    }

    /// Lets the runtime listen at an address instead of using its pipes.
    pub(crate) fn listening(mut self, address: String) -> Self {
        let mut arguments = self.all_arguments();
        arguments.extend(["--listen".into(), address.into()]);
        self.arguments = Some(arguments);
        self
    }

    fn command(&self, runtime: &Runtime, home: Option<&Path>) -> ChildCommand {
        let mut variables = self.variables.clone();
        if let Some(home) = home {
            variables.set("CODEX_HOME", home);
        }
        let mut command = ChildCommand::new(runtime.binary())
            .args(self.all_arguments())
            .variables(variables);
        if let Some(folder) = &self.cwd {
            command = command.folder(folder);
        }
        match runtime.path_dir() {
            Some(tools) => command.path_dir(tools),
            None => command,
        }
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
}

/// Omits the values of variables and of the configuration, which may be secrets.
impl fmt::Debug for Launch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
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
            .field("variables", &self.variables)
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}
