//! The two tasks of a link: one owns the input, one the output.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use tokio::time::{Instant, timeout};

use super::dispatcher::RequestDispatcher;
use super::ending::{closed, until_overdue};
use super::writing::Writing;
use crate::connection::session::{
    DRAIN_LIMIT, DrainGuard, TransportLimits, closed_by_server, leaves_end_to_exit,
};
use crate::connection::timer::within;
use crate::connection::{Backpressure, Link, LinkGuard, ReaderMemory};
use crate::transport::{Frame, FrameBatch, FrameReader, FrameWriter};

/// Number of frames after which subscribers run before the next read: what they use is in the cache,
/// and a runtime with several threads mostly lets them run on this one.
const FEW: usize = 32;

/// Reads until the input ends, then ends the link.
pub(super) async fn read(
    mut reader: impl FrameReader,
    link: Link,
    dispatcher: RequestDispatcher,
    limits: TransportLimits,
    mut drain_guard: Option<DrainGuard>,
) {
    let _guard = LinkGuard::new(&link, "reads");
    let reading = read_all(&mut reader, &link, &dispatcher, limits);
    let Some(read) = until_overdue(&link, limits.linger, reading).await else {
        // The grace period of the other side is over.
        return;
    };
    let error = read.err();
    let is_left = leaves_end_to_exit(&mut drain_guard, error.as_ref());
    if is_left && timeout(DRAIN_LIMIT, closed(&link)).await.is_ok() {
        return;
    }
    link.lose(closed_by_server(error.as_ref()));
}

async fn read_all(
    reader: &mut impl FrameReader,
    link: &Link,
    dispatcher: &RequestDispatcher,
    limits: TransportLimits,
) -> io::Result<()> {
    let mut batch = FrameBatch::with_limit(limits.message);
    let mut memory = ReaderMemory::default();
    let mut backpressure = Backpressure::new(limits.backpressure);
    loop {
        batch.clear();
        let more = reader.read(&mut batch).await?;
        while let Some(frames) = batch.next_chunk() {
            if link.deliver(frames, &mut memory) {
                dispatcher.start();
            }
            wait_for_subscribers(link, &mut backpressure).await;
        }
        if batch.len() > FEW {
            tokio::task::yield_now().await;
        }
        batch.check()?;
        if !more {
            return Ok(());
        }
        poll_fn(|context| link.poll_replies_read(context)).await;
    }
}

/// Waits for reading subscribers to drain their queues.
async fn wait_for_subscribers(link: &Link, backpressure: &mut Backpressure) {
    let Some(pressure) = link.pressure() else {
        return;
    };
    // On a single-threaded runtime no subscriber could read otherwise.
    tokio::task::yield_now().await;
    let (begin, allowed) = (Instant::now(), backpressure.allows(pressure));
    let uncongested = poll_fn(|context| link.poll_uncongested(context));
    if timeout(allowed, uncongested).await.is_err() {
        link.stop_waiting();
    }
    backpressure.spend(begin.elapsed());
}

/// Writes until the link has ended and everything sent before is out.
pub(super) async fn write(
    mut writer: impl FrameWriter,
    writing: Arc<Writing>,
    limits: TransportLimits,
) {
    let link = writing.link();
    let _guard = LinkGuard::new(link, "writes");
    let pipe = writing.close_on_drop();
    let work = async {
        let ended = write_all(&mut writer, &writing, limits).await;
        link.writer_ended();
        drop(pipe);
        let closing = match ended {
            Ended::Well => writer.close().await,
            Ended::Stuck => Ok(()),
        };
        if let Err(error) = closing {
            tracing::debug!(%error, "closing failed");
        }
    };
    let written = until_overdue(link, limits.linger, work).await;
    if written.is_none() {
        tracing::debug!("the server does not read the end");
        link.writer_ended();
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
    writing: &Arc<Writing>,
    limits: TransportLimits,
) -> Ended {
    let (link, mut frames) = (writing.link(), Vec::new());
    while poll_fn(|context| writing.poll_next(context, &mut frames)).await {
        let bytes = frames.iter().map(Frame::len).sum();
        match within(limits.write(bytes), writer.write(&frames)).await {
            Some(Ok(())) => frames.clear(),
            Some(Err(error)) => {
                tracing::debug!(%error, "writing failed");
                // The reader detects the end of the link as well, with more information,
                // unless the other side has only stopped reading.
                if timeout(2 * DRAIN_LIMIT, closed(link)).await.is_err() {
                    link.lose(closed_by_server(Some(&error)));
                }
                return Ended::Well;
            }
            None => {
                link.lose(closed_by_server(Some(&limits.not_read(bytes))));
                return Ended::Stuck;
            }
        }
    }
    Ended::Well
}
