//! Runs futures on the current thread, which parks until it is woken or the earliest of the
//! registered deadlines has come.
//!
//! The only executor that the blocking API needs. It drives this crate's own futures only: they
//! wait for the connection, for a [`Timer`](super::timer::Timer), or for a cancellation.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

struct ThreadWaker(Thread);

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

thread_local! {
    static WAKER: Waker = Waker::from(Arc::new(ThreadWaker(thread::current())));
    static PARKING: Cell<Parking> = const { Cell::new(Parking::Inactive) };
}

/// The state of the current thread between two polls.
#[derive(Clone, Copy)]
enum Parking {
    /// Another executor polls, or none.
    Inactive,
    /// It parks, at most until this instant.
    Until(Option<Instant>),
}

/// The current thread while it runs a future. What does not depend on the future is compiled once.
struct Runner {
    waker: Waker,
    /// The state of an outer call, restored at the end, also when the future panics.
    outer: Parking,
}

impl Runner {
    #[inline(never)]
    fn new() -> Self {
        Self {
            waker: WAKER.with(Waker::clone),
            outer: PARKING.replace(Parking::Until(None)),
        }
    }

    /// Parks until the future may have made progress.
    #[inline(never)]
    fn park() {
        match PARKING.replace(Parking::Until(None)) {
            Parking::Until(Some(deadline)) => {
                let left = deadline.saturating_duration_since(Instant::now());
                thread::park_timeout(left);
            }
            _ => thread::park(),
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        PARKING.set(self.outer);
    }
}

/// Starts a thread. Not generic: those of the library are compiled once.
pub(crate) fn spawn(name: &str, run: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    let builder = thread::Builder::new().name(name.to_owned());
    builder.spawn(run).map(drop)
}

/// Runs a future to its end.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    run(future.as_mut())
}

/// Compiled once for each output, and without a copy of the future.
#[inline(never)]
fn run<T>(mut future: Pin<&mut dyn Future<Output = T>>) -> T {
    let runner = Runner::new();
    let mut context = Context::from_waker(&runner.waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        Runner::park();
    }
}

/// Registers a deadline for the current thread; returns `false` if it does not run [`block_on`].
pub(super) fn wake_at(deadline: Instant) -> bool {
    let Parking::Until(earliest) = PARKING.get() else {
        return false;
    };
    let earliest = earliest.map_or(deadline, |earliest| earliest.min(deadline));
    PARKING.set(Parking::Until(Some(earliest)));
    true
}

/// Runs a poll whose deadline is returned instead of being registered for the current thread.
pub(super) fn with_own_deadline<T>(poll: impl FnOnce() -> T) -> (T, Option<Instant>) {
    let outer = PARKING.replace(Parking::Until(None));
    let result = poll();
    match PARKING.replace(outer) {
        Parking::Until(deadline) => (result, deadline),
        Parking::Inactive => (result, None),
    }
}

/// Returns whether the current thread runs [`block_on`].
pub(super) fn is_active() -> bool {
    matches!(PARKING.get(), Parking::Until(_))
}

/// Polls until there is a result; returns `None` at the deadline.
pub(crate) fn until<T>(
    deadline: Option<Instant>,
    mut poll: impl FnMut(&Context<'_>) -> Poll<T>,
) -> Option<T> {
    block_on(poll_fn(|context| match poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => match deadline {
            Some(deadline) if Instant::now() >= deadline => Poll::Ready(None),
            Some(deadline) => {
                wake_at(deadline);
                Poll::Pending
            }
            None => Poll::Pending,
        },
    }))
}

/// Polls until there is a result, without a deadline.
pub(crate) fn forever<T>(mut poll: impl FnMut(&Context<'_>) -> Poll<T>) -> T {
    block_on(poll_fn(|context| poll(context)))
}
