//! The threads of a connection: one reads, one writes, and each handler has its own.

use std::io;
use std::sync::Arc;

use codex_types::ServerRequest;

use super::{Context, LinkPlace};
use crate::connection::park;
use crate::connection::session::DrainGuard;
use crate::engine::Response;
use crate::error::Error;
use crate::transport::blocking::{FrameReader, FrameWriter};
use crate::transport::tap;
use dispatcher::RequestDispatcher;
use ending::Ending;
pub(crate) use links::Function;

mod dispatcher;
mod drive;
mod ending;
mod links;

/// Handles a request of the server.
pub(crate) type Handler = dyn Fn(ServerRequest, Context) -> Response + Send + Sync;

/// Starts the threads of a link.
pub(crate) fn start(
    place: LinkPlace,
    handler: Arc<Handler>,
    reader: impl FrameReader,
    writer: impl FrameWriter,
    drain_guard: Option<DrainGuard>,
) -> Result<(), Error> {
    let started = start_threads(place, handler, reader, writer, drain_guard);
    started.map_err(|error| no_thread(&error))
}

/// Runs a future on a thread of its own, without an async runtime.
pub(crate) fn run(
    name: &str,
    future: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    spawn(name, move || park::block_on(future)).map_err(|error| no_thread(&error))
}

fn no_thread(error: &io::Error) -> Error {
    Error::Connect {
        endpoint: "the server".to_owned(),
        problem: format!("no thread: {error}"),
    }
}

fn start_threads(
    place: LinkPlace,
    handler: Arc<Handler>,
    reader: impl FrameReader,
    writer: impl FrameWriter,
    drain_guard: Option<DrainGuard>,
) -> io::Result<()> {
    let LinkPlace {
        link,
        state,
        session,
    } = place;
    let (reader, writer) = tap(state.settings.recorder.as_ref(), reader, writer);
    let limits = state.settings.transport_limits();
    let ending = Ending::new(reader.interrupter(), writer.interrupter(), limits.linger);
    let dispatcher = RequestDispatcher {
        handler,
        connection: Arc::clone(&link.connection),
        session,
        is_timed: Arc::default(),
    };
    dispatcher.start_for_released();
    let (written, writers) = (link.clone(), Arc::clone(&ending));
    spawn("codex-writer", move || {
        drive::write(writer, &written, limits, &writers);
    })?;
    spawn("codex-reader", move || {
        drive::read(reader, &link, &dispatcher, limits, drain_guard, &ending);
    })
}

/// Starts a thread of a connection.
fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    park::spawn(name, Box::new(run))
}
