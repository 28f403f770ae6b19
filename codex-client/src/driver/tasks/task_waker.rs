//! The waker of a task, for whoever may have to wake it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// The waker of a task that has been polled.
#[derive(Default)]
pub(super) struct TaskWaker(Mutex<Option<Waker>>);

impl TaskWaker {
    fn lock(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the waker of the present poll.
    pub(super) fn register(&self, waker: &Waker) {
        match &mut *self.lock() {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    /// Wakes the task, unless it has not been polled yet.
    pub(super) fn wake(&self) {
        // Not under the lock.
        let waker = self.lock().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
