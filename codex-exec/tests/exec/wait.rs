//! Waiting for conditions, never for time; a test that waits in vain fails instead of hanging.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// The time limit of any wait in a test.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Waits until the condition holds.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Runs the work in a thread of its own, so that it cannot block the test forever.
pub(crate) fn at_most<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(work()));
    let result = receiver.recv_timeout(LIMIT);
    result.expect("the work is done in time")
}
