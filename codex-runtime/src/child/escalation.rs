//! The steps by which a process is ended.
//!
//! Only describes them; [`shared`](super::shared) carries them out.

use std::time::{Duration, Instant};

use super::group::Signal;

/// The longest grace period, a year: longer ones count as this, so that times can be added.
pub const LONGEST_GRACE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Steps by which a process is ended: each is a signal (or none) and how long the process may
/// take after it. The last step is always `SIGKILL`.
///
/// ```
/// use codex_runtime::child::Escalation;
/// use std::time::Duration;
///
/// // Its input has ended: two seconds to exit, then SIGTERM, then another second.
/// let gentle = Escalation::wait(Duration::from_secs(2)).then_terminate(Duration::from_secs(1));
/// assert_eq!(gentle.total_grace(), Duration::from_secs(3));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    steps: Vec<(Option<Signal>, Duration)>,
}

impl Escalation {
    /// Kills without grace.
    pub fn kill() -> Self {
        Self { steps: Vec::new() }
    }

    /// Waits for the process to exit on its own.
    pub fn wait(grace: Duration) -> Self {
        Self::kill().then(None, grace)
    }

    /// Sends `SIGINT`, as Ctrl-C does, and waits.
    pub fn interrupt(grace: Duration) -> Self {
        Self::kill().then_interrupt(grace)
    }

    /// Sends `SIGTERM` and waits.
    pub fn terminate(grace: Duration) -> Self {
        Self::kill().then_terminate(grace)
    }

    /// Adds a step that sends `SIGINT` and waits.
    #[must_use]
    pub fn then_interrupt(self, grace: Duration) -> Self {
        self.then(Some(Signal::Interrupt), grace)
    }

    /// Adds a step that sends `SIGTERM` and waits.
    #[must_use]
    pub fn then_terminate(self, grace: Duration) -> Self {
        self.then(Some(Signal::Terminate), grace)
    }

    /// Sum of all grace periods, after which the process is killed.
    pub fn total_grace(&self) -> Duration {
        let graces = self.steps.iter().map(|(_, grace)| *grace);
        graces
            .fold(Duration::ZERO, Duration::saturating_add)
            .min(LONGEST_GRACE)
    }

    fn then(mut self, signal: Option<Signal>, grace: Duration) -> Self {
        self.steps.push((signal, grace.min(LONGEST_GRACE)));
        self
    }

    pub(super) fn steps(&self) -> &[(Option<Signal>, Duration)] {
        &self.steps
    }
}

/// The instant after this time; times longer than [`LONGEST_GRACE`] count as that.
pub(super) fn after(time: Duration) -> Instant {
    Instant::now() + time.min(LONGEST_GRACE)
}
