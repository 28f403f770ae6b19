//! How long the reader waits for subscribers who are behind, at the price of everybody else.
//!
//! Unless the program has chosen, nobody is waited for longer than a moment, nor for more than a
//! small share of the time: then events are dropped and counted. Lifecycle events cannot be
//! dropped, so that a subscriber who reads gets longer to take them.

use std::time::{Duration, Instant};

use crate::engine::Pressure;

/// The longest wait for somebody who would miss events that are counted.
const MOMENT: Duration = Duration::from_millis(4);
/// The share of the time that such waits may take: one part of so many.
const SHARE: u32 = 40;
/// The longest wait for somebody whose subscription would end.
const LIFECYCLE: Duration = Duration::from_secs(1);

/// What is left of the reader's patience.
#[derive(Debug)]
pub(crate) struct Patience {
    chosen: Option<Duration>,
    left: Duration,
    since: Instant,
}

impl Patience {
    /// Begins now, with the program's choice if it made one.
    pub(crate) fn new(chosen: Option<Duration>) -> Self {
        Self {
            chosen,
            left: MOMENT,
            since: Instant::now(),
        }
    }

    /// How long the reader may wait now.
    pub(crate) fn allows(&mut self, pressure: Pressure) -> Duration {
        if let Some(chosen) = self.chosen {
            return chosen;
        }
        let earned = self.since.elapsed() / SHARE;
        self.left = MOMENT.min(self.left + earned);
        self.since = Instant::now();
        match pressure {
            Pressure::Droppable => self.left,
            Pressure::Lifecycle => LIFECYCLE,
        }
    }

    /// So long was waited.
    pub(crate) fn spend(&mut self, waited: Duration) {
        self.left = self.left.saturating_sub(waited);
        self.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::{LIFECYCLE, MOMENT, Patience, Pressure};
    use std::time::Duration;

    #[test]
    fn waits_are_short_and_a_small_share_of_the_time() {
        let mut patience = Patience::new(None);
        assert!(patience.allows(Pressure::Droppable) <= MOMENT);
        patience.spend(MOMENT);
        assert!(patience.allows(Pressure::Droppable) < MOMENT / 2);
        assert_eq!(patience.allows(Pressure::Lifecycle), LIFECYCLE);
    }

    #[test]
    fn the_program_may_choose() {
        let mut patience = Patience::new(Some(Duration::MAX));
        patience.spend(Duration::from_secs(1000));
        assert_eq!(patience.allows(Pressure::Droppable), Duration::MAX);
    }
}
