//! From options to a connected, initialized client.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use codex_runtime::child::ChildPipes;

use super::dispatcher::RequestDispatcher;
use super::ending::Ending;
use super::{AnyHandler, Client, Handlers, drive};
use crate::blocking::{Codex, ServerRequestHandler};
use crate::connection::park::block_on;
use crate::connection::session::{DrainGuard, Session};
use crate::connection::settings::Settings;
use crate::error::Error;
use crate::nonblocking;
use crate::process::Launch;
use crate::shared::builder::Builder;
#[cfg(unix)]
use crate::transport::blocking::Pipe;
use crate::transport::blocking::{FrameReader, FrameWriter, LineReader, LineWriter};

/// Collects the options of a [`Client`]; see [`Builder`].
pub type ClientBuilder = Builder<Client, ApiOptions>;

/// Collects the options of a [`Codex`]; see [`Builder`].
pub type CodexBuilder = Builder<Codex, ApiOptions>;

/// The options whose types are those of the blocking API.
pub struct ApiOptions {
    handler: Arc<dyn AnyHandler>,
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
            handler: Arc::new(Handlers::new()),
            transport: None,
        }
    }
}

impl<T: From<Client>> Builder<T, ApiOptions> {
    /// Sets the handler of the server's requests, such as approvals. Without one, commands and
    /// file changes are declined, and everything else is refused. One that decides about approvals
    /// is asked by the threads that are started afterward, see
    /// [`ApprovalMode`](crate::ApprovalMode).
    pub fn handler(mut self, handler: impl ServerRequestHandler) -> Self {
        self.settings.asks_client = handler.decides_approvals();
        self.api.handler = Arc::new(handler);
        self
    }

    /// Connects over this instead of starting the runtime: an
    /// [`Endpoint`](crate::transport::Endpoint), or a pair of a reader and a writer of frames.
    /// Dropping the client then ends the connection, and nothing else. When the server does not end
    /// it, too, the threads are interrupted after the shutdown grace, if the transport
    /// [knows how](FrameReader::interrupter).
    pub fn transport(mut self, transport: impl Into<Transport>) -> Self {
        self.api.transport = Some(transport.into());
        self
    }

    /// Starts the runtime, unless there is a transport, connects to it and initializes the
    /// connection.
    ///
    /// # Errors
    ///
    /// [`Error::Runtime`] when there is no runtime or not the right one, [`Error::Start`],
    /// [`Error::Connect`], and what a request may return: the server may refuse to be
    /// initialized, not answer, or close the connection. A process that was started is ended then.
    pub fn build(self) -> Result<T, Error> {
        let ApiOptions { handler, transport } = self.api;
        let starter = Starter {
            settings: self.settings,
            handler,
        };
        let client = match transport {
            Some(transport) => (transport.0)(starter)?,
            None => starter.spawn(&self.launch)?,
        };
        block_on(client.0.handshake())?;
        Ok(T::from(client))
    }
}

/// A way to a server that is running already: a pair of a [`FrameReader`] and a [`FrameWriter`], or
/// an [`Endpoint`](crate::transport::Endpoint).
pub struct Transport(Box<dyn FnOnce(Starter) -> Result<Client, Error> + Send>);

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl<R: FrameReader, W: FrameWriter> From<(R, W)> for Transport {
    fn from((reader, writer): (R, W)) -> Self {
        Self(Box::new(move |starter| starter.connect(reader, writer)))
    }
}

/// Connecting may take as long as a request.
#[cfg(feature = "websocket-blocking")]
impl From<crate::transport::Endpoint> for Transport {
    fn from(endpoint: crate::transport::Endpoint) -> Self {
        Self(Box::new(move |starter| {
            let (reader, writer) = endpoint.connect_blocking(starter.settings.call.deadline)?;
            starter.connect(reader, writer)
        }))
    }
}

#[cfg(feature = "websocket-blocking")]
impl From<&crate::transport::Endpoint> for Transport {
    fn from(endpoint: &crate::transport::Endpoint) -> Self {
        endpoint.clone().into()
    }
}

/// The options, once it is known how to connect.
struct Starter {
    settings: Settings,
    handler: Arc<dyn AnyHandler>,
}

impl Starter {
    fn spawn(self, launch: &Launch) -> Result<Client, Error> {
        let limit = self.settings.write_timeout;
        let (session, pipes, drain_guard) = Session::launch(self.settings, launch)?;
        let (reader, writer) = lines(pipes, limit).map_err(|error| Error::Connect {
            endpoint: "the pipes of the runtime".to_owned(),
            problem: error.to_string(),
        })?;
        start(session, self.handler, reader, writer, Some(drain_guard))
    }

    fn connect(self, reader: impl FrameReader, writer: impl FrameWriter) -> Result<Client, Error> {
        let session = Session::new(self.settings);
        start(session, self.handler, reader, writer, None)
    }
}

/// Lines over the pipes of a process, which can be interrupted, and are not written to forever.
#[cfg(unix)]
fn lines(
    pipes: ChildPipes,
    limit: Option<Duration>,
) -> io::Result<(impl FrameReader, impl FrameWriter)> {
    let (stdout, mut stdin) = (Pipe::new(pipes.stdout)?, Pipe::new(pipes.stdin)?);
    stdin.set_limit(limit);
    let (reads, writes) = (stdout.interrupter(), stdin.interrupter());
    Ok((
        LineReader::new(stdout).with_interrupter(reads),
        LineWriter::new(stdin).with_interrupter(writes),
    ))
}

/// Lines over the pipes of a process.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "fails elsewhere")]
fn lines(
    pipes: ChildPipes,
    _limit: Option<Duration>,
) -> io::Result<(impl FrameReader, impl FrameWriter)> {
    Ok((LineReader::new(pipes.stdout), LineWriter::new(pipes.stdin)))
}

fn start(
    session: Session,
    handler: Arc<dyn AnyHandler>,
    reader: impl FrameReader,
    writer: impl FrameWriter,
    drain_guard: Option<DrainGuard>,
) -> Result<Client, Error> {
    let session = Arc::new(session);
    start_threads(&session, handler, reader, writer, drain_guard).map_err(|error| {
        Error::Connect {
            endpoint: "the server".to_owned(),
            problem: format!("no thread: {error}"),
        }
    })?;
    Ok(Client(nonblocking::Client::new(session)))
}

fn start_threads(
    session: &Arc<Session>,
    handler: Arc<dyn AnyHandler>,
    reader: impl FrameReader,
    writer: impl FrameWriter,
    drain_guard: Option<DrainGuard>,
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
    let dispatcher = RequestDispatcher {
        handler,
        connection: Arc::clone(&connection),
        session: Arc::downgrade(session),
        is_timed: Arc::default(),
    };
    drive::spawn("codex-reader", move || {
        drive::read(
            reader,
            &connection,
            &dispatcher,
            limits,
            drain_guard,
            &ending,
        );
    })
}
