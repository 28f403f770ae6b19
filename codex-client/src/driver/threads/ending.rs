//! The end of a connection's threads: both have a grace period after the close, and are interrupted
//! after it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

use super::spawn;
use crate::connection::{Link, UntilClosed};
use crate::transport::blocking::Interrupter;

/// One of the two threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Reader,
    Writer,
}

/// The running threads, and their interrupters.
#[derive(Debug)]
pub(super) struct Ending {
    reader: Option<Interrupter>,
    writer: Option<Interrupter>,
    /// Time limit after the close.
    linger: Duration,
    at_work: Mutex<Vec<Half>>,
    changed: Condvar,
}

impl Ending {
    pub(super) fn new(
        reader: Option<Interrupter>,
        writer: Option<Interrupter>,
        linger: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            reader,
            writer,
            linger,
            at_work: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Half>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a started thread, until the guard is dropped.
    pub(super) fn at_work(self: &Arc<Self>, half: Half) -> AtWork {
        self.lock().push(half);
        let ending = Arc::clone(self);
        AtWork { ending, half }
    }

    /// Ends the threads once the link has ended. The returned value has to be kept until then.
    pub(super) fn begin_at_end(self: &Arc<Self>, link: &Link) -> UntilClosed {
        let waker = Waker::from(Arc::new(Hook(Arc::clone(self))));
        let mut closed = link.until_ended();
        if closed.poll(&Context::from_waker(&waker)).is_ready() {
            waker.wake();
        }
        closed
    }

    pub(super) fn interrupt(&self, half: Half) {
        let interrupter = match half {
            Half::Reader => &self.reader,
            Half::Writer => &self.writer,
        };
        if let Some(interrupter) = interrupter {
            interrupter.interrupt();
        }
    }

    /// The writer first: the other side may be waiting for its last frames.
    fn run(&self) {
        let deadline = Instant::now().checked_add(self.linger);
        for half in [Half::Writer, Half::Reader] {
            if !self.has_ended_by(half, deadline) {
                tracing::debug!(?half, "interrupted after the close");
                self.interrupt(half);
            }
        }
    }

    fn has_ended_by(&self, half: Half, deadline: Option<Instant>) -> bool {
        let mut at_work = self.lock();
        while at_work.contains(&half) {
            let left = match deadline {
                Some(deadline) => deadline.saturating_duration_since(Instant::now()),
                None => Duration::MAX,
            };
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(at_work, left);
            at_work = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// A thread at work.
#[derive(Debug)]
pub(super) struct AtWork {
    ending: Arc<Ending>,
    half: Half,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let half = self.half;
        self.ending.lock().retain(|at_work| *at_work != half);
        self.ending.changed.notify_all();
    }
}

/// The waker that the close wakes.
struct Hook(Arc<Ending>);

impl Wake for Hook {
    fn wake(self: Arc<Self>) {
        if self.0.lock().is_empty() {
            return;
        }
        let ending = Arc::clone(&self.0);
        if spawn("codex-ending", move || ending.run()).is_err() {
            self.0.interrupt(Half::Writer);
            self.0.interrupt(Half::Reader);
        }
    }
}
