//! Clients of the runtime in a harness.
//!
//! Settings beyond the defaults are the builders' business: they take [`AppServerHarness::launch`].

use super::AppServerHarness;
use codex_client::{Error, Launch};

impl AppServerHarness {
    /// Returns the launch options of the runtime, for the builders of clients. The
    /// environment starts empty, as that of [`AppServerHarness::command`] does.
    pub fn launch(&self) -> Launch {
        Launch::new()
            .binary(self.runtime.binary())
            .cwd(self.workspace())
            .env_clear()
            .envs(self.environment())
    }

    /// A new runtime with everything on top of it, set up with the defaults; the async API.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use codex_testing::{AppServerHarness, Reply};
    ///
    /// let harness = AppServerHarness::start()?;
    /// harness.responses().enqueue(Reply::assistant("Hello."));
    /// let codex = harness.codex().await?;
    /// let result = codex.thread_start().await?.run("hi").await?;
    /// assert_eq!(result.final_response.as_deref(), Some("Hello."));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`CodexBuilder::build`](codex_client::CodexBuilder::build).
    pub async fn codex(&self) -> Result<codex_client::Codex, Error> {
        codex_client::Codex::builder()
            .launch(self.launch())
            .build()
            .await
    }

    /// A new runtime with everything on top of it, set up with the defaults; the blocking API.
    ///
    /// # Errors
    ///
    /// As for [`CodexBuilder::build`](codex_client::blocking::CodexBuilder::build).
    pub fn blocking_codex(&self) -> Result<codex_client::blocking::Codex, Error> {
        let builder = codex_client::blocking::Codex::builder();
        builder.launch(self.launch()).build()
    }

    /// A new runtime with an async client, set up with the defaults.
    ///
    /// # Errors
    ///
    /// As for [`Builder::build`](codex_client::Builder::build).
    pub async fn client(&self) -> Result<codex_client::Client, Error> {
        codex_client::Client::builder()
            .launch(self.launch())
            .build()
            .await
    }

    /// A new runtime with a blocking client, set up with the defaults.
    ///
    /// # Errors
    ///
    /// As for `build` of [`codex_client::blocking::ClientBuilder`].
    pub fn blocking_client(&self) -> Result<codex_client::blocking::Client, Error> {
        codex_client::blocking::Client::builder()
            .launch(self.launch())
            .build()
    }

    /// A runner of `codex exec` in the workspace, with the environment of
    /// [`AppServerHarness::launch`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use codex_testing::{AppServerHarness, Reply};
    ///
    /// let harness = AppServerHarness::start()?;
    /// harness.responses().enqueue(Reply::assistant("Hello."));
    /// let run = harness.exec_runner().build()?.run("hi");
    /// let completed = run.completed().await.unwrap();
    /// assert_eq!(completed.answer.as_deref(), Some("Hello."));
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "exec")]
    pub fn exec_runner(&self) -> codex_exec::ExecRunnerBuilder {
        let binary = self.runtime.binary().into();
        codex_exec::ExecRunner::builder()
            .runtime(codex_runtime::RuntimeSource::Binary(binary))
            .cwd(self.workspace())
            .env_clear()
            .envs(self.environment())
    }
}
