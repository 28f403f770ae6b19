//! Options of the process: its environment, and the limits of its duration.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::ExecRunnerBuilder;

impl ExecRunnerBuilder {
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

    /// Sets the maximum duration of a run, from the start of its process; with
    /// [`retry`](Self::retry), of all its attempts and pauses. It is ended beyond it.
    #[doc(alias = "timeout")]
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.deadline = Some(limit);
        self
    }

    /// Sets the maximum duration without output. The run is ended beyond it.
    #[doc(alias = "timeout")]
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.limits.idle = Some(limit);
        self
    }

    /// Sets the grace period of a process that is ended: half of it after `SIGINT`, half after
    /// `SIGTERM`, then it is killed. At most one year. Default: 2 s.
    pub fn stop_grace(mut self, grace: Duration) -> Self {
        self.stop_grace = grace;
        self
    }
}
