//! What the threads of one process and its owner share: lines, states, wishes.
//!
//! One mutex, one condition variable for the threads, one waker for the owner. Nothing blocks
//! or calls out while the mutex is held (waking or dropping a waker is calling out), except for
//! sending signals, which should follow at once on the look at the state.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::{End, Output};
use crate::exec::session::SessionGuard;
use crate::process_group;

/// How many lines wait for an owner who does not ask for them; then the process waits.
const MOST_LINES: usize = 64;
/// How long streams may stay silent after the process is gone, before they are given up. What
/// it printed is in the pipe by then; a process it left behind may keep the pipe open.
const SILENCE: Duration = Duration::from_millis(500);
/// The longest grace period: times far beyond it cannot be reckoned with.
const LONGEST_GRACE: Duration = Duration::from_secs(60 * 60);

pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    stop_grace: Duration,
}

#[derive(Default)]
struct State {
    /// The process, while it runs.
    leader: Option<u32>,
    has_exited: bool,
    /// Since when the process is to end.
    stopping: Option<Instant>,
    lines: VecDeque<Vec<u8>>,
    stdout: Reading,
    stderr: Reading,
    /// Counts what was read, to tell silence from work.
    reads: u64,
    /// Set when nothing more can come; taken by the owner.
    end: Option<End>,
    is_over: bool,
    session: Option<SessionGuard>,
    owner: Option<Waker>,
}

/// What the reader of a stream is doing.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Reading {
    /// It reads, or is about to.
    #[default]
    Open,
    /// It has a line and no place to put it.
    Full,
    /// It is done.
    Closed,
}

impl Shared {
    pub(super) fn new(stop_grace: Duration, session: Option<SessionGuard>) -> Self {
        let state = State {
            session,
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            stop_grace: stop_grace.min(LONGEST_GRACE),
        }
    }

    pub(super) fn stop_grace(&self) -> Duration {
        self.stop_grace
    }

    // What the owner does.

    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Output> {
        let mut state = self.lock();
        if let Some(line) = state.lines.pop_front() {
            self.changed.notify_all();
            return Poll::Ready(Output::Line(line));
        }
        if let Some(end) = state.end.take() {
            return Poll::Ready(Output::Ended(end));
        }
        let old = state.owner.replace(context.waker().clone());
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Keeps the session until the process is gone; if it is, the session is free at once.
    pub(super) fn hold(&self, session: SessionGuard) {
        let mut state = self.lock();
        if !state.has_exited {
            state.session = Some(session);
        }
    }

    /// Asks the process to end, and wants no more lines. Returns whether it was still running
    /// and was not asked before.
    pub(super) fn request_stop(&self) -> bool {
        let mut state = self.lock();
        if state.stopping.is_some() {
            return false;
        }
        state.stopping = Some(Instant::now());
        state.lines.clear();
        self.changed.notify_all();
        if let Some(leader) = state.leader.filter(|_| !state.has_exited) {
            process_group::terminate(leader);
        }
        !state.has_exited
    }

    pub(super) fn kill(&self) {
        let state = self.lock();
        if let Some(leader) = state.leader.filter(|_| !state.has_exited) {
            process_group::kill(leader);
        }
    }

    // What the supervisor does.

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().stopping.is_some()
    }

    /// Until when the group of a process that was asked to end may take.
    pub(super) fn stop_deadline(&self) -> Option<Instant> {
        self.lock().stopping.map(|since| since + self.stop_grace)
    }

    pub(super) fn started(&self, leader: u32) {
        let mut state = self.lock();
        state.leader = Some(leader);
        if state.stopping.is_some() {
            process_group::terminate(leader);
        }
    }

    pub(super) fn exited(&self) {
        self.lock().has_exited = true;
        self.changed.notify_all();
    }

    pub(super) fn release_session(&self) {
        // Bound first: the guard wakes who waits for it, which must not happen under the mutex.
        let session = self.lock().session.take();
        drop(session);
    }

    /// Waits until the readers are done, or have nothing to read.
    pub(super) fn wait_for_streams(&self) {
        let mut state = self.lock();
        loop {
            let streams = [state.stdout, state.stderr];
            if streams == [Reading::Closed; 2] {
                return;
            }
            let reads = state.reads;
            let waited = self.changed.wait_timeout(state, SILENCE);
            let (next, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = next;
            let is_silent = timeout.timed_out() && state.reads == reads;
            if is_silent && state.stdout != Reading::Full {
                return;
            }
        }
    }

    pub(super) fn end(&self, end: End) {
        let mut state = self.lock();
        state.has_exited = true;
        state.is_over = true;
        state.end = Some(end);
        let (session, owner) = (state.session.take(), state.owner.take());
        drop(state);
        self.changed.notify_all();
        drop(session);
        wake(owner);
    }

    // What the readers do.

    /// Hands a line on, once there is place. Drops it when nobody wants lines any more.
    pub(super) fn push_line(&self, line: Vec<u8>) {
        let mut state = self.lock();
        while state.lines.len() >= MOST_LINES && state.stopping.is_none() && !state.is_over {
            state.stdout = Reading::Full;
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.stdout = Reading::Open;
        state.reads += 1;
        if state.stopping.is_some() || state.is_over {
            return;
        }
        state.lines.push_back(line);
        let owner = state.owner.take();
        drop(state);
        self.changed.notify_all();
        wake(owner);
    }

    pub(super) fn stdout_closed(&self) {
        self.lock().stdout = Reading::Closed;
        self.changed.notify_all();
    }

    pub(super) fn stderr_read(&self) {
        self.lock().reads += 1;
    }

    pub(super) fn stderr_closed(&self) {
        self.lock().stderr = Reading::Closed;
        self.changed.notify_all();
    }

    // What whoever ends the process does.

    /// Waits for the process to be gone; false if the time passed first.
    pub(super) fn wait_for_exit(&self, limit: Duration) -> bool {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), limit, |state| !state.has_exited);
        waited.unwrap_or_else(PoisonError::into_inner).0.has_exited
    }

    /// Nothing panics while the mutex is held, and the state would be whole if it did.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(owner: Option<Waker>) {
    if let Some(owner) = owner {
        owner.wake();
    }
}

impl fmt::Debug for Shared {
    /// Not the lines: they may be long, and private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        formatter
            .debug_struct("Process")
            .field("leader", &state.leader)
            .field("has_exited", &state.has_exited)
            .field("stopping", &state.stopping.is_some())
            .finish_non_exhaustive()
    }
}
