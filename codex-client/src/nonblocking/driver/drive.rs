//! The two tasks of a connection: one owns the input, one the output.

use std::future::poll_fn;
use std::sync::Arc;

use super::answering::Answering;
use crate::connection::session::{DRAIN_LIMIT, Drained, PATIENCE, closed_by_server};
use crate::connection::{Connection, HandedOut};
use crate::transport::{FrameBatch, FrameReader, FrameWriter};

/// Reads until the input ends, then closes the connection.
pub(super) async fn read(
    mut reader: impl FrameReader,
    connection: Arc<Connection>,
    answering: Answering,
    drained: Option<Drained>,
) {
    let error = read_all(&mut reader, &connection, &answering).await.err();
    if let Some(error) = &error {
        tracing::warn!(%error, "reading failed");
    }
    if drained.is_some() {
        // The end of the process says more; it closes the connection.
        drop(drained);
        let closed = poll_fn(|context| connection.poll_closed(context));
        if tokio::time::timeout(DRAIN_LIMIT, closed).await.is_ok() {
            return;
        }
    }
    connection.close(closed_by_server(error.as_ref()));
}

async fn read_all(
    reader: &mut impl FrameReader,
    connection: &Connection,
    answering: &Answering,
) -> std::io::Result<()> {
    let mut batch = FrameBatch::new();
    let mut handed_out = HandedOut::default();
    loop {
        batch.clear();
        let more = reader.read(&mut batch).await?;
        for ask in connection.deliver(&batch, &mut handed_out) {
            answering.start(ask);
        }
        if !more {
            return Ok(());
        }
        let uncongested = poll_fn(|context| connection.poll_uncongested(context));
        if tokio::time::timeout(PATIENCE, uncongested).await.is_err() {
            connection.stop_waiting();
        }
    }
}

/// Writes until the connection is closed and everything sent before is out.
pub(super) async fn write(mut writer: impl FrameWriter, connection: Arc<Connection>) {
    let mut frames = Vec::new();
    while poll_fn(|context| connection.poll_outgoing(context, &mut frames)).await {
        if let Err(error) = writer.write(&frames).await {
            tracing::debug!(%error, "writing failed");
            // The reader sees the end of the connection, too, and knows more about it; unless
            // the other side has stopped listening only.
            let closed = poll_fn(|context| connection.poll_closed(context));
            if tokio::time::timeout(2 * DRAIN_LIMIT, closed).await.is_err() {
                connection.close(closed_by_server(Some(&error)));
            }
            break;
        }
        frames.clear();
    }
    if let Err(error) = writer.close().await {
        tracing::debug!(%error, "closing failed");
    }
}
