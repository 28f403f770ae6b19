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
/// The divisor of the share of time that such waits may take.
const TIME_SHARE: u32 = 40;
/// Maximum wait for a subscriber whose subscription would end.
const LIFECYCLE_TIMEOUT: Duration = Duration::from_secs(1);

/// The remaining time budget.
#[derive(Debug)]
pub(crate) struct Backpressure {
    configured: Option<Duration>,
    remaining: Duration,
    since: Instant,
}

impl Backpressure {
    /// Starts now, with the program's limit if it is set.
    pub(crate) fn new(configured: Option<Duration>) -> Self {
        Self {
            configured,
            remaining: BACKPRESSURE_TIMEOUT,
            since: Instant::now(),
        }
    }

    /// Returns the time that the reader may wait now.
    pub(crate) fn allows(&mut self, pressure: Pressure) -> Duration {
        if let Some(configured) = self.configured {
            return configured;
        }
        let earned = self.since.elapsed() / TIME_SHARE;
        self.remaining = BACKPRESSURE_TIMEOUT.min(self.remaining + earned);
        self.since = Instant::now();
        match pressure {
            Pressure::Droppable => self.remaining,
            Pressure::Lifecycle => LIFECYCLE_TIMEOUT,
        }
    }

    /// Deducts the time of a wait.
    pub(crate) fn spend(&mut self, waited: Duration) {
        self.remaining = self.remaining.saturating_sub(waited);
        self.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::{BACKPRESSURE_TIMEOUT, Backpressure, LIFECYCLE_TIMEOUT, Pressure};
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
    fn the_program_may_choose() {
        let mut backpressure = Backpressure::new(Some(Duration::MAX));
        backpressure.spend(Duration::from_secs(1000));
        assert_eq!(backpressure.allows(Pressure::Droppable), Duration::MAX);
    }
}
