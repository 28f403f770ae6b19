//! The two threads of a link: one owns the input, one the output.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::dispatcher::RequestDispatcher;
use super::ending::{Ending, Half};
use crate::connection::park;
use crate::connection::session::{DRAIN_LIMIT, DrainGuard, TransportLimits, closed_by_server};
use crate::connection::{Backpressure, Link, LinkGuard, ReaderMemory};
use crate::transport::blocking::{FrameReader, FrameWriter};
use crate::transport::{Frame, FrameBatch};

/// Reads until the input ends, then ends the link.
pub(super) fn read(
    mut reader: impl FrameReader,
    link: &Link,
    dispatcher: &RequestDispatcher,
    limits: TransportLimits,
    drain_guard: Option<DrainGuard>,
    ending: &Arc<Ending>,
) {
    let _ended = ending.at_work(Half::Reader);
    let _guard = LinkGuard::new(link, "reads");
    let _hook = ending.begin_at_end(link);
    let error = read_all(&mut reader, link, dispatcher, limits).err();
    if let Some(error) = &error {
        tracing::warn!(%error, "reading failed");
    }
    let is_ours = error
        .as_ref()
        .is_some_and(|error| error.kind() == io::ErrorKind::InvalidData);
    if drain_guard.is_some() && !is_ours {
        // The exit of the process has more information; it ends the link.
        drop(drain_guard);
        if is_closed_within(link, DRAIN_LIMIT) {
            return;
        }
    }
    link.lose(closed_by_server(error.as_ref()));
}

fn read_all(
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
        let more = reader.read(&mut batch)?;
        for frames in batch.chunks() {
            if link.deliver(frames, &mut memory) {
                dispatcher.start();
            }
            wait_for_subscribers(link, &mut backpressure);
        }
        batch.check()?;
        if !more {
            return Ok(());
        }
        park::forever(|context| link.poll_replies_read(context));
    }
}

/// Waits for reading subscribers to drain their queues.
fn wait_for_subscribers(link: &Link, backpressure: &mut Backpressure) {
    let Some(pressure) = link.pressure() else {
        return;
    };
    let begin = Instant::now();
    let end = begin.checked_add(backpressure.allows(pressure));
    let uncongested = park::until(end, |context| link.poll_uncongested(context));
    if uncongested.is_none() {
        link.stop_waiting();
    }
    backpressure.spend(begin.elapsed());
}

fn is_closed_within(link: &Link, limit: Duration) -> bool {
    let mut closed = link.until_ended();
    let end = Instant::now().checked_add(limit);
    park::until(end, |context| closed.poll(context)).is_some()
}

/// Writes until the link has ended and everything sent before is out.
pub(super) fn write(
    mut writer: impl FrameWriter,
    link: &Link,
    limits: TransportLimits,
    ending: &Arc<Ending>,
) {
    let _ended = ending.at_work(Half::Writer);
    let _guard = LinkGuard::new(link, "writes");
    writer.set_write_timeout(limits.write);
    let written = write_all(&mut writer, link, limits);
    link.writer_ended();
    match written {
        Ok(()) => {
            if let Err(error) = writer.close() {
                tracing::debug!(%error, "closing failed");
            }
        }
        // No frame can follow an incomplete one.
        Err(error) => {
            tracing::debug!(%error, "writing failed");
            ending.interrupt(Half::Writer);
        }
    }
}

fn write_all(
    writer: &mut impl FrameWriter,
    link: &Link,
    limits: TransportLimits,
) -> io::Result<()> {
    let mut frames = Vec::new();
    while park::forever(|context| link.poll_outgoing(context, &mut frames)) {
        let bytes = frames.iter().map(Frame::len).sum();
        match writer.write(&frames) {
            Ok(()) => frames.clear(),
            Err(error) if is_timeout(&error) => {
                let error = limits.not_read(bytes);
                link.lose(closed_by_server(Some(&error)));
                return Err(error);
            }
            Err(error) => {
                // The reader detects the end of the link as well, with more information,
                // unless the other side has only stopped reading.
                if !is_closed_within(link, 2 * DRAIN_LIMIT) {
                    link.lose(closed_by_server(Some(&error)));
                }
                return Err(error);
            }
        }
    }
    Ok(())
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
