//! Nothing leaves the loopback interface.
//!
//! Two witnesses: a proxy that every HTTP client of the runtime would have to ask, everywhere;
//! and, on Linux, a network without an outside, whose kernel counts each attempt to reach it.
//! Both are shown to notice a runtime that is not kept quiet. The second one watches the
//! behaviour suite and the runner for `codex exec` as well, from their own binaries.

use std::time::{Duration, Instant};

use codex_testing::{AppServerHarness, AppServerHarnessBuilder, MockResponses, Reply};
use serde_json::json;

use crate::wire::Wire;

/// How long a runtime may take to dial out, and how long a quiet one is watched.
const NOISE_LIMIT: Duration = Duration::from_secs(20);
const QUIET_TIME: Duration = Duration::from_secs(2);

/// What the runtime does unless told otherwise.
const NOISY: &str = "check_for_update_on_startup = true\n\
    [analytics]\nenabled = true\n\
    [features]\nplugins = true\napps = true\nremote_plugin = true\n";

#[test]
fn the_runtime_asks_no_proxy_for_anything() {
    let proxied = |proxy: &MockResponses| {
        let url = format!("http://{}", proxy.address());
        [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
        ]
        .into_iter()
        .fold(AppServerHarness::builder(), |builder, name| {
            builder.env(name, &url)
        })
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
    };

    let proxy = MockResponses::start().unwrap();
    let asked = || !proxy.all_requests().is_empty();
    assert!(
        dials_out(proxied(&proxy).config(NOISY), asked),
        "the proxy notices nothing"
    );

    let proxy = MockResponses::start().unwrap();
    keep_busy(proxied(&proxy));
    let asked = proxy.all_requests();
    assert!(asked.is_empty(), "{asked:#?}");
}

/// Runs a runtime until it is caught dialing out, or time is up.
fn dials_out(noisy: AppServerHarnessBuilder, caught: impl Fn() -> bool) -> bool {
    let harness = noisy.start().unwrap();
    let mut wire = Wire::start(harness.app_server_command());
    wire.initialize();
    let start = Instant::now();
    while !caught() {
        if start.elapsed() > NOISE_LIMIT {
            return false;
        }
        wire.request("thread/loaded/list", json!({}));
    }
    true
}

/// Does what suites do, for a while, from start to end of a runtime.
fn keep_busy(quiet: AppServerHarnessBuilder) {
    let harness = quiet.start().unwrap();
    harness
        .responses()
        .respond_with(|_| Some(Reply::streaming(["he", "llo"])));
    let mut wire = Wire::start(harness.app_server_command());
    wire.initialize();
    let start = Instant::now();
    while start.elapsed() < QUIET_TIME {
        wire.request("model/list", json!({}));
        let thread = wire.start_thread();
        wire.start_turn(&thread, "hello");
        assert_eq!(wire.completed_turn()["status"], "completed");
    }
    wire.end();
}

/// In a network of its own. Outside, the test only has itself run there.
#[cfg(target_os = "linux")]
#[test]
fn no_packet_leaves_the_machine() {
    use crate::isolated_network::{INSIDE, watch};

    if std::env::var_os(INSIDE).is_some() {
        keep_busy(AppServerHarness::builder());
        assert_eq!(attempts(), 0, "the runtime tried to reach the outside");
        let noisy = AppServerHarness::builder().config(NOISY);
        assert!(
            dials_out(noisy, || attempts() > 0),
            "the counter notices nothing"
        );
        return;
    }
    // If the runtime is still to be installed, then while there is a network.
    AppServerHarness::start().unwrap();
    let name = "loopback::no_packet_leaves_the_machine";
    let watched = watch(&["--exact", name, "--nocapture"]);
    assert!(watched.passed, "{}", watched.said);
    assert!(watched.said.contains("1 passed"), "{}", watched.said);
    assert!(watched.attempts > 0, "the last of it dials out");
}

/// How often something in this network has tried to reach the outside so far.
#[cfg(target_os = "linux")]
fn attempts() -> u64 {
    let counters = ["/proc/net/snmp", "/proc/net/snmp6"].map(std::fs::read_to_string);
    let counters = counters.map(Result::unwrap_or_default).concat();
    crate::isolated_network::attempts_in(&counters).unwrap()
}
