//! Cancellation of requests and turns from another task or thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::engine::{Place, Waiters};

/// Cancels requests and turns from another task or thread. Clones share it; a cancellation is
/// permanent.
///
/// ```
/// use codex_client::Cancellation;
/// use codex_client::types::TurnStatus;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Gate, Reply};
/// # let harness = AppServerHarness::start()?;
/// # let gate = Gate::new();
/// # harness.responses().enqueue(Reply::streaming(["Well"]).gate(&gate));
/// # let thread = harness.codex().await?.thread_start().await?;
/// # let limit = std::time::Duration::from_secs(20);
/// # let wait_for_the_stop_button = move || gate.wait_reached(limit).unwrap();
/// let cancellation = Cancellation::new();
/// let button = cancellation.clone();
/// std::thread::spawn(move || {
///     wait_for_the_stop_button();
///     button.cancel();
/// });
/// let result = thread
///     .run("Fix it.")
///     .cancellation(&cancellation)
/// #   .deadline(limit)
///     .await?;
/// if result.status == TurnStatus::Interrupted {
///     println!("stopped");
/// }
/// # assert_eq!(result.status, TurnStatus::Interrupted);
/// # Ok(())
/// # }
/// ```
#[doc(alias("abort", "stop"))]
#[derive(Clone, Default)]
pub struct Cancellation(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    cancelled: bool,
    waiters: Waiters<Waker>,
}

impl Cancellation {
    /// Creates a cancellation that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every present and later request with this cancellation fail with
    /// [`Error::Cancelled`](crate::Error::Cancelled), and interrupts every such turn. A sent
    /// request may still be carried out.
    pub fn cancel(&self) {
        let mut state = self.lock();
        state.cancelled = true;
        let waiters = state.waiters.drain();
        drop(state);
        waiters.for_each(Waker::wake);
    }

    /// Returns whether [`Cancellation::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Returns a future that waits for the cancellation.
    pub(crate) fn wait(&self) -> UntilCancelled {
        UntilCancelled {
            cancellation: self.clone(),
            place: Place::default(),
        }
    }

    /// Number of waiters.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.lock().waiters.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Cancellation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Cancellation")
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

/// A waiter for a cancellation. Dropping it frees its entry, so that a cancellation that lives as
/// long as the program does not grow.
#[derive(Debug)]
pub(crate) struct UntilCancelled {
    cancellation: Cancellation,
    place: Place,
}

impl UntilCancelled {
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.cancellation.lock();
        if state.cancelled {
            return Poll::Ready(());
        }
        state.waiters.wait(&mut self.place, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for UntilCancelled {
    fn drop(&mut self) {
        self.cancellation.lock().waiters.leave(&mut self.place);
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::Cancellation;

    #[test]
    fn waiters_leave_nothing_behind() {
        let cancellation = Cancellation::new();
        let context = Context::from_waker(Waker::noop());
        let mut waiting = cancellation.wait();
        for _ in 0..3 {
            assert!(waiting.poll(&context).is_pending());
        }
        assert_eq!(cancellation.lock().waiters.len(), 1);
        drop(waiting);
        assert_eq!(cancellation.lock().waiters.len(), 0);
        cancellation.cancel();
        assert!(cancellation.wait().poll(&context).is_ready());
        assert!(cancellation.clone().is_cancelled());
    }
}
