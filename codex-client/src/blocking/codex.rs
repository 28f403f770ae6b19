//! A running Codex of the blocking API.

use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use codex_types::{self as types, ThreadId};

use super::{ApprovalRecords, Client, CodexBuilder, Events, Thread};
use crate::connection::cancellation::Cancellation;
use crate::connection::park::block_on;
use crate::connection::server_info::ServerInfo;
use crate::connection::settings::CallOptions;
use crate::error::{Closed, Error};
use crate::nonblocking;

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
/// Its methods return builders: set the options that differ from the defaults, then `.call()`.
/// Other parameters can be set with `with_params`, and [`Codex::client`] has every method of the
/// protocol.
///
/// When the last clone, thread, handle and stream is dropped, the runtime is ended. Use
/// [`Codex::close`] for a graceful shutdown.
#[doc(alias("agent", "app-server"))]
#[derive(Clone, Debug)]
pub struct Codex(pub(crate) nonblocking::Codex);

impl Codex {
    /// Returns a builder that starts the pinned runtime.
    pub fn builder() -> CodexBuilder {
        CodexBuilder::default()
    }

    /// Creates a Codex over a connection of any kind.
    pub fn from_client(client: Client) -> Self {
        Self(nonblocking::Codex::from_client(client.0))
    }

    /// Returns the connection, with a method for each request of the protocol.
    pub fn client(&self) -> Client {
        Client(self.0.client().clone())
    }

    /// Returns the runtime's information about itself: user agent, version, home, platform.
    pub fn server_info(&self) -> Option<Arc<ServerInfo>> {
        self.0.server_info()
    }

    /// Returns the same runtime, with other options for requests, including those of its threads
    /// and handles.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self(self.0.with_options(options))
    }

    /// Returns the same runtime, with another deadline for each request, including those of its
    /// threads and handles.
    #[doc(alias = "timeout")]
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }

    /// Returns the same runtime, with requests that another thread can cancel, and thereby with
    /// turns that it can interrupt.
    #[doc(alias("abort", "stop"))]
    #[must_use]
    pub fn with_cancellation(&self, cancellation: &Cancellation) -> Self {
        Self(self.0.with_cancellation(cancellation))
    }

    /// Returns a handle of a loaded thread, by its id; nothing is sent. A thread of an earlier
    /// process has to be resumed.
    pub fn thread(&self, id: impl Into<ThreadId>) -> Thread {
        Thread(self.0.thread(id))
    }

    /// Returns the newest thread of a folder, to resume it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`].
    #[inline]
    pub fn latest_thread(&self, cwd: impl AsRef<Path>) -> Result<Option<types::Thread>, Error> {
        block_on(self.0.latest_thread(cwd))
    }

    /// Subscribes to every event of the connection from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn events(&self) -> Result<Events, Error> {
        self.0.events().map(Events)
    }

    /// Subscribes to the records of all decisions about approvals from now on, whoever makes them: who
    /// decided what about which request, and why.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    #[doc(alias("audit", "log"))]
    pub fn approval_records(&self) -> Result<ApprovalRecords, Error> {
        self.0.approval_records().map(ApprovalRecords)
    }

    /// Returns whether the connection is closed.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Waits until the connection is closed, by either side, and returns the reason.
    #[inline]
    pub fn closed(&self) -> Arc<Closed> {
        block_on(self.0.closed())
    }

    /// Ends the runtime and waits until it has exited; see [`Client::close`].
    #[doc(alias("shutdown", "stop"))]
    #[inline]
    pub fn close(&self) -> Option<ExitStatus> {
        block_on(self.0.close())
    }
}

impl From<Client> for Codex {
    fn from(client: Client) -> Self {
        Self::from_client(client)
    }
}
