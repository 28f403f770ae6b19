//! Cancelling what another thread waits for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Cancels requests and turns from another thread. Clones share it; once cancelled, it stays so.
///
/// ```
/// use codex_client::blocking::Cancellation;
/// use codex_client::types::TurnStatus;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Gate, Reply};
/// # let harness = AppServerHarness::start()?;
/// # let gate = Gate::new();
/// # harness.responses().enqueue(Reply::streaming(["Well"]).gate(&gate));
/// # let thread = harness.blocking_codex()?.thread_start().call()?;
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
///     .call()?;
/// if result.status == TurnStatus::Interrupted {
///     println!("stopped");
/// }
/// # assert_eq!(result.status, TurnStatus::Interrupted);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Flag);

impl Cancellation {
    /// Nothing is cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every request that is made with this, now or later, fail with
    /// [`Error::Cancelled`](crate::Error::Cancelled), and interrupts every turn that is. A
    /// request that was sent may still be carried out.
    pub fn cancel(&self) {
        self.0.raise();
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_raised()
    }

    pub(super) fn poll_cancelled(&self, context: &Context<'_>) -> Poll<()> {
        self.0.poll_raised(context)
    }
}

/// Something that happens once, and whom it wakes.
#[derive(Clone, Debug, Default)]
pub(super) struct Flag(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    raised: bool,
    waiters: Vec<Waker>,
}

impl Flag {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn raise(&self) {
        let mut state = self.lock();
        state.raised = true;
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        waiters.into_iter().for_each(Waker::wake);
    }

    pub(super) fn is_raised(&self) -> bool {
        self.lock().raised
    }

    pub(super) fn poll_raised(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.raised {
            return Poll::Ready(());
        }
        let waker = context.waker();
        if !state.waiters.iter().any(|known| known.will_wake(waker)) {
            state.waiters.push(waker.clone());
        }
        Poll::Pending
    }
}
