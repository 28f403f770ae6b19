//! The tasks of a connection: one reads, one writes, and each handler has its own. Whoever sends a short
//! frame writes it itself where that is possible.

use std::pin::Pin;
use std::sync::Arc;

use codex_types::ServerRequest;
use tokio::task::AbortHandle;

use super::{Context, LinkPlace};
use crate::connection::session::DrainGuard;
use crate::engine::Response;
use crate::transport::{DirectPipe, FrameReader, FrameWriter, tap};
use dispatcher::RequestDispatcher;
pub(crate) use links::{Connecting, Function};
use writing::Writing;

mod dispatcher;
mod drive;
mod ending;
mod links;
mod task_waker;
mod writing;

/// A response in the making.
pub(crate) type BoxedReply = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Handles a request of the server.
pub(crate) type Handler = dyn Fn(ServerRequest, Context) -> BoxedReply + Send + Sync;

/// The transport of a link, and a second handle of the pipe it writes to, if it is one.
pub(crate) struct Transport<R, W> {
    pub(crate) reader: R,
    pub(crate) writer: W,
    pub(crate) pipe: Option<DirectPipe>,
}

/// Starts the tasks of a link.
pub(crate) fn start(
    place: LinkPlace,
    handler: Arc<Handler>,
    transport: Transport<impl FrameReader, impl FrameWriter>,
    drain_guard: Option<DrainGuard>,
) {
    let LinkPlace {
        link,
        state,
        session,
    } = place;
    let recorder = state.settings.recorder.as_ref();
    // A recorder sees what the writer writes.
    let pipe = transport.pipe.filter(|_| recorder.is_none());
    let (reader, writer) = tap(recorder, transport.reader, transport.writer);
    let limits = state.settings.transport_limits();
    let writing = Writing::new(link.clone(), pipe);
    spawn(Box::pin(drive::write(writer, writing, limits)));
    let dispatcher = RequestDispatcher {
        handler,
        connection: Arc::clone(&link.connection),
        session,
        is_timed: Arc::default(),
    };
    dispatcher.start_for_released();
    let reading = drive::read(reader, link, dispatcher, limits, drain_guard);
    let guard = AbortOnDrop(spawn(Box::pin(reading)));
    state.attach_reader(Box::new(guard));
}

/// Spawns a task. Boxed, so that the code of tasks is compiled once.
fn spawn(task: Pin<Box<dyn Future<Output = ()> + Send>>) -> AbortHandle {
    tokio::spawn(task).abort_handle()
}

/// A reader that waits for a silent peer would wait forever.
#[derive(Debug)]
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
