//! From settings to a connected, initialized client.

use std::fmt;
use std::sync::Arc;

use tokio::process::{ChildStdin, ChildStdout};

use super::answering::Answering;
use super::{AnyHandler, Handlers, drive};
use crate::connection::session::{Drained, Session};
use crate::connection::settings::{Settings, shared_setters};
use crate::error::Error;
use crate::generated::nonblocking::handlers::ServerRequestHandler;
use crate::nonblocking::client::Client;
use crate::process::Launch;
use crate::transport::{FrameReader, FrameWriter, LineReader, LineWriter};

/// Collects what a [`Client`] has to know before it connects.
///
/// ```
/// use codex_client::{Client, Launch};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let harness = codex_testing::AppServerHarness::start()?;
/// let launch = Launch::new();
/// # let launch = harness.launch();
/// let client = Client::builder()
///     .client_info("my-tool", "1.2.3")
///     .spawn(&launch)
///     .await?;
/// println!("{:?}", client.server_info());
/// # assert!(client.server_info().unwrap().user_agent.starts_with("my-tool/"));
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until it connects"]
pub struct ClientBuilder {
    settings: Settings,
    handler: Arc<dyn AnyHandler>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            handler: Arc::new(Handlers::new()),
        }
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        formatter
            .debug_struct("ClientBuilder")
            .field("settings", settings)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    shared_setters!();

    /// Who answers the server's requests. By default nobody: commands and file changes are
    /// declined, and everything else is refused.
    pub fn handler(mut self, handler: impl ServerRequestHandler) -> Self {
        self.handler = Arc::new(handler);
        self
    }

    /// Starts the runtime, connects to it through its pipes, and initializes the connection.
    /// Must be called within a tokio runtime with its I/O and time enabled.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] when there is no runtime or not the right one, [`Error::Start`], and
    /// what [`ClientBuilder::connect`] may return. The process is ended then.
    pub async fn spawn(self, launch: &Launch) -> Result<Client, Error> {
        let (session, pipes, drained) = Session::launch(self.settings.clone(), launch)?;
        let adopt = || -> std::io::Result<_> {
            let reader = LineReader::new(ChildStdout::from_std(pipes.stdout)?);
            let writer = LineWriter::new(ChildStdin::from_std(pipes.stdin)?);
            Ok((reader, writer))
        };
        let (reader, writer) = adopt().map_err(|error| Error::Connect {
            endpoint: "the pipes of the runtime".to_owned(),
            problem: error.to_string(),
        })?;
        let client = self.start(session, reader, writer, Some(drained));
        client.handshake().await?;
        Ok(client)
    }

    /// Connects over any transport and initializes the connection. Must be called within a
    /// tokio runtime with its time enabled.
    ///
    /// # Errors
    ///
    /// What a request may return: the server may refuse to be initialized, not answer, or
    /// close the connection. [`Error::Runtime`] when its version is refused.
    pub async fn connect(
        self,
        reader: impl FrameReader,
        writer: impl FrameWriter,
    ) -> Result<Client, Error> {
        let session = Session::new(self.settings.clone());
        let client = self.start(session, reader, writer, None);
        client.handshake().await?;
        Ok(client)
    }

    /// Connects to a running server and initializes the connection. Dropping the client ends
    /// the connection, and nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], [`Error::Timeout`] when it takes longer than a request may, and
    /// what [`ClientBuilder::connect`] may return.
    #[cfg(feature = "websocket")]
    pub async fn connect_to(self, endpoint: &crate::transport::Endpoint) -> Result<Client, Error> {
        let connecting = endpoint.connect_limited(self.settings.max_message_size);
        let (reader, writer) = match self.settings.call.deadline {
            None => connecting.await?,
            Some(after) => {
                let connected = tokio::time::timeout(after, connecting).await;
                connected.map_err(|_| Error::Timeout {
                    method: "connect".to_owned(),
                    after,
                })??
            }
        };
        self.connect(reader, writer).await
    }

    fn start(
        self,
        session: Session,
        reader: impl FrameReader,
        writer: impl FrameWriter,
        drained: Option<Drained>,
    ) -> Client {
        #[cfg(feature = "record")]
        let (reader, writer) =
            crate::transport::recording::tap(self.settings.recorder.as_ref(), reader, writer);
        let session = Arc::new(session);
        let connection = Arc::clone(&session.connection);
        let limits = self.settings.transport_limits();
        tokio::spawn(drive::write(writer, Arc::clone(&connection), limits));
        let answering = Answering {
            handler: self.handler,
            connection: Arc::clone(&connection),
            session: Arc::downgrade(&session),
            is_timed: Arc::default(),
        };
        let reading = drive::read(reader, connection, answering, limits, drained);
        let reading = tokio::spawn(reading);
        // There is no other yet.
        let _ = session
            .reader
            .set(Box::new(AbortOnDrop(reading.abort_handle())));
        Client::new(session)
    }
}

/// A reader that waits for a peer that has nothing to say would wait forever.
#[derive(Debug)]
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Client {
    /// Prepares a connection.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}
