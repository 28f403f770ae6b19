//! The threads of a connection: one reads, one writes, and each handler has its own. A thread that
//! waits for the connection does the work of the first two where it can.

use std::io;
use std::sync::{Arc, Weak};

use codex_types::ServerRequest;

use super::{Context, LinkPlace};
use crate::connection::park;
use crate::connection::session::DrainGuard;
use crate::engine::Response;
use crate::error::Error;
use crate::transport::blocking::{FrameReader, FrameWriter, Ready};
use crate::transport::tap;
use dispatcher::RequestDispatcher;
use ending::Ending;
use input::Input;
pub(crate) use links::Function;
use reading::Reading;
use writing::Writing;

mod dispatcher;
mod ending;
mod input;
mod links;
mod reader;
mod reading;
mod writing;

/// Handles a request of the server.
pub(crate) type Handler = dyn Fn(ServerRequest, Context) -> Response + Send + Sync;

/// The transport of a link, and its readiness if it can be waited for.
pub(crate) struct Transport<R, W> {
    pub(crate) reader: R,
    pub(crate) writer: W,
    pub(crate) ready: Option<Ready>,
}

/// Starts the threads of a link.
pub(crate) fn start(
    place: LinkPlace,
    handler: Arc<Handler>,
    transport: Transport<impl FrameReader, impl FrameWriter>,
    drain_guard: Option<DrainGuard>,
) -> Result<(), Error> {
    let started = start_threads(place, handler, transport, drain_guard);
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
    transport: Transport<impl FrameReader, impl FrameWriter>,
    drain_guard: Option<DrainGuard>,
) -> io::Result<()> {
    let LinkPlace {
        link,
        state,
        session,
    } = place;
    let recorder = state.settings.recorder.as_ref();
    let (reader, writer) = tap(recorder, transport.reader, transport.writer);
    let (input_ready, output_ready) = transport
        .ready
        .map(|ready| (ready.input, ready.output))
        .unzip();
    let limits = state.settings.transport_limits();
    let ending = Ending::new(reader.interrupter(), writer.interrupter(), limits.linger);
    let dispatcher = RequestDispatcher {
        handler,
        connection: Arc::clone(&link.connection),
        session,
        is_timed: Arc::default(),
    };
    dispatcher.start_for_released();
    let writing = Writing::new(link.clone(), writer, output_ready);
    let input = Input::new(reader, input_ready, limits);
    let reading = Arc::new(Reading::new(link.clone(), dispatcher, input)?);
    let offered: Weak<Reading> = Arc::downgrade(&reading);
    link.offer(offered);
    let writers = Arc::clone(&ending);
    spawn("codex-writer", move || writing.run(limits, &writers))?;
    spawn("codex-reader", move || {
        reader::run(&reading, drain_guard, &ending);
    })
}

/// Starts a thread of a connection.
fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    park::spawn(name, Box::new(run))
}
