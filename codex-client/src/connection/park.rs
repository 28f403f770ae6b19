//! Runs futures on the current thread, which parks until it is woken or the earliest of the
//! registered deadlines has come. What it waits for may have work for it instead: to read.
//!
//! The only executor that the blocking API needs. It drives this crate's own futures only: they
//! wait for the connection, for a [`Timer`](super::timer::Timer), or for a cancellation. Does not
//! know the work.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

mod waiting;

use waiting::Parker;
pub(crate) use waiting::{Interrupt, Waiting, Work};

thread_local! {
    static LOCAL: Local = Local::new();
    static PARKING: Cell<Parking> = const { Cell::new(Parking::Inactive) };
}

/// What a thread needs to wait.
struct Local {
    parker: Arc<Parker>,
    waker: Waker,
    work: Cell<Option<Arc<dyn Work>>>,
}

impl Local {
    fn new() -> Self {
        let parker = Arc::new(Parker::current());
        Self {
            waker: Waker::from(Arc::clone(&parker)),
            parker,
            work: Cell::new(None),
        }
    }
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
struct Runner<'a> {
    local: &'a Local,
    /// The state of an outer call, restored at the end, also when the future panics.
    outer: Parking,
}

impl<'a> Runner<'a> {
    fn new(local: &'a Local) -> Self {
        let outer = PARKING.replace(Parking::Until(None));
        Self { local, outer }
    }

    /// Waits until the future may have made progress: at work, if there is any, otherwise parked.
    #[inline(never)]
    fn wait(&self) {
        let Parking::Until(deadline) = PARKING.replace(Parking::Until(None)) else {
            return;
        };
        let waiting = Waiting::new(&self.local.parker, deadline);
        match self.local.work.take() {
            Some(work) => work.run(&waiting),
            None => waiting.park(),
        }
        self.local.parker.begin();
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        self.local.work.take();
        PARKING.set(self.outer);
        if let Parking::Until(_) = self.outer {
            // The wake of the outer future may have ended a wait of this one.
            self.local.parker.wake();
        }
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
    LOCAL.with(|local| {
        let runner = Runner::new(local);
        let mut context = Context::from_waker(&local.waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            runner.wait();
        }
    })
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

/// Offers work to the current thread, if it runs [`block_on`], for the time until it is woken.
pub(super) fn offer(work: impl FnOnce() -> Option<Arc<dyn Work>>) {
    if is_active() {
        let work = work();
        drop(LOCAL.with(|local| local.work.replace(work)));
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
