//! The real runtime in a world of its own, with only the model mocked.
//!
//! Prepares the folders and starts the runtime; the communication is left to clients.

mod attach;
mod config;
mod environment;
mod folders;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use codex_runtime::{Environment, Installer, Runtime, RuntimeSource, Step};

use self::config::Settings;
use self::folders::Folders;
use super::MockResponses;
use crate::network::{OutboundAttempt, Watch};

/// A runtime ready to be started: isolated folders, a quiet configuration, a mock model.
///
/// The runtime sees a fresh `CODEX_HOME`, `HOME` and temporary folder and nothing of the
/// caller's environment but `PATH` and the locale. Its configuration names the mock model and
/// turns off everything that would leave the loopback interface: updates, analytics, plugins
/// and apps. Dropping the harness stops the mock model and removes the folders; whatever was
/// started in them should have ended by then.
///
/// The runtime and all its children are observed, without privileges: their environment names a
/// proxy that records and refuses, and on Linux their sockets are looked at every few
/// milliseconds, see [`AppServerHarness::outbound_attempts`].
///
/// # Panics
///
/// Dropping it asserts that nothing in it tried to reach beyond the loopback interface, unless
/// [`AppServerHarnessBuilder::allow_outbound`] was called or the thread is panicking already.
///
/// ```
/// use codex_testing::{AppServerHarness, Reply};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let harness = AppServerHarness::start()?;
/// harness.responses().enqueue(Reply::assistant("Hello."));
/// let codex = harness.blocking_codex()?;
/// let result = codex.thread_start().call()?.run("hi").call()?;
/// assert_eq!(result.final_response.as_deref(), Some("Hello."));
/// # Ok(())
/// # }
/// ```
pub struct AppServerHarness {
    responses: MockResponses,
    runtime: Runtime,
    environment: BTreeMap<OsString, OsString>,
    watch: Watch,
    allows_outbound: bool,
    // Last, so that the folders go last.
    folders: Folders,
}

/// Settings of an [`AppServerHarness`] that is about to be made.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct AppServerHarnessBuilder {
    settings: Settings,
    environment: BTreeMap<OsString, OsString>,
    runtime: RuntimeSource,
    allows_outbound: bool,
}

/// The reason why a harness could not be created.
///
/// Its `Debug` is written for people, causes included: it is what a failed `unwrap` shows.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum HarnessError {
    /// The runtime is missing or broken, or could not be installed.
    #[error(transparent)]
    Runtime(#[from] codex_runtime::Error),
    /// The extra configuration is not TOML.
    #[error("the extra configuration is not valid TOML: {reason}")]
    Config {
        /// The error of the parser.
        reason: String,
    },
    /// A folder, a file or the mock model could not be made.
    #[error("cannot {action}")]
    Io {
        /// The attempted action.
        action: String,
        /// The error of the system.
        source: std::io::Error,
    },
}

impl HarnessError {
    /// Turns an I/O error of an attempt into one of the harness.
    fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        |source| Self::Io {
            action: action.into(),
            source,
        }
    }
}

impl fmt::Debug for HarnessError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl AppServerHarness {
    /// A harness with the default settings, see [`AppServerHarness::builder`].
    ///
    /// # Errors
    ///
    /// As for [`AppServerHarnessBuilder::start`].
    pub fn start() -> Result<Self, HarnessError> {
        Self::builder().start()
    }

    /// Settings to change before the start. The defaults: the model `mock-model`, approval
    /// policy `never`, a read-only sandbox, no retries, no authentication, the pinned runtime
    /// (or the one that `CODEX_BIN` names).
    pub fn builder() -> AppServerHarnessBuilder {
        AppServerHarnessBuilder {
            settings: Settings::default(),
            environment: BTreeMap::new(),
            runtime: RuntimeSource::Auto,
            allows_outbound: false,
        }
    }

    /// The mock model.
    pub fn responses(&self) -> &MockResponses {
        &self.responses
    }

    /// The runtime.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The runtime's own folder: configuration, sessions, credentials.
    pub fn codex_home(&self) -> PathBuf {
        self.folders.codex_home()
    }

    /// The user's home folder as the runtime sees it; empty at first.
    pub fn home(&self) -> PathBuf {
        self.folders.home()
    }

    /// The folder to work in; empty at first, and no git repository.
    pub fn workspace(&self) -> PathBuf {
        self.folders.workspace()
    }

    /// The whole environment of the runtime. It replaces the caller's: start from nothing.
    pub fn environment(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.environment
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The attempts so far, of the runtime and its children, to reach beyond the loopback
    /// interface. A socket that is closed at once can be missed; a request that follows the
    /// proxies of its environment cannot.
    pub fn outbound_attempts(&self) -> Vec<OutboundAttempt> {
        self.watch.attempts()
    }

    /// The runtime's binary without arguments, in the workspace and the harness's environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.runtime.binary());
        command
            .env_clear()
            .envs(&self.environment)
            .current_dir(self.workspace());
        command
    }

    /// A command that runs a program under test as its user would, in the workspace, with the
    /// environment of the harness. A client in it starts the runtime of the harness (`CODEX_BIN`)
    /// with the mock model (`CODEX_HOME`), without a line of code for tests:
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use codex_testing::{AppServerHarness, Reply};
    ///
    /// let harness = AppServerHarness::start()?;
    /// harness.responses().enqueue(Reply::assistant("Hello."));
    /// // In an integration test of the program: `env!("CARGO_BIN_EXE_my-agent")`.
    /// let output = harness.program("target/debug/my-agent").arg("Say hello.").output()?;
    /// assert_eq!(output.stdout, b"Hello.\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(&self.environment)
            .env("CODEX_BIN", self.runtime.binary())
            .current_dir(self.workspace());
        command
    }

    /// [`AppServerHarness::command`] with the arguments of a server on standard input and
    /// output. The streams themselves are the caller's to set up; unread standard error can
    /// stall the server.
    pub fn app_server_command(&self) -> Command {
        let mut command = self.command();
        command.arg("app-server");
        command
    }
}

impl AppServerHarnessBuilder {
    /// Sets the model's name. The runtime treats some names differently; to it, `mock-model` is an
    /// unknown model with a default set of tools.
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.settings.model = name.into();
        self
    }

    /// Makes the model provider demand a login.
    pub fn requires_openai_auth(mut self) -> Self {
        self.settings.requires_openai_auth = true;
        self
    }

    /// Limits how often the runtime repeats a model request after an error status.
    pub fn request_max_retries(mut self, retries: u32) -> Self {
        self.settings.request_max_retries = retries;
        self
    }

    /// Limits how often the runtime repeats a model request whose stream broke off.
    pub fn stream_max_retries(mut self, retries: u32) -> Self {
        self.settings.stream_max_retries = retries;
        self
    }

    /// Configuration in the runtime's own format, TOML. It is merged over the harness's, table
    /// by table; of several calls the later ones win. It can undo the quiet: with plugins turned
    /// on the runtime tries to dial out, and the harness panics when it is dropped.
    pub fn config(mut self, toml: impl Into<String>) -> Self {
        self.settings.extra.push(toml.into());
        self
    }

    /// An environment variable for the runtime.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Lets the runtime and its children reach whatever they can: no proxy in their environment,
    /// and attempts are recorded only.
    pub fn allow_outbound(mut self) -> Self {
        self.allows_outbound = true;
        self
    }

    /// Selects the runtime.
    pub fn runtime(mut self, source: RuntimeSource) -> Self {
        self.runtime = source;
        self
    }

    /// Makes the folders, starts the mock model and finds the runtime. The pinned runtime is
    /// installed if it is missing, which takes a download of about 170 MB, once.
    ///
    /// # Errors
    ///
    /// [`HarnessError`], with a variant for each of these steps.
    pub fn start(self) -> Result<AppServerHarness, HarnessError> {
        let runtime = find_runtime(&self.runtime)?;
        let responses =
            MockResponses::start().map_err(HarnessError::io("start the mock model endpoint"))?;
        let config = config::render(&self.settings, &responses)?;
        let folders = Folders::create()?;
        let config_path = folders.codex_home().join("config.toml");
        std::fs::write(&config_path, config)
            .map_err(HarnessError::io(format!("write {}", config_path.display())))?;
        let watch = Watch::start(folders.root(), !self.allows_outbound)
            .map_err(HarnessError::io("observe the network"))?;
        let mut environment = environment::isolated(&folders, runtime.path_dir());
        let variables = watch.variables().into_iter();
        environment.extend(variables.map(|(name, value)| (name.into(), value.into())));
        environment.extend(self.environment);
        Ok(AppServerHarness {
            responses,
            runtime,
            environment,
            watch,
            allows_outbound: self.allows_outbound,
            folders,
        })
    }
}

fn find_runtime(source: &RuntimeSource) -> Result<Runtime, codex_runtime::Error> {
    let environment = Environment::from_process();
    let pinned = match source {
        RuntimeSource::Auto => environment.codex_bin().is_none(),
        RuntimeSource::Pinned => true,
        _ => false,
    };
    if pinned {
        let mut progress = |step: &Step| tracing::info!(?step, "installing the pinned runtime");
        Installer::new(&environment)?.install(&mut progress)
    } else {
        codex_runtime::locate(source, &environment)
    }
}

impl Drop for AppServerHarness {
    fn drop(&mut self) {
        let attempts = self.watch.finish();
        if !attempts.is_empty() && !self.allows_outbound && !std::thread::panicking() {
            let attempts: Vec<String> = attempts.iter().map(ToString::to_string).collect();
            panic!(
                "the runtime tried to leave the loopback interface: {}",
                attempts.join(", ")
            );
        }
    }
}

impl fmt::Debug for AppServerHarness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root: &Path = self.folders.root();
        formatter
            .debug_struct("AppServerHarness")
            .field("root", &root)
            .field("runtime", &self.runtime.binary())
            .field("responses", &self.responses)
            .finish_non_exhaustive()
    }
}
