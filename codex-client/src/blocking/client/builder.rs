//! From options to a connected, initialized client.

use std::fmt;
use std::sync::Arc;

use super::handler::erased;
use super::{Client, Handlers, Transport};
use crate::blocking::{Codex, ServerRequestHandler};
use crate::connection::park::block_on;
use crate::connection::settings::Settings;
use crate::connection::supervisor::{Connector as _, supervise};
use crate::driver::Links;
use crate::driver::threads::{self, Handler};
use crate::error::Error;
use crate::process::Launch;
use crate::shared::builder::Builder;

/// Collects the options of a [`Client`]; see [`Builder`].
pub type ClientBuilder = Builder<Client, ApiOptions>;

/// Collects the options of a [`Codex`]; see [`Builder`].
pub type CodexBuilder = Builder<Codex, ApiOptions>;

/// The options whose types are those of the blocking API.
pub struct ApiOptions {
    handler: Arc<Handler>,
    transport: Option<Transport>,
}

impl fmt::Debug for ApiOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ApiOptions").finish_non_exhaustive()
    }
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            handler: erased(Handlers::new()),
            transport: None,
        }
    }
}

impl<T: From<Client>> Builder<T, ApiOptions> {
    /// Sets the handler of the server's requests, such as approvals. Without one, commands and file
    /// changes are declined, and all other requests are answered with an error response. One that
    /// decides about approvals receives those of threads that are started afterward, see
    /// [`ApprovalMode`](crate::ApprovalMode).
    pub fn handler(mut self, handler: impl ServerRequestHandler) -> Self {
        self.settings.handler_decides = handler.decides_approvals();
        self.api.handler = erased(handler);
        self
    }

    /// Connects over this transport instead of starting the runtime: an
    /// [`Endpoint`](crate::transport::Endpoint), or a pair of a reader and a writer of frames.
    /// Dropping the client then only ends the connection. If the server does not end it as well,
    /// the threads are interrupted after the shutdown grace, if the transport [supports
    /// it](crate::transport::blocking::FrameReader::interrupter).
    pub fn transport(mut self, transport: impl Into<Transport>) -> Self {
        self.api.transport = Some(transport.into());
        self
    }

    /// Starts the runtime, unless there is a transport, connects to it and initializes the
    /// connection.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] if there is no runtime or only one with another version,
    /// [`Error::Start`], [`Error::Connect`], and the errors of a request: the server may reject the
    /// initialization, not respond, or close the connection. A started process is ended then.
    #[inline]
    pub fn build(self) -> Result<T, Error> {
        connected(self.settings, self.launch, self.api).map(T::from)
    }
}

/// Connects a client. Independent of the type that is built, so that it is compiled here.
fn connected(settings: Settings, launch: Launch, options: ApiOptions) -> Result<Client, Error> {
    let transport = options.transport.map(|transport| transport.0);
    let (session, links) = Links::new(settings, launch, options.handler, transport)?;
    block_on(links.connect(links.first.link.clone()))?;
    let client = Client::new(session);
    block_on(client.0.handshake())?;
    if let Some((state, policy)) = links.supervision() {
        threads::run("codex-supervisor", supervise(state, links, policy))?;
    }
    Ok(client)
}
