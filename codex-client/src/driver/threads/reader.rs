//! The thread that reads while no waiting thread does, and that ends the link.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ending::{Ending, Half};
use super::reading::Reading;
use crate::connection::park;
use crate::connection::session::{DRAIN_LIMIT, DrainGuard, closed_by_server, leaves_end_to_exit};
use crate::connection::{Link, LinkGuard};

/// Reads until the input ends, then ends the link.
pub(super) fn run(reading: &Reading, mut drain_guard: Option<DrainGuard>, ending: &Arc<Ending>) {
    let link = reading.link();
    let _ended = ending.at_work(Half::Reader);
    let _guard = LinkGuard::new(link, "reads");
    let _hook = ending.begin_at_end(link);
    let error = reading.read_all().err();
    let is_left = leaves_end_to_exit(&mut drain_guard, error.as_ref());
    if is_left && is_closed_within(link, DRAIN_LIMIT) {
        return;
    }
    link.lose(closed_by_server(error.as_ref()));
}

pub(super) fn is_closed_within(link: &Link, limit: Duration) -> bool {
    let mut closed = link.until_ended();
    let end = Instant::now().checked_add(limit);
    park::until(end, |context| closed.poll(context)).is_some()
}
