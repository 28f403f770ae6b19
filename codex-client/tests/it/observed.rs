//! The client's logs: sufficient to follow it, and without message contents.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::mode::{Behavior, Mode, Setup, both_modes};
use crate::talk::{COMMAND, COMPLETED, DELTA, approval, completed, delta, manual_peer};

both_modes! {
    methods_and_ids_are_logged_without_payloads;
}

/// All logs of this process, up to the debug level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

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
    let told = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "observed/note",
        "observed/ask",
        COMMAND,
        DELTA,
        "unreadable message",
    ] {
        assert!(told.contains(expected), "nothing about {expected}");
    }
    let leak = told.lines().find(|line| line.contains("sesame"));
    assert_eq!(leak, None);
}
