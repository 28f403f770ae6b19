//! Background work that continues after its caller has stopped waiting, such as interrupting a turn
//! whose handle was dropped.
//!
//! One thread for a whole connection, while there is work: it needs no async runtime, so that no
//! work is lost without one, or when one ends.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use super::park;

/// A future to complete in the background.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The background work of one connection.
#[derive(Clone, Default)]
pub(crate) struct Detached(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Work that the thread has not picked up yet.
    queue: Vec<Work>,
    /// Wakes the thread; set while it runs and waits.
    thread: Option<Waker>,
    running: bool,
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
        if let Some(thread) = state.thread.take() {
            drop(state);
            thread.wake();
        } else if !std::mem::replace(&mut state.running, true) {
            drop(state);
            self.start();
        }
    }

    /// Number of pending works, and whether a thread runs.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        let state = self.lock();
        state.queue.len() + usize::from(state.running)
    }

    fn start(&self) {
        let detached = self.clone();
        let run = move || park::block_on(detached.run());
        let started = thread::Builder::new()
            .name("codex-detached".into())
            .spawn(run);
        if let Err(error) = started {
            tracing::warn!(%error, "could not start a thread for background work: its requests are sent, and their responses ignored");
            let mut state = self.lock();
            state.running = false;
            let queue = std::mem::take(&mut state.queue);
            drop(state);
            for mut work in queue {
                let _ = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            }
        }
    }

    /// Runs until all work is done.
    async fn run(self) {
        let mut all: Vec<Work> = Vec::new();
        poll_fn(|context| self.poll(&mut all, context)).await;
    }

    fn poll(&self, all: &mut Vec<Work>, context: &mut Context<'_>) -> Poll<()> {
        loop {
            all.append(&mut self.lock().queue);
            // Without the lock: dropping completed work may spawn more.
            all.retain_mut(|work| work.as_mut().poll(context).is_pending());
            let mut state = self.lock();
            if state.queue.is_empty() {
                state.running = !all.is_empty();
                state.thread = (!all.is_empty()).then(|| context.waker().clone());
                return if all.is_empty() {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::Detached;
    use crate::connection::timer::sleep;

    #[test]
    fn work_is_done_side_by_side_and_after_a_pause() {
        let detached = Detached::default();
        let (sender, receiver) = channel();
        for _ in 0..2 {
            for (name, pause) in [("slow", 40), ("fast", 1)] {
                let sender = sender.clone();
                detached.spawn(async move {
                    sleep(Duration::from_millis(pause)).await;
                    sender.send(name).unwrap();
                });
            }
            let limit = Duration::from_secs(20);
            assert_eq!(receiver.recv_timeout(limit), Ok("fast"));
            assert_eq!(receiver.recv_timeout(limit), Ok("slow"));
        }
    }

    #[test]
    fn work_may_begin_more() {
        let detached = Detached::default();
        let (sender, receiver) = channel();
        let again = detached.clone();
        detached.spawn(async move {
            again.spawn(async move { sender.send(()).unwrap() });
        });
        assert_eq!(receiver.recv_timeout(Duration::from_secs(20)), Ok(()));
    }
}
