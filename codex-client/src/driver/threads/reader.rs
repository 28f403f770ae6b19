//! The thread that reads while no waiting thread does, and that ends the link.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ending::{Ending, Half};
use super::reading::Reading;
use crate::connection::park;
use crate::connection::session::{DRAIN_LIMIT, DrainGuard, closed_by_server};
use crate::connection::{Link, LinkGuard};

/// Reads until the input ends, then ends the link.
pub(super) fn run(reading: &Reading, drain_guard: Option<DrainGuard>, ending: &Arc<Ending>) {
    let link = reading.link();
    let _ended = ending.at_work(Half::Reader);
    let _guard = LinkGuard::new(link, "reads");
    let _hook = ending.begin_at_end(link);
    let error = reading.read_all().err();
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

pub(super) fn is_closed_within(link: &Link, limit: Duration) -> bool {
    let mut closed = link.until_ended();
    let end = Instant::now().checked_add(limit);
    park::until(end, |context| closed.poll(context)).is_some()
}
