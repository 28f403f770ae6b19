//! What the threads of one process and its owner share: lines, states, wishes.
//!
//! One mutex, one condition variable for the threads, one waker for the owner. Nothing blocks
//! or calls out while the mutex is held (waking or dropping a waker is calling out), except for
//! asking the child to end, which takes no time.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use codex_runtime::child::{Child, Escalation, LONGEST_GRACE};

use super::{End, Limits, Output};
use crate::Failure;
use crate::session::SessionGuard;

/// How many lines wait for an owner who does not ask for them; then the process waits.
const MOST_LINES: usize = 64;
/// How long the output may stay silent after the process is gone, before it is given up. What
/// it printed is in the pipe by then; a process it left behind may keep the pipe open.
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
    has_exited: bool,
    wish: Wish,
    lines: VecDeque<Vec<u8>>,
    stdout: Reading,
    /// Counts what was read, to tell silence from work.
    reads: u64,
    /// The limit for which it was ended.
    overrun: Option<Failure>,
    /// Set when nothing more can come; taken by the owner.
    end: Option<End>,
    is_over: bool,
    session: Option<SessionGuard>,
    owner: Option<Waker>,
}

/// What the owner wants of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wish {
    /// To work on its turn.
    #[default]
    Work,
    /// To exit: its turn is over.
    Exit,
    /// To end at once.
    Stop,
}

/// What the reader of the output is doing.
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
            stop_grace,
        }
    }

    /// The steps by which the process is ended.
    pub(super) fn escalation(&self) -> Escalation {
        super::escalation(self.stop_grace)
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
        let watch = state.child.as_ref().map(Child::watch);
        drop(state);
        drop(old);
        match watch.map(|watch| watch.poll_exit(context)) {
            Some(Poll::Ready(None)) => {
                let problem = "it was killed and does not exit";
                Poll::Ready(Output::Ended(End::lost(io::Error::other(problem))))
            }
            // The rest of its output may still come.
            Some(Poll::Ready(Some(_)) | Poll::Pending) | None => Poll::Pending,
        }
    }

    /// Keeps the session until the process is gone; if it is, the session is free at once.
    pub(super) fn hold(&self, session: SessionGuard) {
        let mut state = self.lock();
        if !state.has_exited {
            state.session = Some(session);
        }
    }

    /// Asks the process to end, and wants no more lines.
    pub(super) fn request_stop(&self) {
        let mut state = self.lock();
        state.wish = Wish::Stop;
        state.lines.clear();
        self.changed.notify_all();
        if let Some(child) = &state.child {
            child.shut_down(&self.escalation());
        }
    }

    /// Has the process ended unless it exits in this time.
    pub(super) fn expect_exit(&self, patience: Duration) {
        let mut state = self.lock();
        if state.wish == Wish::Work {
            state.wish = Wish::Exit;
        }
        self.changed.notify_all();
        if let Some(child) = &state.child {
            let steps = Escalation::wait(patience)
                .then_interrupt(self.stop_grace / 2)
                .then_terminate(self.stop_grace / 2);
            child.shut_down(&steps);
        }
    }

    // What the thread that starts it and the one that reaps it do.

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().wish == Wish::Stop
    }

    pub(super) fn started(&self, child: Child) {
        let mut state = self.lock();
        if state.wish == Wish::Stop {
            child.shut_down(&self.escalation());
        }
        state.child = Some(child);
        let owner = state.owner.take();
        drop(state);
        // Polls again, to watch the child as well.
        wake(owner);
    }

    /// Notes that the process is gone, and sets its session free.
    pub(super) fn exited(&self) {
        let mut state = self.lock();
        state.has_exited = true;
        let session = state.session.take();
        drop(state);
        self.changed.notify_all();
        // The guard wakes who waits for it, which must not happen under the mutex.
        drop(session);
    }

    /// The limit for which the process was ended, if it was.
    pub(super) fn overrun(&self) -> Option<Failure> {
        self.lock().overrun.clone()
    }

    /// Waits until the turn is over, and has the process ended if that takes too long. Time in
    /// which the process waits for the owner to read does not count as silence.
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

    // What the readers do.

    /// Hands a line on, once there is place. Drops it when nobody wants lines any more.
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
            .field("child", &state.child.as_ref().map(Child::id))
            .field("has_exited", &state.has_exited)
            .field("wish", &state.wish)
            .finish_non_exhaustive()
    }
}
