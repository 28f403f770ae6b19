//! The client's logs: sufficient to follow it, and without message contents.

use std::sync::LazyLock;

use serde_json::json;

use crate::log::Log;
use crate::mode::{Behavior, Mode, Setup, both_modes};
use crate::talk::{COMMAND, COMPLETED, DELTA, ManualPeer, approval, completed, delta, manual_peer};

both_modes! {
    methods_and_ids_are_logged_without_payloads;
    retry_of_the_runtime_is_a_warning_at_once;
}

/// All logs of this process, up to the debug level.
static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let builder = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG);
    builder.with_ansi(false).with_writer(log.clone()).init();
    log
});

fn methods_and_ids_are_logged_without_payloads<M: Mode>() {
    let log = &*LOG;
    let (client, peer) = manual_peer::<M>(&Setup {
        handler: Behavior::Panic,
        ..Setup::default()
    });
    let mut everything = client.all().unwrap();
    client
        .notify("observed/note", &json!({"text": "sesame"}))
        .unwrap();
    peer.receive();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("observed/ask", &json!({"text": "sesame"})));
        peer.refuse(&peer.receive(), -32600, "sesame");
        assert!(asking.join().unwrap().is_err());
    });
    peer.send(&json!({"method": DELTA, "params": delta("t", "x", "sesame")}));
    peer.send(&json!({"method": DELTA, "params": {"threadId": "t", "delta": ["sesame"]}}));
    peer.send(&json!({"method": DELTA, "params": "sesame"}));
    peer.0.send("sesame");
    peer.send(&json!({"id": 0, "method": COMMAND, "params": approval("sesame")}));
    assert_eq!(peer.receive()["result"]["decision"], "decline");
    peer.send(&json!({"method": COMPLETED, "params": completed("t", "x")}));
    while client
        .next(&mut everything)
        .is_none_or(|event| event.is_err() || event.unwrap().method() != COMPLETED)
    {}
    client.close();
    let told = log.text();
    for expected in [
        "observed/note",
        "observed/ask",
        COMMAND,
        DELTA,
        "unreadable message",
    ] {
        assert!(told.contains(expected), "nothing about {expected}");
    }
    let decided = told.lines().find(|line| line.contains("approval decided"));
    let decided = decided.expect("the decision");
    for part in [
        "INFO",
        "decline",
        "default",
        "the handler panicked",
        "\"x\"",
    ] {
        assert!(decided.contains(part), "{decided}");
    }
    let leak = told.lines().find(|line| line.contains("sesame"));
    assert_eq!(leak, None);
}

/// Returns when everything that was sent before has been read.
fn wait_until_read<M: Mode>(client: &M, peer: &ManualPeer) {
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("observed/after", &json!({})));
        peer.answer(&peer.receive(), &json!({}));
        asking.join().unwrap().unwrap();
    });
}

/// The events of the turn are not read: without a network that is what a `run()` looks like.
fn retry_of_the_runtime_is_a_warning_at_once<M: Mode>() {
    let log = &*LOG;
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let _unread = client.thread("retried").unwrap();
    let turn = |retried: bool| format!("{}-{retried}", std::any::type_name::<M>());
    for retried in [true, false] {
        let error = json!({
            "threadId": "retried", "turnId": turn(retried), "willRetry": retried,
            "error": {"message": "Reconnecting... waiting for network", "codexErrorInfo": null},
        });
        peer.send(&json!({"method": "error", "params": error}));
    }
    wait_until_read(&client, &peer);
    let told = log.text();
    let about = |turn: &str| {
        told.lines()
            .filter(|line| line.contains(turn))
            .collect::<Vec<_>>()
    };
    let warnings = about(&turn(true));
    let [warning] = warnings[..] else {
        panic!("{warnings:?}");
    };
    for part in [
        "WARN",
        "retried",
        "the runtime tries again",
        "waiting for network",
    ] {
        assert!(warning.contains(part), "{warning}");
    }
    let others = about(&turn(false));
    assert!(
        others.iter().all(|line| !line.contains("WARN")),
        "{others:?}"
    );
}
