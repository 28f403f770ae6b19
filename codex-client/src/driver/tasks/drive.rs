//! The two tasks of a connection: one owns the input, one the output.

use std::future::{Future, poll_fn};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::dispatcher::RequestDispatcher;
use crate::connection::session::{DRAIN_LIMIT, DrainGuard, TransportLimits, closed_by_server};
use crate::connection::{Backpressure, CloseGuard, Connection, ReaderMemory};
use crate::transport::{FrameBatch, FrameReader, FrameWriter};

/// Reads until the input ends, then closes the connection.
pub(super) async fn read(
    mut reader: impl FrameReader,
    connection: Arc<Connection>,
    dispatcher: RequestDispatcher,
    limits: TransportLimits,
    drain_guard: Option<DrainGuard>,
) {
    let _guard = CloseGuard::new(&connection, "reads");
    let reading = read_all(&mut reader, &connection, &dispatcher, limits);
    let error = tokio::select! {
        read = reading => read.err(),
        // The grace period of the other side is over.
        () = closed_for(&connection, limits.linger) => return,
    };
    if let Some(error) = &error {
        tracing::warn!(%error, "reading failed");
    }
    let is_ours = error
        .as_ref()
        .is_some_and(|error| error.kind() == io::ErrorKind::InvalidData);
    if drain_guard.is_some() && !is_ours {
        // The exit of the process has more information; it closes the connection.
        drop(drain_guard);
        if timeout(DRAIN_LIMIT, closed(&connection)).await.is_ok() {
            return;
        }
    }
    connection.close(closed_by_server(error.as_ref()));
}

async fn read_all(
    reader: &mut impl FrameReader,
    connection: &Connection,
    dispatcher: &RequestDispatcher,
    limits: TransportLimits,
) -> io::Result<()> {
    let mut batch = FrameBatch::with_limit(limits.message);
    let mut memory = ReaderMemory::default();
    let mut backpressure = Backpressure::new(limits.backpressure);
    loop {
        batch.clear();
        let more = reader.read(&mut batch).await?;
        for frames in batch.chunks() {
            if connection.deliver(frames, &mut memory) {
                dispatcher.start();
            }
            wait_for_subscribers(connection, &mut backpressure).await;
        }
        batch.check()?;
        if !more {
            return Ok(());
        }
        poll_fn(|context| connection.poll_replies_read(context)).await;
    }
}

/// Waits for reading subscribers to drain their queues.
async fn wait_for_subscribers(connection: &Connection, backpressure: &mut Backpressure) {
    let Some(pressure) = connection.pressure() else {
        return;
    };
    // On a single-threaded runtime no subscriber could read otherwise.
    tokio::task::yield_now().await;
    let (begin, allowed) = (Instant::now(), backpressure.allows(pressure));
    let uncongested = poll_fn(|context| connection.poll_uncongested(context));
    if timeout(allowed, uncongested).await.is_err() {
        connection.stop_waiting();
    }
    backpressure.spend(begin.elapsed());
}

async fn closed(connection: &Arc<Connection>) {
    let mut closed = connection.until_closed();
    poll_fn(|context| closed.poll(context)).await;
}

/// Waits until this time after the close.
async fn closed_for(connection: &Arc<Connection>, limit: Duration) {
    closed(connection).await;
    sleep(limit).await;
}

/// Writes until the connection is closed and everything sent before is out.
pub(super) async fn write(
    mut writer: impl FrameWriter,
    connection: Arc<Connection>,
    limits: TransportLimits,
) {
    let _guard = CloseGuard::new(&connection, "writes");
    let writing = async {
        let ended = write_all(&mut writer, &connection, limits).await;
        connection.writer_ended();
        let closing = match ended {
            Ended::Well => writer.close().await,
            Ended::Stuck => Ok(()),
        };
        if let Err(error) = closing {
            tracing::debug!(%error, "closing failed");
        }
    };
    tokio::select! {
        () = writing => {}
        () = closed_for(&connection, limits.linger) => {
            tracing::debug!("the server does not read the end");
            connection.writer_ended();
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Well,
    /// The last write never completed, so no frame can follow it.
    Stuck,
}

async fn write_all(
    writer: &mut impl FrameWriter,
    connection: &Arc<Connection>,
    limits: TransportLimits,
) -> Ended {
    let mut frames = Vec::new();
    while poll_fn(|context| connection.poll_outgoing(context, &mut frames)).await {
        let bytes = frames.iter().map(String::len).sum();
        match limited(limits.write(bytes), writer.write(&frames)).await {
            Some(Ok(())) => frames.clear(),
            Some(Err(error)) => {
                tracing::debug!(%error, "writing failed");
                // The reader detects the end of the connection as well, with more information,
                // unless the other side has only stopped reading.
                if timeout(2 * DRAIN_LIMIT, closed(connection)).await.is_err() {
                    connection.close(closed_by_server(Some(&error)));
                }
                return Ended::Well;
            }
            None => {
                connection.close(closed_by_server(Some(&limits.not_read(bytes))));
                return Ended::Stuck;
            }
        }
    }
    Ended::Well
}

async fn limited<T>(limit: Option<Duration>, future: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => timeout(limit, future).await.ok(),
        None => Some(future.await),
    }
}
