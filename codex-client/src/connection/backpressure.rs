//! Time budget of backpressure: the wait for slow subscribers, which delays all others.
//!
//! By default the reader waits only for a moment at a time, and for a small share of the time: then
//! events are dropped and counted. Lifecycle events cannot be dropped, so a reading subscriber has
//! more time to drain them.

use std::time::{Duration, Instant};

use crate::engine::Pressure;

/// Maximum wait for a subscriber that would lag: less than 5 ms with the millisecond to which timers
/// are rounded up.
const BACKPRESSURE_TIMEOUT: Duration = Duration::from_millis(3);
/// A shorter wait is none: timers would make it this long.
const SHORTEST: Duration = Duration::from_millis(1);
/// The divisor of the share of time that such waits may take.
const TIME_SHARE: u32 = 40;
/// Maximum wait for a subscriber whose subscription would end.
const LIFECYCLE_TIMEOUT: Duration = Duration::from_secs(1);

/// The remaining time budget.
#[derive(Debug)]
pub(crate) struct Backpressure {
    configured: Option<Duration>,
    remaining: Duration,
    /// What waits took beyond their limits, because timers round up and threads run late.
    overspent: Duration,
    since: Instant,
}

impl Backpressure {
    /// Starts now, with the program's limit if it is set.
    pub(crate) fn new(configured: Option<Duration>) -> Self {
        Self {
            configured,
            remaining: BACKPRESSURE_TIMEOUT,
            overspent: Duration::ZERO,
            since: Instant::now(),
        }
    }

    /// Returns the time that the reader may wait now.
    pub(crate) fn allows(&mut self, pressure: Pressure) -> Duration {
        self.allows_at(Instant::now(), pressure)
    }

    fn allows_at(&mut self, now: Instant, pressure: Pressure) -> Duration {
        if let Some(configured) = self.configured {
            return configured;
        }
        let earned = now.saturating_duration_since(self.since) / TIME_SHARE;
        let saved = earned.saturating_sub(self.overspent);
        self.overspent = self.overspent.saturating_sub(earned);
        self.remaining = BACKPRESSURE_TIMEOUT.min(self.remaining + saved);
        self.since = now;
        match pressure {
            Pressure::Droppable if self.remaining < SHORTEST => Duration::ZERO,
            Pressure::Droppable => self.remaining,
            Pressure::Lifecycle => LIFECYCLE_TIMEOUT,
        }
    }

    /// Deducts the time of a wait.
    pub(crate) fn spend(&mut self, waited: Duration) {
        self.spend_at(Instant::now(), waited);
    }

    fn spend_at(&mut self, now: Instant, waited: Duration) {
        let overspent = self.overspent + waited.saturating_sub(self.remaining);
        // Not more: a wait for lifecycle events has another limit.
        self.overspent = overspent.min(BACKPRESSURE_TIMEOUT);
        self.remaining = self.remaining.saturating_sub(waited);
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::{
        BACKPRESSURE_TIMEOUT, Backpressure, LIFECYCLE_TIMEOUT, Pressure, SHORTEST, TIME_SHARE,
    };
    use std::time::Duration;

    #[test]
    fn waits_are_short_and_a_small_share_of_the_time() {
        let mut backpressure = Backpressure::new(None);
        assert!(backpressure.allows(Pressure::Droppable) <= BACKPRESSURE_TIMEOUT);
        backpressure.spend(BACKPRESSURE_TIMEOUT);
        assert!(backpressure.allows(Pressure::Droppable) < BACKPRESSURE_TIMEOUT / 2);
        assert_eq!(backpressure.allows(Pressure::Lifecycle), LIFECYCLE_TIMEOUT);
    }

    #[test]
    fn a_wait_that_took_too_long_is_made_up_for() {
        let mut backpressure = Backpressure::new(None);
        let mut now = backpressure.since;
        let mut allowed = |waited, later| {
            backpressure.spend_at(now, waited);
            now += later;
            backpressure.allows_at(now, Pressure::Droppable)
        };
        let most = BACKPRESSURE_TIMEOUT;
        let earning = |milliseconds| SHORTEST * milliseconds * TIME_SHARE;
        // 2 ms too long.
        assert_eq!(allowed(most + 2 * SHORTEST, earning(2)), Duration::ZERO);
        assert_eq!(allowed(Duration::ZERO, earning(2)), 2 * SHORTEST);
        // What is too short for a timer is saved.
        let half = earning(1) / 2;
        assert_eq!(allowed(2 * SHORTEST, half), Duration::ZERO);
        assert_eq!(allowed(Duration::ZERO, half), SHORTEST);
        // A wait for lifecycle events does not end all others.
        assert_eq!(allowed(LIFECYCLE_TIMEOUT, earning(6)), most);
    }

    #[test]
    fn the_program_may_choose() {
        let mut backpressure = Backpressure::new(Some(Duration::MAX));
        backpressure.spend(Duration::from_secs(1000));
        assert_eq!(backpressure.allows(Pressure::Droppable), Duration::MAX);
    }
}
