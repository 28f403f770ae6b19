//! A thread that waits: parked, or at work that it interrupts when it is woken.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// Interrupts the work of a thread, from any other thread.
pub(crate) trait Interrupt: Send + Sync {
    /// Ends the present wait, or the next one.
    fn interrupt(&self);
}

/// Work for a thread while it waits.
pub(crate) trait Work: Send + Sync {
    /// Works, or parks if another thread does the work, until the thread is woken or its deadline
    /// has come. May return earlier.
    fn run(&self, waiting: &Waiting<'_>);
}

/// It polls, or works.
const ACTIVE: u8 = 0;
/// It was woken since its last poll has begun.
const WOKEN: u8 = 1;
/// It waits for its work, not parked.
const LISTENING: u8 = 2;

/// Parks a thread and wakes it.
pub(super) struct Parker {
    thread: Thread,
    state: AtomicU8,
    /// Set while the thread listens.
    interrupt: Mutex<Option<Arc<dyn Interrupt>>>,
}

impl Parker {
    /// The parker of the current thread.
    pub(super) fn current() -> Self {
        Self {
            thread: thread::current(),
            state: AtomicU8::new(ACTIVE),
            interrupt: Mutex::new(None),
        }
    }

    /// Begins a poll: only later wakes count from here on.
    pub(super) fn begin(&self) {
        self.state.store(ACTIVE, Ordering::SeqCst);
    }

    /// Wakes the thread, now or when it waits next.
    pub(super) fn wake(&self) {
        if self.state.swap(WOKEN, Ordering::SeqCst) == LISTENING {
            // It stays: the thread may listen again by now, and be woken again.
            if let Some(interrupt) = self.interrupt().clone() {
                interrupt.interrupt();
            }
        } else {
            self.thread.unpark();
        }
    }

    fn interrupt(&self) -> MutexGuard<'_, Option<Arc<dyn Interrupt>>> {
        self.interrupt
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        Self::wake(&self);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        Self::wake(self);
    }
}

/// The current thread, which waits until it is woken or its deadline has come.
pub(crate) struct Waiting<'a> {
    parker: &'a Arc<Parker>,
    deadline: Option<Instant>,
}

impl<'a> Waiting<'a> {
    pub(super) fn new(parker: &'a Arc<Parker>, deadline: Option<Instant>) -> Self {
        Self { parker, deadline }
    }

    /// The waker of the thread.
    pub(crate) fn waker(&self) -> Waker {
        Waker::from(Arc::clone(self.parker))
    }

    /// Returns whether the thread was woken, or its deadline has come.
    pub(crate) fn is_over(&self) -> bool {
        let is_past = |deadline| Instant::now() >= deadline;
        self.parker.state.load(Ordering::SeqCst) == WOKEN || self.deadline.is_some_and(is_past)
    }

    /// The time until the deadline, if there is one.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    /// Parks the thread. It may return earlier, like [`thread::park`].
    pub(crate) fn park(&self) {
        if self.parker.state.load(Ordering::SeqCst) == WOKEN {
            return;
        }
        match self.time_left() {
            Some(left) => thread::park_timeout(left),
            None => thread::park(),
        }
    }

    /// Runs a wait that the interrupt ends; it is not run if the thread was woken before. The
    /// interrupt may come late, after this has returned.
    pub(crate) fn listen<T>(
        &self,
        interrupt: Arc<dyn Interrupt>,
        wait: impl FnOnce() -> T,
    ) -> Option<T> {
        let (parker, order) = (self.parker, Ordering::SeqCst);
        *parker.interrupt() = Some(interrupt);
        let state = &parker.state;
        let result = match state.compare_exchange(ACTIVE, LISTENING, order, order) {
            Ok(_) => Some(wait()),
            Err(_) => None,
        };
        // A wake meanwhile stays.
        let _ = state.compare_exchange(LISTENING, ACTIVE, order, order);
        *parker.interrupt() = None;
        result
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::sync::{Mutex, PoisonError};
    use std::task::{Poll, Waker};
    use std::thread;

    use super::super::{block_on, offer};
    use super::{Interrupt, Waiting, Work};

    const WAKES: u32 = 20_000;

    /// Waits for a message that is an interrupt.
    struct Listens {
        interrupted: Mutex<Receiver<()>>,
        sender: Arc<Sender<()>>,
    }

    impl Interrupt for Sender<()> {
        fn interrupt(&self) {
            let _ = self.send(());
        }
    }

    impl Work for Listens {
        fn run(&self, waiting: &Waiting<'_>) {
            let interrupted = self.interrupted.lock();
            let interrupted = interrupted.unwrap_or_else(PoisonError::into_inner);
            let interrupt: Arc<Sender<()>> = Arc::clone(&self.sender);
            waiting.listen(interrupt, || interrupted.recv());
        }
    }

    #[test]
    fn no_wake_is_lost_at_work() {
        let (sender, interrupted): (Sender<()>, _) = channel();
        let work = Arc::new(Listens {
            interrupted: Mutex::new(interrupted),
            sender: Arc::new(sender),
        });
        let (count, wakers) = (AtomicU32::new(0), Mutex::new(None::<Waker>));
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..WAKES {
                    // The other thread has polled, and works or is going to.
                    let waker = loop {
                        if let Some(waker) = wakers.lock().unwrap().take() {
                            break waker;
                        }
                        thread::yield_now();
                    };
                    count.fetch_add(1, Ordering::SeqCst);
                    waker.wake();
                }
            });
            for number in 0..WAKES {
                block_on(poll_fn(|context| {
                    if count.load(Ordering::SeqCst) > number {
                        return Poll::Ready(());
                    }
                    offer(|| Some(Arc::clone(&work) as Arc<dyn Work>));
                    *wakers.lock().unwrap() = Some(context.waker().clone());
                    Poll::Pending
                }));
            }
        });
    }
}
