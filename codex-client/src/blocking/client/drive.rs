//! The two threads of a connection: one owns the input, one the output.

use std::io;
use std::sync::Arc;
use std::task::Context;
use std::thread;
use std::time::{Duration, Instant};

use super::answering::Answering;
use crate::connection::park;
use crate::connection::session::{DRAIN_LIMIT, Drained, PATIENCE, closed_by_server};
use crate::connection::{Connection, HandedOut};
use crate::transport::FrameBatch;
use crate::transport::blocking::{FrameReader, FrameWriter};

/// Starts a thread of a connection.
pub(in crate::blocking) fn spawn(
    name: &str,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map(drop)
}

/// Reads until the input ends, then closes the connection.
pub(super) fn read(
    mut reader: impl FrameReader,
    connection: &Arc<Connection>,
    answering: &Answering,
    drained: Option<Drained>,
) {
    let error = read_all(&mut reader, connection, answering).err();
    if let Some(error) = &error {
        tracing::warn!(%error, "reading failed");
    }
    if drained.is_some() {
        // The end of the process says more; it closes the connection.
        drop(drained);
        if park::until(after(DRAIN_LIMIT), |context| {
            connection.poll_closed(context)
        })
        .is_some()
        {
            return;
        }
    }
    connection.close(closed_by_server(error.as_ref()));
}

fn read_all(
    reader: &mut impl FrameReader,
    connection: &Connection,
    answering: &Answering,
) -> io::Result<()> {
    let mut batch = FrameBatch::new();
    let mut handed_out = HandedOut::default();
    loop {
        batch.clear();
        let more = reader.read(&mut batch)?;
        for ask in connection.deliver(&batch, &mut handed_out) {
            answering.start(ask);
        }
        if !more || connection.closed().is_some() {
            return Ok(());
        }
        let uncongested = park::until(after(PATIENCE), |context| {
            connection.poll_uncongested(context)
        });
        if uncongested.is_none() {
            connection.stop_waiting();
        }
    }
}

fn after(limit: Duration) -> Option<Instant> {
    Instant::now().checked_add(limit)
}

/// Writes until the connection is closed and everything sent before is out.
pub(super) fn write(mut writer: impl FrameWriter, connection: &Connection) {
    let mut frames = Vec::new();
    while park::forever(|context| connection.poll_outgoing(context, &mut frames)) {
        if let Err(error) = writer.write(&frames) {
            tracing::debug!(%error, "writing failed");
            // The reader sees the end of the connection, too, and knows more about it; unless
            // the other side has stopped listening only.
            let closed = |context: &Context<'_>| connection.poll_closed(context);
            if park::until(after(2 * DRAIN_LIMIT), closed).is_none() {
                connection.close(closed_by_server(Some(&error)));
            }
            break;
        }
        frames.clear();
    }
    if let Err(error) = writer.close() {
        tracing::debug!(%error, "closing failed");
    }
}
