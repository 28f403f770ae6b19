//! The blocking face of a run: an iterator, for programs without an async runtime.

use std::future::{Future, poll_fn};
use std::iter::FusedIterator;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::RunError;
use super::action::{Completed, ExecEvent};
use super::run::Run;

/// The events of one run. Lazy: the run begins when the first event is asked for; every
/// [`next`](Iterator::next) blocks until there is an event.
///
/// Dropping it ends the process and everything the process started, in the background: first
/// with `SIGINT`, then with `SIGTERM`, and after the grace period with `SIGKILL`. The session is free again when
/// the process is gone.
#[derive(Debug)]
#[must_use = "a run begins when its first event is asked for"]
pub struct ExecEvents {
    run: Run,
}

impl ExecEvents {
    pub(super) fn new(run: Run) -> Self {
        Self { run }
    }

    /// Runs to the end and gives the last event; `None` if that was given out before.
    pub fn completed(mut self) -> Option<Completed> {
        self.find_map(|event| match event {
            ExecEvent::Completed(completed) => Some(completed),
            _ => None,
        })
    }

    /// Runs to the end and gives it as a result, also when the last event was given out before.
    ///
    /// # Errors
    ///
    /// [`RunError`] if the run did not end well: its `kind` tells what can be done about it.
    pub fn finish(mut self) -> Result<Completed, RunError> {
        while self.next().is_some() {}
        self.run.result()
    }

    /// Ends the process, as dropping does, and waits until it is gone.
    pub fn cancel(mut self) {
        block_on(poll_fn(|context| self.run.poll_cancel(context)));
    }

    /// The end of what the process has printed to standard error, 16 KiB at most. It may hold
    /// secrets; no error contains it.
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

/// Wakes a future by waking the thread that waits for it.
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
            // Returns at once if the wake has come already; for no reason it costs one poll.
            Poll::Pending => thread::park(),
        }
    }
}
