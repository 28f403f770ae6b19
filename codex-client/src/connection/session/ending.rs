//! The end of a link: who finds its reason, the reader or the exit of the process.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use codex_runtime::child::ChildWatch;

use crate::connection::Link;
use crate::error::{CloseReason, Closed};
use crate::transport::ClosedWithCode;

/// Signals, when it is dropped, that all output of the process was read.
#[derive(Debug)]
pub(crate) struct DrainGuard(#[expect(dead_code, reason = "its drop is the message")] Sender<()>);

/// Time limit for reading the remaining output of an ended process, because a descendant may keep
/// it open; and for the exit of a process after the end of its output.
pub(crate) const DRAIN_LIMIT: Duration = Duration::from_millis(500);

/// A guard, and where its signal arrives.
pub(super) fn drain() -> (DrainGuard, Receiver<()>) {
    let (sender, receiver) = channel();
    (DrainGuard(sender), receiver)
}

/// Runs on the process's thread: waits for its last output, then ends the link.
pub(super) fn lose_after_exit(link: &Link, watch: &ChildWatch, drained: &Receiver<()>) {
    // Disconnected is the normal case; a timeout means that another process keeps the output open.
    let _ = drained.recv_timeout(DRAIN_LIMIT);
    link.lose(Closed {
        reason: CloseReason::ByServer,
        exit_status: watch.exit_status(),
        stderr_tail: watch.final_stderr_tail(),
    });
}

/// Returns whether the end of reading is left to the exit of the process, which has more information
/// and ends the link: not without a process, nor for an error that the client itself detects. Signals
/// then that all output was read.
pub(crate) fn leaves_end_to_exit(
    guard: &mut Option<DrainGuard>,
    error: Option<&io::Error>,
) -> bool {
    if let Some(error) = error {
        tracing::warn!(%error, "reading failed");
    }
    let is_ours = error.is_some_and(|error| error.kind() == io::ErrorKind::InvalidData);
    !is_ours && guard.take().is_some()
}

/// The reason of a close that the reader detects, without a process.
pub(crate) fn closed_by_server(error: Option<&io::Error>) -> Closed {
    let Some(error) = error else {
        return Closed::new(CloseReason::ByServer);
    };
    let code = error.get_ref().and_then(|error| error.downcast_ref());
    Closed::new(match code {
        Some(ClosedWithCode { code, reason }) => CloseReason::WebSocket {
            code: *code,
            reason: reason.clone(),
        },
        None => CloseReason::Transport(format!("the transport failed: {error}")),
    })
}
