//! The builder of a runner: collects the common options of all its runs and checks them once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::{Environment, IsolatedHome, RuntimeSource};

use super::ExecRunner;
use crate::args::{self, Choices};
use crate::launch::{Schema, Setup, Surroundings};
use crate::process::Limits;
use crate::{ExecError, Retry, SessionLocks};

mod agent;
mod process;

/// Default grace period for a process to exit after it was signaled.
const STOP_GRACE: Duration = Duration::from_secs(2);

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
    home: Option<IsolatedHome>,
    retry: Option<Retry>,
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
            home: None,
            retry: None,
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

    /// Gives the runner a home of the runtime of its own, as `CODEX_HOME`, for all of its runs. It is
    /// removed with the last clone of the runner, when its processes have exited; credentials that the
    /// runtime has refreshed are written back after each run.
    pub fn isolated_home(mut self, home: IsolatedHome) -> Self {
        self.home = Some(home);
        self
    }

    /// Starts a run again that failed without an effect; never by default. The pause and the reason
    /// are an event of the run. A deadline is that of all attempts.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
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
    /// [`ExecError::Runtime`] if no runtime was found, or the isolated home could not be created.
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
        let environment = Environment::from_process();
        let runtime = codex_runtime::locate(&self.runtime, &environment)?;
        let mut surroundings = self.surroundings.clone();
        if let Some(home) = &self.home {
            let home = home.create(&environment)?;
            surroundings.variables.set("CODEX_HOME", home.path());
            surroundings.home = Some(Arc::new(home));
        }
        Ok(ExecRunner {
            setup: Arc::new(Setup {
                runtime,
                choices: self.choices.clone(),
                surroundings,
                stop_grace: self.stop_grace,
                limits: self.limits,
                retry: self.retry.clone(),
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
