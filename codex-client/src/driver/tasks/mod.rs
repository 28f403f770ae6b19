//! The tasks of a connection: one reads, one writes, and each handler has its own.

use std::pin::Pin;
use std::sync::Arc;

use codex_types::ServerRequest;

use super::Context;
use crate::connection::session::{DrainGuard, Session};
use crate::engine::Response;
use crate::transport::{FrameReader, FrameWriter, tap};
use dispatcher::RequestDispatcher;

mod dispatcher;
mod drive;

/// A response in the making.
pub(crate) type BoxedReply = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Handles a request of the server.
pub(crate) type Handler = dyn Fn(ServerRequest, Context) -> BoxedReply + Send + Sync;

/// Starts the tasks of a connection.
pub(crate) fn start(
    session: Session,
    handler: Arc<Handler>,
    reader: impl FrameReader,
    writer: impl FrameWriter,
    drain_guard: Option<DrainGuard>,
) -> Arc<Session> {
    let (reader, writer) = tap(session.settings.recorder.as_ref(), reader, writer);
    let session = Arc::new(session);
    let connection = Arc::clone(&session.connection);
    let limits = session.settings.transport_limits();
    tokio::spawn(drive::write(writer, Arc::clone(&connection), limits));
    let dispatcher = RequestDispatcher {
        handler,
        connection: Arc::clone(&connection),
        session: Arc::downgrade(&session),
        is_timed: Arc::default(),
    };
    dispatcher.start_for_released();
    let reading = drive::read(reader, connection, dispatcher, limits, drain_guard);
    let guard = Box::new(AbortOnDrop(tokio::spawn(reading).abort_handle()));
    // There is no other one yet.
    let _ = session.reader.set(guard);
    session
}

/// A reader that waits for a silent peer would wait forever.
#[derive(Debug)]
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
