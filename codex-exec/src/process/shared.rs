//! The state that the threads of one process share with its owner: lines, states, requests.
//!
//! One mutex, one condition variable for the threads, one waker for the owner. Nothing blocks or
//! runs foreign code while the mutex is held (waking or dropping a waker runs foreign code), except
//! for signaling the child, which takes no time.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use codex_runtime::child::{Child, ChildWatch, Escalation, LONGEST_GRACE};

use super::{End, Limits, Output};
use crate::Failure;
use crate::session::SessionGuard;

/// Maximum number of queued lines; beyond it, the process has to wait for the owner.
const MOST_LINES: usize = 64;
/// Time limit for more output after the process has exited. Its own output is in the pipe by
/// then; a descendant may keep the pipe open.
const SILENCE: Duration = Duration::from_millis(500);

pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    stop_grace: Duration,
}

#[derive(Default)]
struct State {
    /// The process, once it has started.
    child: Option<Child>,
    /// The owner's view of the child, which keeps its waker.
    watch: Option<Arc<ChildWatch>>,
    has_exited: bool,
    wish: Wish,
    lines: VecDeque<Vec<u8>>,
    stdout: Reading,
    /// Counts reads, to distinguish silence from work.
    reads: u64,
    /// The limit because of which it was ended.
    overrun: Option<Failure>,
    /// Set when no more output can follow; taken by the owner.
    end: Option<End>,
    is_over: bool,
    session: Option<SessionGuard>,
    owner: Option<Waker>,
}

/// The request of the owner to the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wish {
    /// Works on its turn.
    #[default]
    Work,
    /// Exits: its turn is over.
    Exit,
    /// Ends at once.
    Stop,
}

/// The state of the output's reader.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Reading {
    /// Reads, or is about to.
    #[default]
    Open,
    /// Has a line, but the queue is full.
    Full,
    /// Done.
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
            stop_grace,
        }
    }

    /// The escalation that ends the process.
    pub(super) fn escalation(&self) -> Escalation {
        super::escalation(self.stop_grace)
    }

    // Operations of the owner.

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
        let watch = state.watch.clone();
        drop(state);
        drop(old);
        match watch.map(|watch| watch.poll_exit(context)) {
            Some(Poll::Ready(None)) => {
                let problem = "it was killed and does not exit";
                Poll::Ready(Output::Ended(End::lost(io::Error::other(problem))))
            }
            // The rest of its output may still follow.
            Some(Poll::Ready(Some(_)) | Poll::Pending) | None => Poll::Pending,
        }
    }

    /// Keeps the session until the process has exited; if it has, the session is released at once.
    pub(super) fn hold(&self, session: SessionGuard) {
        let mut state = self.lock();
        if !state.has_exited {
            state.session = Some(session);
        }
    }

    /// Signals the process to end, and discards further lines.
    pub(super) fn request_stop(&self) {
        let mut state = self.lock();
        state.wish = Wish::Stop;
        state.lines.clear();
        self.changed.notify_all();
        if let Some(child) = &state.child {
            child.shut_down(&self.escalation());
        }
    }

    /// Ends the process unless it exits within this time.
    pub(super) fn expect_exit(&self, timeout: Duration) {
        let mut state = self.lock();
        if state.wish == Wish::Work {
            state.wish = Wish::Exit;
        }
        self.changed.notify_all();
        if let Some(child) = &state.child {
            let steps = Escalation::wait(timeout)
                .then_interrupt(self.stop_grace / 2)
                .then_terminate(self.stop_grace / 2);
            child.shut_down(&steps);
        }
    }

    // Operations of the threads that start and reap the process.

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().wish == Wish::Stop
    }

    pub(super) fn started(&self, child: Child) {
        let mut state = self.lock();
        if state.wish == Wish::Stop {
            child.shut_down(&self.escalation());
        }
        state.watch = Some(Arc::new(child.watch()));
        state.child = Some(child);
        let owner = state.owner.take();
        drop(state);
        // Polls again, to watch the child as well.
        wake(owner);
    }

    /// Records the exit of the process, and releases its session.
    pub(super) fn exited(&self) {
        let mut state = self.lock();
        state.has_exited = true;
        let session = state.session.take();
        drop(state);
        self.changed.notify_all();
        // The guard wakes the next waiter, which must not happen under the mutex.
        drop(session);
    }

    /// The limit because of which the process was ended, if any.
    pub(super) fn overrun(&self) -> Option<Failure> {
        self.lock().overrun.clone()
    }

    /// Waits until the turn is over, and ends the process when it exceeds a limit. Time in which
    /// the process waits for the owner to read does not count as silence.
    pub(super) fn enforce(&self, limits: Limits) {
        let begin = Instant::now();
        let mut heard = begin;
        let mut state = self.lock();
        let mut reads = state.reads;
        while !state.has_exited && state.wish == Wish::Work {
            let now = Instant::now();
            if state.reads != reads || state.stdout == Reading::Full {
                (reads, heard) = (state.reads, now);
            }
            let due = |from: Instant, limit: Option<Duration>| {
                let limit = limit?;
                Some((from + limit.min(LONGEST_GRACE), limit))
            };
            let deadline = due(begin, limits.deadline);
            let idle = due(heard, limits.idle);
            if let Some((_, after)) = deadline.filter(|(due, _)| *due <= now) {
                state.overrun = Some(Failure::Deadline { after });
                break;
            }
            if let Some((_, after)) = idle.filter(|(due, _)| *due <= now) {
                state.overrun = Some(Failure::Idle { after });
                break;
            }
            let next = deadline.into_iter().chain(idle).map(|(due, _)| due).min();
            let left = next.map_or(LONGEST_GRACE, |due| due.saturating_duration_since(now));
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let has_overrun = state.overrun.is_some();
        drop(state);
        if has_overrun {
            self.request_stop();
        }
    }

    /// Waits until the reader is done, or has nothing to read.
    pub(super) fn wait_for_stdout(&self) {
        let mut state = self.lock();
        loop {
            if state.stdout == Reading::Closed {
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

    // Operations of the readers.

    /// Queues a line, once there is space. Drops it if further lines are discarded.
    pub(super) fn push_line(&self, line: Vec<u8>) {
        let mut state = self.lock();
        while state.lines.len() >= MOST_LINES && state.wish != Wish::Stop && !state.is_over {
            state.stdout = Reading::Full;
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.stdout = Reading::Open;
        state.reads += 1;
        if state.wish == Wish::Stop || state.is_over {
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

    /// No code panics while the mutex is held, and the state would be consistent if it did.
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
    /// Omits the lines, which may be long and private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        formatter
            .debug_struct("Process")
            .field("child", &state.child.as_ref().map(Child::id))
            .field("has_exited", &state.has_exited)
            .field("wish", &state.wish)
            .finish_non_exhaustive()
    }
}
