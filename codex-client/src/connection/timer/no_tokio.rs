//! Stands for `tokio_timer` without the async API: nothing but a parked thread polls.

use std::task::{Context, Poll};
use std::time::Instant;

/// A sleep that nothing polls.
#[derive(Debug, Default)]
pub(super) struct Sleep(());

impl Sleep {
    #[expect(clippy::unused_self, reason = "tokio's has state")]
    pub(super) fn poll_until(&mut self, _: Instant, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

/// The current time.
pub(super) fn now() -> Instant {
    Instant::now()
}
