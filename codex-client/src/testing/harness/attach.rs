//! Clients of the runtime in a harness.
//!
//! Settings beyond the defaults are the builders' business: they take [`AppServerHarness::launch`].

use super::AppServerHarness;
use crate::{Error, Launch};

impl AppServerHarness {
    /// How to start the runtime as a client's server, for [`ClientBuilder::spawn`] and its
    /// relatives. The environment starts from nothing, as that of
    /// [`AppServerHarness::command`] does.
    ///
    /// [`ClientBuilder::spawn`]: crate::ClientBuilder::spawn
    pub fn launch(&self) -> Launch {
        Launch::new()
            .binary(self.runtime.binary())
            .cwd(self.workspace())
            .env_clear()
            .envs(self.environment())
    }

    /// A new runtime with an async client, set up with the defaults.
    ///
    /// ```no_run
    /// # async fn check() -> Result<(), Box<dyn std::error::Error>> {
    /// use codex_client::testing::AppServerHarness;
    ///
    /// let harness = AppServerHarness::start()?;
    /// let client = harness.client().await?;
    /// client.close().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`ClientBuilder::spawn`](crate::ClientBuilder::spawn).
    #[cfg(feature = "async")]
    pub async fn client(&self) -> Result<crate::Client, Error> {
        crate::Client::builder().spawn(&self.launch()).await
    }

    /// A new runtime with a blocking client, set up with the defaults.
    ///
    /// # Errors
    ///
    /// As for [`ClientBuilder::spawn`](crate::blocking::ClientBuilder::spawn).
    #[cfg(feature = "blocking")]
    pub fn blocking_client(&self) -> Result<crate::blocking::Client, Error> {
        crate::blocking::Client::builder().spawn(&self.launch())
    }
}
