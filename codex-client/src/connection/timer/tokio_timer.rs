//! Tokio's timer and clock, for whatever polls that is no parked thread.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

/// A sleep of tokio, made when it is first polled.
#[derive(Debug, Default)]
pub(super) struct Sleep(Option<Pin<Box<tokio::time::Sleep>>>);

impl Sleep {
    pub(super) fn poll_until(&mut self, deadline: Instant, context: &mut Context<'_>) -> Poll<()> {
        let sleep = || Box::pin(tokio::time::sleep_until(deadline.into()));
        self.0.get_or_insert_with(sleep).as_mut().poll(context)
    }
}

/// The current time; tokio's clock can be paused in tests.
pub(super) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::connection::park::block_on;
    use crate::connection::timer::{Timer, within};

    #[tokio::test(flavor = "current_thread")]
    async fn timer_moves_between_executors() {
        let mut timer = Timer::after(Some(Duration::from_millis(20)));
        let first = std::future::poll_fn(|context| {
            let polled = timer.poll_passed(context);
            std::task::Poll::Ready(polled)
        });
        assert!(first.await.is_pending());
        let moved = std::thread::spawn(move || {
            block_on(std::future::poll_fn(|context| timer.poll_passed(context)));
        });
        moved.join().unwrap();
        assert_eq!(within(Some(Duration::MAX), async { 1 }).await, Some(1));
    }
}
