//! Waiting for conditions, never for time; a test that waits in vain fails instead of hanging.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before the test is given up.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// Waits until the condition holds.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
