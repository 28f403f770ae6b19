//! Where one starts, on the blocking face: a runtime, its threads, its models, its account.
//!
//! Knows which request stands for what; how it is sent is the client's business.

use std::process::ExitStatus;

use codex_types::ThreadId;

use super::{Client, Events, Thread};
use crate::connection::server_info::ServerInfo;
use crate::connection::settings::CallOptions;
use crate::error::Error;

mod builder;

pub use builder::CodexBuilder;

/// A running Codex. Clones share it.
///
/// ```
/// use codex_client::Sandbox;
/// use codex_client::blocking::Codex;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let configured = r#"sandbox_mode = "workspace-write""#;
/// # let harness = AppServerHarness::builder().config(configured).start()?;
/// # harness.responses().enqueue(Reply::assistant("A library."));
/// let codex = Codex::builder()
/// #   .launch(harness.launch())
///     .build()?;
/// let thread = codex.thread_start().sandbox(Sandbox::ReadOnly).call()?;
/// let result = thread.run("Describe this project.").call()?;
/// # assert_eq!(result.final_response.as_deref(), Some("A library."));
/// # let sandbox = &thread.settings().unwrap().sandbox;
/// # assert!(matches!(sandbox, codex_client::types::SandboxPolicy::ReadOnly(_)));
/// println!("{}", result.final_response.unwrap_or_default());
/// codex.close();
/// # assert!(codex.thread_start().call().unwrap_err().is_closed());
/// # Ok(())
/// # }
/// ```
///
/// Its methods give builders: set what should differ from the defaults, then `.call()`. What
/// the builders do not offer is reached with their `with_params`, and every method of the
/// protocol with [`Codex::client`].
///
/// When the last clone, thread, handle and stream is dropped, the runtime is ended;
/// [`Codex::close`] is the gentle way.
#[derive(Clone, Debug)]
pub struct Codex {
    client: Client,
}

impl Codex {
    /// Prepares to start the pinned runtime.
    pub fn builder() -> CodexBuilder {
        CodexBuilder::default()
    }

    /// Over a connection of any kind.
    pub fn from_client(client: Client) -> Self {
        Self { client }
    }

    /// The connection, with a method for each request of the protocol.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the runtime told about itself: user agent, version, home, platform.
    pub fn server_info(&self) -> Option<&ServerInfo> {
        self.client.server_info()
    }

    /// The same runtime, with requests treated in another way: their deadline, their retries.
    /// Holds for the threads and handles that come of it.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self::from_client(self.client.with_options(options))
    }

    /// A thread that this process knows already, by its id; nothing is sent. A thread of an
    /// earlier process has to be resumed.
    pub fn thread(&self, id: impl Into<ThreadId>) -> Thread {
        Thread::new(self, id.into(), None)
    }

    /// Every event of the connection from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn events(&self) -> Result<Events, Error> {
        self.client.events()
    }

    /// Ends the runtime and waits until it is gone; see [`Client::close`].
    pub fn close(&self) -> Option<ExitStatus> {
        self.client.close()
    }
}

impl From<Client> for Codex {
    fn from(client: Client) -> Self {
        Self::from_client(client)
    }
}
