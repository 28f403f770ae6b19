//! The blocking API of a run: an iterator, for programs without an async runtime.

use std::future::{Future, poll_fn};
use std::iter::FusedIterator;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::RunError;
use super::action::{Completed, ExecEvent};
use super::run::Run;

/// The events of one run. Lazy: the run starts with the first call of [`next`](Iterator::next),
/// which blocks until there is an event.
///
/// Dropping it ends the process and everything the process started, in the background: with
/// `SIGINT`, then `SIGTERM`, and after the grace period with `SIGKILL`. The session is released
/// when the process has exited.
#[derive(Debug)]
#[must_use = "a run begins when its first event is asked for"]
pub struct ExecEvents {
    run: Run,
}

impl ExecEvents {
    pub(super) fn new(run: Run) -> Self {
        Self { run }
    }

    /// Runs to the end and returns the last event; `None` if it was already returned.
    pub fn completed(mut self) -> Option<Completed> {
        self.find_map(|event| match event {
            ExecEvent::Completed(completed) => Some(completed),
            _ => None,
        })
    }

    /// Runs to the end and returns the result, even if the last event was already returned.
    ///
    /// # Errors
    ///
    /// Returns [`RunError`] if the run did not succeed: its `kind` shows the possible remedies.
    pub fn finish(mut self) -> Result<Completed, RunError> {
        while self.next().is_some() {}
        self.run.result()
    }

    /// Ends the process, as dropping does, and waits until it has exited.
    #[doc(alias("abort", "stop"))]
    pub fn cancel(mut self) {
        block_on(poll_fn(|context| self.run.poll_cancel(context)));
    }

    /// The tail of the process's stderr, at most 16 KiB. It may contain secrets; no error contains
    /// it.
    pub fn stderr_tail(&self) -> String {
        self.run.stderr_tail()
    }
}

impl Iterator for ExecEvents {
    type Item = ExecEvent;

    fn next(&mut self) -> Option<ExecEvent> {
        block_on(poll_fn(|context| self.run.poll_next(context)))
    }
}

impl FusedIterator for ExecEvents {}

/// Wakes a future by waking its waiting thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            // Returns at once if the wake came already; a spurious return costs one poll.
            Poll::Pending => thread::park(),
        }
    }
}
