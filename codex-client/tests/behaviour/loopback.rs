//! Nothing that runs in this suite leaves the loopback interface.
//!
//! `kit::loopback` shows that the counter this relies on notices a runtime that is not quiet.

use codex_testing::AppServerHarness;

use crate::isolated_network::watch;

/// Both faces have the runtime do the same: one of them stands for both.
const LEFT_OUT: [&str; 6] = [
    "--skip",
    "blocking_face::",
    "--skip",
    "loopback::",
    "--skip",
    "names::",
];

#[test]
fn the_suite_reaches_nothing_outside_the_machine() {
    // If the runtime is still to be installed, then while there is a network.
    AppServerHarness::start().unwrap();
    let watched = watch(&LEFT_OUT);
    assert!(watched.passed, "{}", watched.said);
    let run = watched.said.matches(" ... ok\n").count();
    assert!(run >= 70, "{run} tests are not the suite: {}", watched.said);
    assert_eq!(watched.attempts, 0, "{}", watched.said);
}
