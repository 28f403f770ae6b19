//! From settings to a running Codex.

use std::path::PathBuf;
use std::time::Duration;

use codex_runtime::{RuntimeSource, VersionPolicy};

use super::ClientBuilder;
use crate::connection::settings::CallOptions;
use crate::error::Error;
use crate::generated::nonblocking::handlers::ServerRequestHandler;
use crate::nonblocking::client::Client;
use crate::nonblocking::codex::Codex;
use crate::process::{Launch, ShutdownGrace};
use crate::shared::codex_builder::codex_builder;
use crate::transport::{FrameReader, FrameWriter};

/// Collects what a [`Codex`] has to know before it is started.
///
/// ```
/// use codex_client::Codex;
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let harness = codex_testing::AppServerHarness::start()?;
/// let codex = Codex::builder()
/// #   .launch(harness.launch())
///     .client_info("my-agent", "1.2.3")
///     .config("model_reasoning_effort=\"high\"")
///     .cwd("src")
///     .deadline(Duration::from_secs(20))
///     .build()
///     .await?;
/// # assert!(codex.server_info().unwrap().user_agent.starts_with("my-agent/"));
/// # let thread = codex.thread_start().await?;
/// # let settings = thread.settings().unwrap();
/// # assert_eq!(settings.reasoning_effort.as_ref().unwrap().as_str(), "high");
/// # assert!(std::path::Path::new(settings.cwd.as_str()).ends_with("src"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
#[must_use = "nothing is started until `build` is awaited"]
pub struct CodexBuilder {
    client: ClientBuilder,
    launch: Launch,
    call: CallOptions,
}

codex_builder!();

impl Codex {
    /// Prepares to start the pinned runtime.
    pub fn builder() -> CodexBuilder {
        CodexBuilder::default()
    }
}

impl CodexBuilder {
    /// Starts the runtime and connects to it through its pipes. Must be called within a tokio
    /// runtime with its I/O and time enabled.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] when there is no runtime or not the right one, [`Error::Start`], and
    /// what [`CodexBuilder::connect`] may return. The process is ended then, as it is when the
    /// future is dropped.
    pub async fn build(self) -> Result<Codex, Error> {
        let client = self.client.call_options(self.call);
        client.spawn(&self.launch).await.map(Codex::from_client)
    }

    /// Connects to a running server over any transport; what is said about how to start one is
    /// ignored.
    ///
    /// # Errors
    ///
    /// What a request may return: the server may refuse to be initialized, not answer, or
    /// close the connection.
    pub async fn connect(
        self,
        reader: impl FrameReader,
        writer: impl FrameWriter,
    ) -> Result<Codex, Error> {
        let client = self.client.call_options(self.call);
        let client: Client = client.connect(reader, writer).await?;
        Ok(Codex::from_client(client))
    }

    /// Connects to a running server by its address; what is said about how to start one is
    /// ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`] when nobody answers there, and what [`CodexBuilder::connect`] may
    /// return.
    #[cfg(feature = "websocket")]
    pub async fn connect_to(self, endpoint: &crate::transport::Endpoint) -> Result<Codex, Error> {
        let client = self.client.call_options(self.call);
        client.connect_to(endpoint).await.map(Codex::from_client)
    }
}
