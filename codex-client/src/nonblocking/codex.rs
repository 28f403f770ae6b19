//! The entry point: a runtime, its threads, its models, its account.
//!
//! Maps operations to requests; the client sends them.

use std::fmt;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use codex_types::{
    self as types, Method as _, SortDirection, ThreadId, ThreadListCwdFilter, ThreadListParams,
    ThreadSortKey, ThreadSourceKind, methods,
};

use crate::connection::cancellation::Cancellation;
use crate::connection::server_info::ServerInfo;
use crate::connection::settings::CallOptions;
use crate::error::{Closed, Error};
use crate::nonblocking::approval_records::ApprovalRecords;
use crate::nonblocking::client::{Client, Events};
use crate::nonblocking::thread::Thread;

/// A running Codex. Clones share it.
///
/// ```
/// use codex_client::{Codex, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let configured = r#"sandbox_mode = "workspace-write""#;
/// # let harness = AppServerHarness::builder().config(configured).start()?;
/// # harness.responses().enqueue(Reply::assistant("A library."));
/// let codex = Codex::builder()
/// #   .launch(harness.launch())
///     .build()
///     .await?;
/// let thread = codex.thread_start().sandbox(Sandbox::ReadOnly).await?;
/// let result = thread.run("Describe this project.").await?;
/// # assert_eq!(result.final_response.as_deref(), Some("A library."));
/// # let sandbox = &thread.settings().unwrap().sandbox;
/// # assert!(matches!(sandbox, codex_client::types::SandboxPolicy::ReadOnly(_)));
/// println!("{}", result.final_response.unwrap_or_default());
/// codex.close().await;
/// # assert!(codex.thread_start().await.unwrap_err().is_closed());
/// # Ok(())
/// # }
/// ```
///
/// Its methods return builders: set the options that differ from the defaults, then `.await`. Other
/// parameters can be set with `with_params`, and [`Codex::client`] has every method of the
/// protocol.
///
/// Every future may be dropped at any time: an unsent request is not sent, a sent one is carried
/// out and its response ignored.
///
/// When the last clone, thread, handle and stream is dropped, the runtime is ended. Use
/// [`Codex::close`] for a graceful shutdown.
#[doc(alias("agent", "app-server"))]
#[derive(Clone)]
pub struct Codex {
    client: Client,
}

impl fmt::Debug for Codex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Codex")
            .field("process_id", &self.client.process_id())
            .field("is_closed", &self.client.is_closed())
            .finish_non_exhaustive()
    }
}

impl Codex {
    /// Creates a Codex over a connection of any kind.
    pub fn from_client(client: Client) -> Self {
        Self { client }
    }

    /// Returns the connection, with a method for each request of the protocol.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the runtime's information about itself: user agent, version, home, platform.
    pub fn server_info(&self) -> Option<Arc<ServerInfo>> {
        self.client.server_info()
    }

    /// Returns the same runtime, with other options for requests, including those of its threads
    /// and handles.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self::from_client(self.client.with_options(options))
    }

    /// Returns the same runtime, with another deadline for each request, including those of its
    /// threads and handles.
    #[doc(alias = "timeout")]
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self::from_client(self.client.with_deadline(deadline))
    }

    /// Returns the same runtime, with requests that another task or thread can cancel, and thereby
    /// with turns that it can interrupt.
    #[doc(alias("abort", "stop"))]
    #[must_use]
    pub fn with_cancellation(&self, cancellation: &Cancellation) -> Self {
        Self::from_client(self.client.with_cancellation(cancellation))
    }

    /// Returns a handle of a loaded thread, by its id; nothing is sent. A thread of an earlier
    /// process has to be resumed.
    pub fn thread(&self, id: impl Into<ThreadId>) -> Thread {
        Thread::new(self, id.into(), None)
    }

    /// Returns the newest thread of a folder, to resume it: the one that was updated last among
    /// those that were started in exactly this folder, by any program, and are not archived. `None`
    /// if there is none. A thread that has not run yet is not stored, and sub-agents do not count.
    ///
    /// Sends `thread/list`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`]; [`Error::InvalidArgument`] if the path is no
    /// UTF-8.
    #[doc(alias("continue", "last"))]
    pub async fn latest_thread(
        &self,
        cwd: impl AsRef<Path>,
    ) -> Result<Option<types::Thread>, Error> {
        let params = latest(cwd.as_ref())?;
        let mut page = self.client.request::<methods::ThreadList>(&params).await?;
        Ok((!page.data.is_empty()).then(|| page.data.remove(0)))
    }

    /// Subscribes to every event of the connection from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn events(&self) -> Result<Events, Error> {
        self.client.events()
    }

    /// Subscribes to the records of all decisions about approvals from now on, whoever makes them: who
    /// decided what about which request, and why.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    #[doc(alias("audit", "log"))]
    pub fn approval_records(&self) -> Result<ApprovalRecords, Error> {
        ApprovalRecords::new(&self.client.session.connection)
    }

    /// Returns whether the connection is closed.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Waits until the connection is closed, by either side, and returns the reason.
    pub async fn closed(&self) -> Arc<Closed> {
        self.client.closed().await
    }

    /// Ends the runtime and waits until it has exited; see [`Client::close`].
    #[doc(alias("shutdown", "stop"))]
    pub async fn close(&self) -> Option<ExitStatus> {
        self.client.close().await
    }
}

/// The parameters that list the newest thread of a folder.
fn latest(cwd: &Path) -> Result<ThreadListParams, Error> {
    let cwd = cwd.to_str().ok_or_else(|| Error::InvalidArgument {
        method: methods::ThreadList::NAME.to_owned(),
        problem: "the folder is no UTF-8".to_owned(),
    })?;
    let own = [
        ThreadSourceKind::Cli,
        ThreadSourceKind::Vscode,
        ThreadSourceKind::Exec,
        ThreadSourceKind::AppServer,
    ];
    Ok(ThreadListParams::new()
        .cwd(ThreadListCwdFilter::from(cwd))
        .source_kinds(own)
        .sort_key(ThreadSortKey::UpdatedAt)
        .sort_direction(SortDirection::Desc)
        .limit(1_u32))
}

impl From<Client> for Codex {
    fn from(client: Client) -> Self {
        Self::from_client(client)
    }
}
