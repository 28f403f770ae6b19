//! The state of one child, shared by its owner, its watchers and the threads that end it.
//!
//! Signals are sent under the lock and only while the child runs, so that none follows its
//! reaping. Nothing else blocks or calls out while the lock is held.

use std::collections::HashMap;
use std::io;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::escalation::after;
use super::group::{Group, Signal};
use super::spawn;
use super::tail::Tail;
use super::thread;
use super::tree::Tree;
use super::{Escalation, Leftovers, SpawnOptions};

/// Limit for a killed child to exit before it is given up.
const KILL_LIMIT: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Shared {
    id: u32,
    group: Group,
    options: SpawnOptions,
    stderr: Tail,
    tree: Mutex<Tree>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    /// The time at which the escalation in force kills the child.
    kill_at: Option<Instant>,
    /// The owner has sent a signal.
    signaled: bool,
    /// Counts escalations: an older one stops when there is a newer one.
    escalations: u64,
    /// The last waker of each watch, by the place of the watch.
    waiters: HashMap<u64, Waker>,
    last_place: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Running,
    /// It has exited and is not reaped: its number is still its own.
    Exited,
    Reaped(ExitStatus),
    /// It was killed and does not exit.
    Stuck,
}

impl Shared {
    pub(super) fn new(
        child: &Child,
        group: Group,
        options: SpawnOptions,
        stderr: Tail,
        tree: Tree,
    ) -> Self {
        Self {
            id: child.id(),
            group,
            options,
            stderr,
            tree: Mutex::new(tree),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn on_drop(&self) -> &Escalation {
        &self.options.on_drop
    }

    pub(super) fn stderr(&self) -> &Tail {
        &self.stderr
    }

    pub(super) fn exit_status(&self) -> Option<ExitStatus> {
        match self.lock().phase {
            Phase::Reaped(status) => Some(status),
            Phase::Running | Phase::Exited | Phase::Stuck => None,
        }
    }

    /// A place for the waker of one watch, until [`Shared::leave`].
    pub(super) fn place(&self) -> u64 {
        let mut state = self.lock();
        state.last_place += 1;
        state.last_place
    }

    pub(super) fn poll_exit(&self, place: u64, context: &Context<'_>) -> Poll<Option<ExitStatus>> {
        let waker = context.waker().clone();
        let mut state = self.lock();
        match state.phase {
            Phase::Reaped(status) => return Poll::Ready(Some(status)),
            Phase::Stuck => return Poll::Ready(None),
            Phase::Running | Phase::Exited => {}
        }
        let earlier = state.waiters.insert(place, waker);
        drop(state);
        // Dropping a waker runs foreign code.
        drop(earlier);
        Poll::Pending
    }

    /// Frees a place.
    pub(super) fn leave(&self, place: u64) {
        let waker = self.lock().waiters.remove(&place);
        drop(waker);
    }

    pub(super) fn wait(&self, limit: Duration) -> Option<ExitStatus> {
        let is_pending = |state: &State| matches!(state.phase, Phase::Running | Phase::Exited);
        self.wait_while(limit, is_pending);
        self.exit_status()
    }

    /// Blocks while the condition holds, for so long at most; returns whether it still holds.
    fn wait_while(&self, limit: Duration, condition: impl Fn(&State) -> bool) -> bool {
        let deadline = after(limit);
        let mut state = self.lock();
        while condition(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        false
    }

    /// Nothing panics while a lock is held, and the state would be whole if it did.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tree(&self) -> MutexGuard<'_, Tree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_phase(&self, phase: Phase) {
        let mut state = self.lock();
        state.phase = phase;
        let waiters = match phase {
            Phase::Running | Phase::Exited => HashMap::new(),
            Phase::Reaped(_) | Phase::Stuck => std::mem::take(&mut state.waiters),
        };
        drop(state);
        self.changed.notify_all();
        waiters.into_values().for_each(Waker::wake);
    }

    /// Sends a signal unless the child has exited or this escalation is not in force any more.
    fn signal(&self, signal: Signal, escalation: u64) {
        let mut state = self.lock();
        if state.phase == Phase::Running && state.escalations == escalation {
            state.signaled = true;
            self.group.signal(signal);
        }
    }

    /// Carries out an escalation whose first signal has been sent.
    fn escalate(&self, steps: &Escalation, escalation: u64) {
        let goes_on =
            |state: &State| state.phase == Phase::Running && state.escalations == escalation;
        for (index, (signal, grace)) in steps.steps().iter().enumerate() {
            if let Some(signal) = signal.filter(|_| index > 0) {
                tracing::debug!(pid = self.id, ?signal, "child still running");
                self.signal(signal, escalation);
            }
            if !self.wait_while(*grace, goes_on) {
                return;
            }
        }
        if !steps.steps().is_empty() {
            tracing::warn!(pid = self.id, "child had to be killed");
        }
        self.tree().observe(self.id);
        self.signal(Signal::Kill, escalation);
        if self.wait_while(KILL_LIMIT, goes_on) {
            tracing::error!(pid = self.id, "killed child does not exit");
            self.set_phase(Phase::Stuck);
        }
    }

    /// Waits for the end of the child and reaps it.
    pub(super) fn reap(&self, mut child: Child) -> ExitStatus {
        spawn::wait_until_exited(&child, || self.tree().observe(self.id));
        self.set_phase(Phase::Exited);
        if self.ends_leftovers(&child) {
            self.group.signal(Signal::Kill);
            self.tree().sweep();
        }
        let status = child.wait().unwrap_or_else(|error| {
            tracing::error!(pid = self.id, %error, "exit status of a child was lost");
            ExitStatus::default()
        });
        tracing::debug!(pid = self.id, %status, "child exited");
        self.set_phase(Phase::Reaped(status));
        status
    }

    fn ends_leftovers(&self, child: &Child) -> bool {
        match self.options.leftovers {
            Leftovers::End => true,
            Leftovers::EndUnlessExited => self.lock().signaled || spawn::was_signaled(child),
        }
    }
}

/// Ends a child by these steps, in the background. The first signal is sent before it returns.
pub(super) fn shut_down(shared: &Arc<Shared>, steps: &Escalation) {
    let mut state = shared.lock();
    let kill_at = after(steps.total_grace());
    let is_later = state.kill_at.is_some_and(|known| known <= kill_at);
    if state.phase != Phase::Running || is_later {
        return;
    }
    state.kill_at = Some(kill_at);
    state.escalations += 1;
    let escalation = state.escalations;
    if let Some((Some(signal), _)) = steps.steps().first() {
        state.signaled = true;
        shared.group.signal(*signal);
    }
    drop(state);
    // The older escalation stops.
    shared.changed.notify_all();
    if let Err(error) = spawn_shutdown(Arc::clone(shared), steps.clone(), escalation) {
        tracing::warn!(pid = shared.id, %error, "no thread to wait with: killing the child");
        shared.signal(Signal::Kill, escalation);
    }
}

fn spawn_shutdown(shared: Arc<Shared>, steps: Escalation, escalation: u64) -> io::Result<()> {
    let escalate = move || shared.escalate(&steps, escalation);
    thread::spawn("codex-shutdown", Box::new(escalate))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};
    use std::task::Wake;

    use super::*;
    use crate::child::Variables;

    /// The state of a child that exits at once, with the group of another process: as if that had
    /// the PID of the child by now.
    fn with_group_of(other: &Child) -> (Arc<Shared>, Child) {
        let child = Command::new("true").spawn().unwrap();
        let options = SpawnOptions {
            leftovers: Leftovers::EndUnlessExited,
            ..SpawnOptions::default()
        };
        let (group, tree) = (Group::of(other).unwrap(), Tree::new(&Variables::new()));
        let shared = Shared::new(&child, group, options, Tail::default(), tree);
        (Arc::new(shared), child)
    }

    #[test]
    fn nothing_is_signaled_after_the_child_was_reaped() {
        let mut other = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let (shared, child) = with_group_of(&other);
        shared.reap(child);
        for escalation in [Escalation::terminate(Duration::ZERO), Escalation::kill()] {
            shut_down(&shared, &escalation);
            shared.escalate(&escalation, 0);
        }
        for signal in [Signal::Interrupt, Signal::Terminate, Signal::Kill] {
            shared.signal(signal, 0);
        }
        // It is still there.
        other.stdin.take().unwrap().write_all(b"line\n").unwrap();
        let mut line = String::new();
        let output = other.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        assert_eq!(line, "line\n");
        other.wait().unwrap();
    }

    struct Unique;

    impl Wake for Unique {
        fn wake(self: Arc<Self>) {}
    }

    #[test]
    fn waits_for_the_exit_keep_one_waker_each() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        let (group, tree) = (Group::of(&child).unwrap(), Tree::new(&Variables::new()));
        let options = SpawnOptions::default();
        let shared = Shared::new(&child, group, options, Tail::default(), tree);
        let shared = Arc::new(shared);
        let (first, second) = (shared.place(), shared.place());
        let mut kept = Vec::new();
        for place in [first, second].repeat(1000) {
            let unique = Arc::new(Unique);
            kept.push(Arc::downgrade(&unique));
            let waker = Waker::from(unique);
            let context = Context::from_waker(&waker);
            assert!(shared.poll_exit(place, &context).is_pending());
        }
        let count = |kept: &[std::sync::Weak<Unique>]| {
            kept.iter().filter(|it| it.upgrade().is_some()).count()
        };
        assert_eq!(count(&kept), 2);
        shared.leave(first);
        assert_eq!(count(&kept), 1);
        drop(input);
        shared.reap(child);
        assert_eq!(count(&kept), 0);
    }
}
