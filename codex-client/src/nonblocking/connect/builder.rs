//! From options to a connected, initialized client.

use std::sync::Arc;

use super::handler::erased;
use super::transport::Transport;
use crate::connection::settings::Settings;
use crate::connection::supervisor::{Boxed, Connector as _, supervise};
use crate::driver::Links;
use crate::driver::tasks::Handler;
use crate::error::Error;
use crate::generated::nonblocking::handlers::ServerRequestHandler;
use crate::generated::nonblocking::handlers::closures::Handlers;
use crate::nonblocking::client::Client;
use crate::nonblocking::codex::Codex;
use crate::process::Launch;
use crate::shared::builder::Builder;

/// Collects the options of a [`Client`]; see [`Builder`].
pub type ClientBuilder = Builder<Client, ApiOptions>;

/// Collects the options of a [`Codex`]; see [`Builder`].
pub type CodexBuilder = Builder<Codex, ApiOptions>;

/// The options whose types are those of the async API.
pub struct ApiOptions {
    handler: Arc<Handler>,
    transport: Option<Transport>,
}

impl std::fmt::Debug for ApiOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

impl Client {
    /// Returns a builder of a connection.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

impl Codex {
    /// Returns a builder that starts the pinned runtime.
    pub fn builder() -> CodexBuilder {
        CodexBuilder::default()
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
    /// Dropping the client then only ends the connection.
    pub fn transport(mut self, transport: impl Into<Transport>) -> Self {
        self.api.transport = Some(transport.into());
        self
    }

    /// Starts the runtime, unless there is a transport, connects to it and initializes the
    /// connection. Must be called within a tokio runtime with its time enabled, and its I/O unless
    /// the transport needs none.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] if there is no runtime or only one with another version,
    /// [`Error::Start`], [`Error::Connect`], and the errors of a request: the server may reject the
    /// initialization, not respond, or close the connection. A started process is ended then, as it
    /// is when the future is dropped.
    pub async fn build(self) -> Result<T, Error> {
        let connecting = connected(self.settings, self.launch, self.api);
        connecting.await.map(T::from)
    }
}

/// Connects a client. What is awaited is compiled by the program that awaits it, unless it is boxed
/// here: every program connects.
fn connected(
    settings: Settings,
    launch: Launch,
    options: ApiOptions,
) -> Boxed<'static, Result<Client, Error>> {
    Box::pin(async move {
        let transport = options.transport.map(|transport| transport.0);
        let (session, links) = Links::new(settings, launch, options.handler, transport)?;
        links.connect(links.first.link.clone()).await?;
        let client = Client::new(session);
        client.handshake().await?;
        if let Some((state, policy)) = links.supervision() {
            tokio::spawn(supervise(state, links, policy));
        }
        Ok(client)
    })
}
