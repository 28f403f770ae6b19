//! Nothing leaves the loopback interface, and attempts are noticed.
//!
//! Observed without privileges, as every harness is. `cargo xtask ci loopback` runs the same tests
//! in a network without an outside, whose kernel counts the attempts; the noisy runtime shows
//! there that the counter notices, too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use codex_testing::{AppServerHarness, AppServerHarnessBuilder, Reply, Witness};
use serde_json::json;

use crate::wire::Wire;

/// Limit for a noisy runtime to dial out, and the time for which a quiet one is watched.
const NOISE_LIMIT: Duration = Duration::from_secs(20);
const QUIET_TIME: Duration = Duration::from_secs(2);

/// Set where the real outside does: in a network in which no name server ever answers.
#[cfg(target_os = "linux")]
const INSIDE_NAMESPACE: &str = "CODEX_TESTS_INSIDE_NAMESPACE";

/// The default configuration of the runtime.
fn noisy() -> AppServerHarnessBuilder {
    AppServerHarness::builder().config(
        "check_for_update_on_startup = true\n\
         [analytics]\nenabled = true\n\
         [features]\nplugins = true\napps = true\nremote_plugin = true\n",
    )
}

/// Runs a runtime until one of its attempts is noticed.
fn dial_out(builder: AppServerHarnessBuilder) -> AppServerHarness {
    let harness = builder.start().unwrap();
    let mut wire = Wire::start(harness.app_server_command());
    wire.initialize();
    let thread = wire.start_thread();
    wire.start_turn(&thread, "hello");
    let start = Instant::now();
    while harness.outbound_attempts().is_empty() {
        assert!(start.elapsed() < NOISE_LIMIT, "no attempt was noticed");
        wire.request("thread/loaded/list", json!({}));
    }
    harness
}

#[test]
fn a_noisy_runtime_asks_the_proxy_and_fails_its_test() {
    let harness = dial_out(noisy());
    let attempts = harness.outbound_attempts();
    let asked = |attempt: &_| matches!(attempt, Witness::Proxy);
    assert!(attempts.iter().any(|it| asked(&it.witness)), "{attempts:?}");
    let panic = catch_unwind(AssertUnwindSafe(|| drop(harness))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(
        message.contains("tried to leave the loopback interface"),
        "{message}"
    );
    assert!(message.contains(&attempts[0].target), "{message}");
}

/// In some networks, names and routes fail faster than sockets are sampled;
/// so a model elsewhere stands for the outside, which accepts and never answers.
#[cfg(target_os = "linux")]
#[test]
fn a_noisy_runtime_is_noticed_by_its_sockets() {
    let outside = std::net::TcpListener::bind("127.0.0.2:0").unwrap();
    let mut noisy = noisy().allow_outbound();
    if std::env::var_os(INSIDE_NAMESPACE).is_none() {
        let url = format!("http://{}/v1", outside.local_addr().unwrap());
        noisy = noisy.config(format!("[model_providers.mock]\nbase_url = \"{url}\""));
    }
    let harness = dial_out(noisy);
    for attempt in harness.outbound_attempts() {
        assert_eq!(attempt.witness, Witness::Sockets);
        let process = attempt.process.unwrap_or_default();
        assert!(!process.is_empty(), "{}", attempt.target);
    }
}

/// The descendants of the runtime are observed, too: this one is a program of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_socket_of_a_grandchild_is_noticed() {
    use std::process::Stdio;

    const INSIDE: &str = "CODEX_KIT_HOLDS_A_SOCKET";
    if std::env::var_os(INSIDE).is_some() {
        let _socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
        let _ = std::io::stdin().read_line(&mut String::new());
        return;
    }
    let harness = AppServerHarness::builder()
        .allow_outbound()
        .start()
        .unwrap();
    let test = "loopback::a_socket_of_a_grandchild_is_noticed";
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", "env -i \"$@\"; true", "sh"])
        .arg(format!("{INSIDE}=1"))
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .envs(harness.environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut shell = shell.spawn().unwrap();
    let start = Instant::now();
    while harness.outbound_attempts().is_empty() {
        assert!(start.elapsed() < NOISE_LIMIT, "no socket was noticed");
        std::thread::yield_now();
    }
    drop(shell.stdin.take());
    shell.wait().unwrap();
    let attempts = harness.outbound_attempts();
    assert!(
        attempts[0].to_string().contains("datagrams"),
        "{attempts:?}"
    );
}

/// Does what suites do, for a while, from start to end of a runtime; the harness fails the test
/// if an attempt is noticed.
#[test]
fn a_quiet_runtime_stays() {
    let harness = AppServerHarness::start().unwrap();
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
    assert_eq!(harness.outbound_attempts(), []);
}
