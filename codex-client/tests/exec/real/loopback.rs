//! The runner reaches nothing outside the machine either.
//!
//! `kit::loopback` shows that the counter this relies on notices a runtime that is not quiet.

use codex_testing::AppServerHarness;

use crate::isolated_network::watch;

#[test]
fn runs_reach_nothing_outside_the_machine() {
    // If the runtime is still to be installed, then while there is a network.
    AppServerHarness::start().unwrap();
    let watched = watch(&["real::work::", "real::sessions::"]);
    assert!(watched.passed, "{}", watched.said);
    let run = watched.said.matches(" ... ok\n").count();
    assert!(run >= 10, "only {run} tests have run: {}", watched.said);
    assert_eq!(watched.attempts, 0, "{}", watched.said);
}
