//! Nothing leaves the loopback interface.
//!
//! Two witnesses: a proxy that every HTTP client of the runtime would have to ask, everywhere;
//! and, on Linux, a network without an outside, whose kernel counts each attempt to reach it.
//! Both are shown to notice a runtime that is not kept quiet.

use std::time::{Duration, Instant};

use codex_client::testing::{AppServerHarness, AppServerHarnessBuilder, MockResponses, Reply};
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

#[cfg(target_os = "linux")]
mod namespace {
    use std::process::Command;

    use super::{AppServerHarness, NOISY, dials_out, keep_busy};

    /// Set in the copy of this test that runs inside the network.
    const INSIDE: &str = "CODEX_KIT_INSIDE_NAMESPACE";
    /// An explicit way out for machines that allow no namespaces.
    const WITHOUT: &str = "CODEX_KIT_WITHOUT_NAMESPACES";

    /// A network with nothing but `lo`. Names are asked of a server outside, so that asking is
    /// an attempt, too; the caller's own server may be on `lo`.
    const NETWORK: &str = "set -e\n\
        ip link set lo up\n\
        servers=$(mktemp)\n\
        echo 'nameserver 192.0.2.1' > \"$servers\"\n\
        mount --bind \"$servers\" /etc/resolv.conf\n\
        rm \"$servers\"\n\
        exec \"$0\" --exact loopback::namespace::no_packet_leaves_the_machine --nocapture\n";

    #[test]
    fn no_packet_leaves_the_machine() {
        if std::env::var_os(INSIDE).is_some() {
            return watch_attempts();
        }
        if std::env::var_os(WITHOUT).is_some() {
            println!("not looked at, because {WITHOUT} is set");
            return;
        }
        // If the runtime is still to be installed, then while there is a network.
        AppServerHarness::start().unwrap();
        let output = Command::new("unshare")
            .args([
                "--user",
                "--map-root-user",
                "--net",
                "--mount",
                "sh",
                "-c",
                NETWORK,
            ])
            .arg(std::env::current_exe().unwrap())
            .env(INSIDE, "1")
            .output();
        let output = output.unwrap_or_else(|error| {
            panic!(
                "this test needs `unshare` of util-linux ({error}); install it, or set {WITHOUT}=1"
            )
        });
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(
            said.contains("test loopback::namespace"),
            "this test needs user namespaces and `ip` of iproute2; allow and install them, or \
             set {WITHOUT}=1\n{said}"
        );
        assert!(output.status.success(), "{said}");
    }

    fn watch_attempts() {
        keep_busy(AppServerHarness::builder());
        assert_eq!(attempts(), 0, "the runtime tried to reach the outside");

        let noisy = AppServerHarness::builder().config(NOISY);
        assert!(
            dials_out(noisy, || attempts() > 0),
            "the counter notices nothing"
        );
    }

    /// How often something in this network tried to send to where no route leads.
    fn attempts() -> u64 {
        let old = std::fs::read_to_string("/proc/net/snmp").unwrap();
        let mut rows = old.lines().filter_map(|line| line.strip_prefix("Ip: "));
        let names = rows.next().unwrap().split_whitespace();
        let mut values = names.zip(rows.next().unwrap().split_whitespace());
        let (_, version_4) = values.find(|(name, _)| *name == "OutNoRoutes").unwrap();

        let new = std::fs::read_to_string("/proc/net/snmp6").unwrap_or_default();
        let mut values = new
            .lines()
            .filter_map(|line| line.split_once(char::is_whitespace));
        let version_6 = values
            .find(|(name, _)| *name == "Ip6OutNoRoutes")
            .map_or("0", |(_, value)| value.trim());
        version_4.parse::<u64>().unwrap() + version_6.parse::<u64>().unwrap()
    }
}
