//! Background work that continues after its caller has stopped waiting, such as interrupting a turn
//! whose handle was dropped.
//!
//! One thread for a whole connection, while there is work: it needs no async runtime, so that no
//! work is lost without one, or when one ends. Only work that was woken is polled, so that the cost
//! of much work grows with its amount.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use super::park;
use works::Works;

mod works;

/// A future to complete in the background.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The background work of one connection.
#[derive(Clone, Default)]
pub(crate) struct Detached(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Work that the thread has not picked up yet.
    queue: Vec<Work>,
    /// The numbers of the works that were woken.
    woken: Vec<u64>,
    /// Wakes the thread; set while it runs and waits.
    thread: Option<Waker>,
    running: bool,
    last: Option<Last>,
}

/// The end of all work.
struct Last {
    /// The time at which unfinished work is given up; `None` for never.
    deadline: Option<Instant>,
    /// Is run after the last work.
    then: Box<dyn FnOnce() + Send>,
}

impl std::fmt::Debug for Detached {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let running = self.lock().running;
        formatter
            .debug_struct("Detached")
            .field("running", &running)
            .finish_non_exhaustive()
    }
}

impl Detached {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completes the future in the background, and drops it then.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut state = self.lock();
        state.queue.push(Box::pin(work));
        if !std::mem::replace(&mut state.running, true) {
            drop(state);
            self.start();
        } else if let Some(thread) = state.thread.take() {
            drop(state);
            thread.wake();
        }
    }

    /// Runs `then` once all work is done, at the latest after this time: what is unfinished then is
    /// given up. At once if there is no work.
    pub(crate) fn end(&self, limit: Duration, then: impl FnOnce() + Send + 'static) {
        let mut state = self.lock();
        if !state.running {
            drop(state);
            return then();
        }
        state.last = Some(Last {
            deadline: Instant::now().checked_add(limit),
            then: Box::new(then),
        });
        let thread = state.thread.take();
        drop(state);
        if let Some(thread) = thread {
            thread.wake();
        }
    }

    /// Wakes the thread for a work; a waker may outlive it.
    fn wake(&self, work: u64) {
        let mut state = self.lock();
        if !state.running {
            return;
        }
        state.woken.push(work);
        let thread = state.thread.take();
        drop(state);
        if let Some(thread) = thread {
            thread.wake();
        }
    }

    /// Number of pending works, and whether a thread runs.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        let state = self.lock();
        state.queue.len() + state.woken.len() + usize::from(state.running)
    }

    fn start(&self) {
        let detached = self.clone();
        let run = move || park::block_on(detached.run());
        if let Err(error) = park::spawn("codex-detached", Box::new(run)) {
            tracing::warn!(%error, "could not start a thread for background work: its requests are sent, and their responses ignored");
            let mut state = self.lock();
            let queue = std::mem::take(&mut state.queue);
            drop(state);
            for mut work in queue {
                let _ = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            }
            let last = self.lock().stop();
            last.into_iter().for_each(Last::run);
        }
    }

    /// Runs until all work is done.
    async fn run(self) {
        let _guard = PanicGuard(self.clone());
        let mut works = Works::default();
        poll_fn(|context| self.poll(&mut works, context)).await;
    }

    fn poll(&self, works: &mut Works, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut state = self.lock();
            let (new, woken) = (
                std::mem::take(&mut state.queue),
                std::mem::take(&mut state.woken),
            );
            let deadline = state.last.as_ref().and_then(|last| last.deadline);
            let is_late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
            let is_over = new.is_empty() && works.is_empty();
            if is_over || is_late {
                // Under the same lock: what is spawned from now on starts another thread.
                let last = state.stop();
                drop(state);
                *works = Works::default();
                drop(new);
                last.into_iter().for_each(Last::run);
                return Poll::Ready(());
            }
            if new.is_empty() && woken.is_empty() && !works.has_due() {
                state.thread = Some(context.waker().clone());
                drop(state);
                for deadline in [deadline, works.deadline()].into_iter().flatten() {
                    park::wake_at(deadline);
                }
                return Poll::Pending;
            }
            drop(state);
            // Without the lock: dropping completed work may spawn more.
            works.add(new, self);
            for number in woken {
                works.poll(number);
            }
            works.poll_due();
        }
    }
}

impl State {
    /// Marks the thread as ended, and returns what waits for that.
    fn stop(&mut self) -> Option<Last> {
        self.running = false;
        self.woken = Vec::new();
        self.last.take()
    }
}

impl Last {
    fn run(self) {
        (self.then)();
    }
}

/// Ends what waits for the end of all work if the thread panics.
struct PanicGuard(Detached);

impl Drop for PanicGuard {
    fn drop(&mut self) {
        if thread::panicking() {
            let last = self.0.lock().stop();
            last.into_iter().for_each(Last::run);
        }
    }
}

#[cfg(test)]
mod tests;
