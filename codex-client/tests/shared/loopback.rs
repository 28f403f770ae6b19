//! The network of a suite: each harness observes its runtime, and fails its test on an attempt to
//! leave the loopback interface.
//!
//! `kit::loopback` tests that attempts are detected.

use std::io::Write as _;

use codex_testing::AppServerHarness;

/// Set by `cargo xtask ci loopback`.
const INSIDE_NAMESPACE: &str = "CODEX_TESTS_INSIDE_NAMESPACE";

/// Written past the test harness, which keeps what tests print to itself.
#[test]
fn this_suite_is_observed() {
    let harness = AppServerHarness::start().unwrap();
    let is_proxied = harness.environment().any(|(name, _)| name == "HTTPS_PROXY");
    assert!(is_proxied, "HTTP clients are led to the proxy that records");
    let witnesses = match (
        std::env::var_os(INSIDE_NAMESPACE),
        cfg!(target_os = "linux"),
    ) {
        (Some(_), _) => "the kernel's counters of a network of its own, a proxy, /proc/net",
        (None, true) => "a proxy and /proc/net, without privileges",
        (None, false) => "a proxy",
    };
    writeln!(std::io::stderr(), "network observed by {witnesses}").unwrap();
}
