//! A value that a thread leaves for a future.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A place for one value, and for the waker of the future that waits for it. Clones share the place.
pub struct Handover<T>(Arc<Mutex<Place<T>>>);

struct Place<T> {
    value: Option<T>,
    waiter: Option<Waker>,
}

impl<T> Handover<T> {
    /// Creates an empty place.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Place {
            value: None,
            waiter: None,
        })))
    }

    /// Leaves a value, and wakes the future that waits for it.
    pub fn put(&self, value: T) {
        let mut place = self.lock();
        place.value = Some(value);
        let waiter = place.waiter.take();
        // Waking runs foreign code.
        drop(place);
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    /// Takes the value, once it is there; the last waker is kept until then.
    pub fn poll(&self, context: &Context<'_>) -> Poll<T> {
        let mut place = self.lock();
        if let Some(value) = place.value.take() {
            return Poll::Ready(value);
        }
        let old = place.waiter.replace(context.waker().clone());
        drop(place);
        drop(old);
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Place<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Handover<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Handover<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Handover<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_full = self.lock().value.is_some();
        formatter
            .debug_struct("Handover")
            .field("is_full", &is_full)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn the_last_waiter_is_woken_once_and_gets_the_value() {
        let counts = [Arc::new(Count::default()), Arc::new(Count::default())];
        let wakers = counts.clone().map(Waker::from);
        let place = Handover::new();
        for waker in &wakers {
            assert!(place.poll(&Context::from_waker(waker)).is_pending());
        }
        place.clone().put(7);
        assert_eq!(counts.map(|it| it.0.load(Ordering::SeqCst)), [0, 1]);
        let context = Context::from_waker(&wakers[0]);
        assert_eq!(place.poll(&context), Poll::Ready(7));
        assert!(place.poll(&context).is_pending());
    }
}
