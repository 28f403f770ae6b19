//! A timer that works with either executor.
//!
//! The first poll decides: on a thread that runs [`park::block_on`] the deadline is registered
//! there, anywhere else it is tokio's timer. A later poll may come from the other executor.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::park;

#[cfg_attr(not(feature = "async"), path = "timer/no_tokio.rs")]
mod tokio_timer;

/// A timer with a deadline. A deadline beyond the range of the clock never passes.
#[derive(Debug)]
pub(crate) struct Timer {
    deadline: Option<Instant>,
    sleep: tokio_timer::Sleep,
}

impl Timer {
    /// Creates a timer that passes after this time; `None` for never.
    pub(crate) fn after(limit: Option<Duration>) -> Self {
        Self::since(now(), limit)
    }

    /// Creates a timer that passes this time after an instant.
    pub(crate) fn since(start: Instant, limit: Option<Duration>) -> Self {
        Self {
            deadline: limit.and_then(|limit| start.checked_add(limit)),
            sleep: tokio_timer::Sleep::default(),
        }
    }

    /// Ready once the deadline has come.
    pub(crate) fn poll_passed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        if park::wake_at(deadline) {
            return if Instant::now() >= deadline {
                Poll::Ready(())
            } else {
                Poll::Pending
            };
        }
        self.sleep.poll_until(deadline, context)
    }
}

/// The current time, by the clock of the executor: tokio's can be paused in tests.
pub(crate) fn now() -> Instant {
    if park::is_active() {
        return Instant::now();
    }
    tokio_timer::now()
}

/// Waits for this time.
pub(crate) async fn sleep(limit: Duration) {
    let mut timer = Timer::after(Some(limit));
    poll_fn(|context| timer.poll_passed(context)).await;
}

/// Runs a future for at most this time; `None` if it did not complete in time.
pub(crate) async fn within<F: Future>(limit: Option<Duration>, future: F) -> Option<F::Output> {
    let (mut timer, mut future) = (None, pin!(future));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        // What is there already counts: a subscription may only have paused.
        Poll::Pending => timer
            .get_or_insert_with(|| Timer::after(limit))
            .poll_passed(context)
            .map(|()| match future.as_mut().poll(context) {
                Poll::Ready(output) => Some(output),
                Poll::Pending => None,
            }),
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::{Duration, Instant};

    use super::{Timer, now, sleep, within};
    use crate::connection::park::block_on;

    #[test]
    fn parked_thread_wakes_at_earliest_deadline() {
        let begin = Instant::now();
        let inner = within(Some(Duration::from_millis(20)), pending::<()>());
        let outer = block_on(within(Some(Duration::from_secs(600)), inner));
        assert_eq!(outer, Some(None));
        assert!(begin.elapsed() >= Duration::from_millis(20));
    }

    #[test]
    fn farthest_deadline_never_passes() {
        for limit in [Duration::MAX, Duration::MAX / 2] {
            let both = async {
                let short = sleep(Duration::from_millis(1));
                within(Some(limit), short).await
            };
            assert_eq!(block_on(both), Some(()));
        }
        assert!(Timer::since(now(), Some(Duration::MAX)).deadline.is_none());
    }

    #[test]
    fn nested_call_keeps_outer_deadline() {
        let nested = async {
            block_on(sleep(Duration::from_millis(1)));
            pending::<()>().await;
        };
        let limit = Some(Duration::from_millis(20));
        assert_eq!(block_on(within(limit, nested)), None);
    }
}
