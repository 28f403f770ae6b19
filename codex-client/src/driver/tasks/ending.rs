//! The end of a link's tasks: both have a grace period after the close, and are stopped after it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::time::sleep;

use super::task_waker::TaskWaker;
use crate::connection::Link;

/// Runs the work of a task, at most until the grace period of the other side is over; `None` then.
pub(super) async fn until_overdue<T>(
    link: &Link,
    grace: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let (mut overdue, mut work) = (pin!(overdue(link, grace)), pin!(work));
    let alarm = Alarm::new();
    let waker = Waker::from(Arc::clone(&alarm));
    poll_fn(|context| {
        if let Poll::Ready(output) = work.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        if !alarm.take(context.waker()) {
            return Poll::Pending;
        }
        let mut context = Context::from_waker(&waker);
        overdue.as_mut().poll(&mut context).map(|()| None)
    })
    .await
}

async fn overdue(link: &Link, grace: Duration) {
    closed(link).await;
    sleep(grace).await;
}

/// Waits until the link has ended.
pub(super) async fn closed(link: &Link) {
    let mut closed = link.until_ended();
    poll_fn(|context| closed.poll(context)).await;
}

/// Tells whether a future that shares a task with another one was woken, so that it is not polled for
/// each progress of the other.
struct Alarm {
    /// True if it has not been polled since it was woken, or at all.
    has_rung: AtomicBool,
    task: TaskWaker,
}

impl Alarm {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            has_rung: AtomicBool::new(true),
            task: TaskWaker::default(),
        })
    }

    /// Returns whether the future has to be polled. The task is woken otherwise once it has to be.
    fn take(&self, task: &Waker) -> bool {
        self.task.register(task);
        // Not before: a wake meanwhile reaches this task.
        self.has_rung.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.has_rung.store(true, Ordering::Release);
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::sync::Arc;
    use std::task::{Poll, Waker};
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::{Alarm, until_overdue};
    use crate::connection::settings::Settings;
    use crate::connection::{Connection, Link};
    use crate::error::{CloseReason, Closed};

    const GRACE: Duration = Duration::from_millis(50);

    fn link() -> Link {
        Link::present(&Connection::new(Settings::default().limits(), None))
    }

    fn end(link: &Link) {
        link.lose(Closed::new(CloseReason::ByServer));
    }

    #[tokio::test]
    async fn work_is_stopped_after_the_grace_period() {
        let (link, begin) = (link(), Instant::now());
        let closing = link.clone();
        tokio::spawn(async move {
            sleep(GRACE).await;
            end(&closing);
        });
        let stopped = until_overdue(&link, GRACE, pending::<()>()).await;
        assert_eq!(stopped, None);
        assert!(begin.elapsed() >= 2 * GRACE);
    }

    #[tokio::test]
    async fn progress_of_the_work_does_not_hide_the_end() {
        let (link, mut polls) = (link(), 0);
        // Each poll wakes its own task, and the end comes between two of them.
        let busy = poll_fn(|context| {
            polls += 1;
            if polls == 10 {
                end(&link);
            }
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        assert_eq!(until_overdue(&link, Duration::ZERO, busy).await, None);
    }

    #[test]
    fn a_future_is_polled_first_and_whenever_it_was_woken() {
        let alarm = Alarm::new();
        let take = || alarm.take(Waker::noop());
        assert_eq!([take(), take()], [true, false]);
        Waker::from(Arc::clone(&alarm)).wake();
        assert_eq!([take(), take()], [true, false]);
    }

    #[tokio::test]
    async fn work_that_ends_is_not_waited_for() {
        let link = link();
        end(&link);
        assert_eq!(until_overdue(&link, GRACE, async { 7 }).await, Some(7));
    }
}
