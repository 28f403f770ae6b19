//! From settings to a connected, initialized client.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::answering::Answering;
use super::ending::Ending;
use super::{AnyHandler, Client, Handlers, drive};
use crate::blocking::ServerRequestHandler;
use crate::connection::park::block_on;
use crate::connection::session::{Drained, Session};
use crate::connection::settings::{Settings, shared_setters};
use crate::error::Error;
use crate::nonblocking;
use crate::process::Launch;
use crate::transport::blocking::{FrameReader, FrameWriter, LineReader, LineWriter};

/// Collects what a [`Client`] has to know before it connects.
///
/// ```
/// use codex_client::{Launch, blocking::Client};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let harness = codex_testing::AppServerHarness::start()?;
/// let launch = Launch::new();
/// # let launch = harness.launch();
/// let client = Client::builder()
///     .client_info("my-tool", "1.2.3")
///     .spawn(&launch)?;
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
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] when there is no runtime or not the right one, [`Error::Start`], and
    /// what [`ClientBuilder::connect`] may return. The process is ended then.
    pub fn spawn(self, launch: &Launch) -> Result<Client, Error> {
        let (session, pipes, drained) = Session::launch(self.settings, launch)?;
        let reader = LineReader::new(pipes.stdout);
        let writer = LineWriter::new(pipes.stdin);
        start(session, self.handler, reader, writer, Some(drained))
    }

    /// Connects over any transport and initializes the connection. When it is closed and the
    /// server does not end it, the threads are interrupted after the shutdown grace, if the
    /// transport [knows how](FrameReader::interrupter).
    ///
    /// # Errors
    ///
    /// What a request may return: the server may refuse to be initialized, not answer, or
    /// close the connection. [`Error::Runtime`] when its version is refused.
    pub fn connect(
        self,
        reader: impl FrameReader,
        writer: impl FrameWriter,
    ) -> Result<Client, Error> {
        start(
            Session::new(self.settings),
            self.handler,
            reader,
            writer,
            None,
        )
    }

    /// Connects to a running server and initializes the connection. Dropping the client ends
    /// the connection, and nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], [`Error::Timeout`] when it takes longer than a request may, and
    /// what [`ClientBuilder::connect`] may return.
    #[cfg(feature = "websocket-blocking")]
    pub fn connect_to(self, endpoint: &crate::transport::Endpoint) -> Result<Client, Error> {
        let (reader, writer) = endpoint.connect_blocking(self.settings.call.deadline)?;
        self.connect(reader, writer)
    }
}

fn start(
    session: Session,
    handler: Arc<dyn AnyHandler>,
    reader: impl FrameReader,
    writer: impl FrameWriter,
    drained: Option<Drained>,
) -> Result<Client, Error> {
    let session = Arc::new(session);
    start_threads(&session, handler, reader, writer, drained).map_err(|error| Error::Connect {
        endpoint: "the server".to_owned(),
        problem: format!("no thread: {error}"),
    })?;
    let client = nonblocking::Client::new(session);
    block_on(client.handshake())?;
    Ok(Client(client))
}

fn start_threads(
    session: &Arc<Session>,
    handler: Arc<dyn AnyHandler>,
    reader: impl FrameReader,
    writer: impl FrameWriter,
    drained: Option<Drained>,
) -> io::Result<()> {
    #[cfg(feature = "record")]
    let (reader, writer) =
        crate::transport::recording::tap(session.settings.recorder.as_ref(), reader, writer);
    let limits = session.settings.transport_limits();
    let ending = Ending::new(reader.interrupter(), writer.interrupter(), limits.linger);
    let connection = Arc::clone(&session.connection);
    let writers = Arc::clone(&ending);
    drive::spawn("codex-writer", move || {
        drive::write(writer, &connection, limits, &writers);
    })?;
    let connection = Arc::clone(&session.connection);
    let answering = Answering {
        handler,
        connection: Arc::clone(&connection),
        session: Arc::downgrade(session),
        is_timed: Arc::default(),
    };
    drive::spawn("codex-reader", move || {
        drive::read(reader, &connection, &answering, limits, drained, &ending);
    })
}
