//! The threads of a connection: one reads, one writes, and each handler has its own.

use std::io;
use std::sync::Arc;
use std::thread;

use codex_types::ServerRequest;

use super::Context;
use crate::connection::session::{DrainGuard, Session};
use crate::engine::Response;
use crate::error::Error;
use crate::transport::blocking::{FrameReader, FrameWriter};
use crate::transport::tap;
use dispatcher::RequestDispatcher;
use ending::Ending;

mod dispatcher;
mod drive;
mod ending;

/// Handles a request of the server.
pub(crate) type Handler = dyn Fn(ServerRequest, Context) -> Response + Send + Sync;

/// Starts the threads of a connection.
pub(crate) fn start(
    session: Session,
    handler: Arc<Handler>,
    reader: impl FrameReader,
    writer: impl FrameWriter,
    drain_guard: Option<DrainGuard>,
) -> Result<Arc<Session>, Error> {
    let session = Arc::new(session);
    let started = start_threads(&session, handler, reader, writer, drain_guard);
    started.map_err(|error| Error::Connect {
        endpoint: "the server".to_owned(),
        problem: format!("no thread: {error}"),
    })?;
    Ok(session)
}

fn start_threads(
    session: &Arc<Session>,
    handler: Arc<Handler>,
    reader: impl FrameReader,
    writer: impl FrameWriter,
    drain_guard: Option<DrainGuard>,
) -> io::Result<()> {
    let (reader, writer) = tap(session.settings.recorder.as_ref(), reader, writer);
    let limits = session.settings.transport_limits();
    let ending = Ending::new(reader.interrupter(), writer.interrupter(), limits.linger);
    let connection = Arc::clone(&session.connection);
    let dispatcher = RequestDispatcher {
        handler,
        connection: Arc::clone(&connection),
        session: Arc::downgrade(session),
        is_timed: Arc::default(),
    };
    dispatcher.start_for_released();
    let (written, writers) = (Arc::clone(&connection), Arc::clone(&ending));
    spawn("codex-writer", move || {
        drive::write(writer, &written, limits, &writers);
    })?;
    spawn("codex-reader", move || {
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

/// Starts a thread of a connection.
fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map(drop)
}
