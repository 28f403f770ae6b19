//! A value that can be waited on, by threads and by tasks alike.
//!
//! Does not know what the value means.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// A wait of the testing kit that ran out of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("waited {after:?} for {what}")]
#[non_exhaustive]
pub struct TimedOut {
    /// The awaited condition, and the progress so far.
    pub what: String,
    /// The duration of the wait.
    pub after: Duration,
}

/// A value behind a lock whose every change wakes those who wait for it.
#[derive(Debug, Default)]
pub(crate) struct Watched<T> {
    value: Mutex<T>,
    wake_threads: Condvar,
    wake_tasks: Notify,
}

impl<T> Watched<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            value: Mutex::new(value),
            wake_threads: Condvar::new(),
            wake_tasks: Notify::new(),
        }
    }

    /// Looks at the value.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the value and wakes everyone.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.lock());
        self.wake_threads.notify_all();
        self.wake_tasks.notify_waiters();
        result
    }

    /// Blocks the thread until `look` returns a value, or until `limit` has passed.
    pub(crate) fn wait<R>(
        &self,
        limit: Duration,
        mut look: impl FnMut(&T) -> Option<R>,
    ) -> Option<R> {
        let start = Instant::now();
        let mut value = self.lock();
        loop {
            if let Some(found) = look(&value) {
                return Some(found);
            }
            let left = limit.checked_sub(start.elapsed())?;
            value = self
                .wake_threads
                .wait_timeout(value, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Waits until `look` returns a value. Cancel-safe: looking changes nothing.
    pub(crate) async fn found<R>(&self, mut look: impl FnMut(&T) -> Option<R>) -> R {
        loop {
            // Registered before looking, so that no change falls between the two.
            let mut changed = std::pin::pin!(self.wake_tasks.notified());
            changed.as_mut().enable();
            if let Some(found) = self.read(&mut look) {
                return found;
            }
            changed.await;
        }
    }

    /// As [`Watched::found`], until `limit` has passed.
    pub(crate) async fn found_within<R>(
        &self,
        limit: Duration,
        look: impl FnMut(&T) -> Option<R>,
    ) -> Option<R> {
        tokio::time::timeout(limit, self.found(look)).await.ok()
    }

    /// A panic elsewhere does not make the value wrong: every change is a single step.
    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
