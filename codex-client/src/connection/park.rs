//! Waiting on the thread one is on, for what is polled elsewhere.
//!
//! The blocking face's whole idea of time: a deadline, and a thread that sleeps until it is
//! woken or the deadline has come.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

struct ThreadWaker(Thread);

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

thread_local! {
    static WAKER: Waker = Waker::from(Arc::new(ThreadWaker(thread::current())));
}

/// Polls until there is a result, or until the deadline: then `None`.
pub(crate) fn until<T>(
    deadline: Option<Instant>,
    mut poll: impl FnMut(&Context<'_>) -> Poll<T>,
) -> Option<T> {
    let waker = WAKER.with(Waker::clone);
    let context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(result) = poll(&context) {
            return Some(result);
        }
        match deadline {
            None => thread::park(),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return None;
                }
                thread::park_timeout(left);
            }
        }
    }
}

/// Polls until there is a result, however long it takes.
#[cfg(feature = "blocking")]
pub(crate) fn forever<T>(mut poll: impl FnMut(&Context<'_>) -> Poll<T>) -> T {
    loop {
        if let Some(result) = until(None, &mut poll) {
            return result;
        }
    }
}
