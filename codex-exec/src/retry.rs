//! Runs that are started again, and the pause before that. No async runtime: a thread waits.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use codex_runtime::child::Handover;

use crate::RunErrorKind;

/// Starts a run again that failed without an effect: the agent had neither run a command, nor changed a
/// file, nor called anything. A run whose agent had begun to work is never repeated: continue its
/// session.
///
/// Each attempt is a process. One of a new session has a new session, so that the model sees the
/// prompt once; one that resumes a session adds the prompt to it again.
///
/// ```
/// use std::time::Duration;
///
/// use codex_exec::{Retry, RunErrorKind};
///
/// let retry = Retry::times(5)
///     .on([RunErrorKind::Overloaded, RunErrorKind::Network, RunErrorKind::Killed])
///     .backoff(Duration::from_secs(2), Duration::from_secs(120));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    times: usize,
    kinds: Vec<RunErrorKind>,
    shortest: Duration,
    longest: Duration,
}

impl Retry {
    /// Retries at most this number of times if the model's endpoint is overloaded or cannot be
    /// reached, after pauses that double from one second to a minute, with random jitter.
    pub fn times(times: usize) -> Self {
        Self {
            times,
            kinds: vec![RunErrorKind::Overloaded, RunErrorKind::Network],
            shortest: Duration::from_secs(1),
            longest: Duration::from_secs(60),
        }
    }

    /// Sets the kinds of failure after which a run is started again. Any kind can be chosen, also one
    /// that is not [transient](RunErrorKind::is_transient).
    #[must_use]
    pub fn on(mut self, kinds: impl IntoIterator<Item = RunErrorKind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Sets the pauses: the first, and the longest.
    #[must_use]
    pub fn backoff(mut self, shortest: Duration, longest: Duration) -> Self {
        (self.shortest, self.longest) = (shortest, longest);
        self
    }

    pub(super) fn max(&self) -> usize {
        self.times
    }

    /// The pause before another attempt; `None` if there is none.
    pub(super) fn pause(&self, earlier: usize, kind: RunErrorKind) -> Option<Duration> {
        if earlier >= self.times || !self.kinds.contains(&kind) {
            return None;
        }
        let doubled = self.shortest.saturating_mul(1 << earlier.min(30));
        let pause = doubled.min(self.longest);
        // Up to half of it less, so that many runs do not come back at the same time.
        let share = u32::try_from(RandomState::new().hash_one(earlier) % 512).unwrap_or_default();
        Some(pause.saturating_sub(pause / 1024 * share))
    }
}

/// A pause. Dropping it ends its thread.
pub(super) struct Pause {
    over: Handover<()>,
    /// Nothing is sent: its end is what the thread sees.
    _owner: Sender<()>,
}

impl Pause {
    /// Starts a pause.
    pub(super) fn start(length: Duration) -> io::Result<Self> {
        let (owner, of_owner) = mpsc::channel::<()>();
        let over = Handover::new();
        let handover = over.clone();
        let thread = thread::Builder::new().name("codex-exec-pause".to_owned());
        thread.spawn(move || {
            if of_owner.recv_timeout(length) == Err(RecvTimeoutError::Timeout) {
                handover.put(());
            }
        })?;
        Ok(Self {
            over,
            _owner: owner,
        })
    }

    /// Ready when it is over.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<()> {
        self.over.poll(context)
    }
}

impl fmt::Debug for Pause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pause").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Retry;
    use crate::RunErrorKind;

    #[test]
    fn pauses_grow_to_their_limit_and_are_for_the_chosen_kinds() {
        let second = Duration::from_secs(1);
        let retry = Retry::times(40).backoff(second, 10 * second);
        for (earlier, whole) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 10), (39, 10)] {
            let pause = retry.pause(earlier, RunErrorKind::Overloaded).unwrap();
            let whole = whole * second;
            assert!(whole / 2 <= pause && pause <= whole, "{earlier}: {pause:?}");
        }
        assert_eq!(retry.pause(40, RunErrorKind::Overloaded), None);
        assert_eq!(retry.pause(0, RunErrorKind::NotLoggedIn), None);
        let other = retry.on([RunErrorKind::NotLoggedIn]);
        assert!(other.pause(0, RunErrorKind::NotLoggedIn).is_some());
        assert_eq!(other.pause(0, RunErrorKind::Network), None);
        let extreme = Retry::times(9).backoff(Duration::MAX, Duration::MAX);
        assert!(extreme.pause(8, RunErrorKind::Network).is_some());
    }
}
