//! What the client tells about itself: enough to follow it, and nothing that is said in it.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::face::{Behavior, Face, Setup, both_faces};
use crate::talk::{COMMAND, COMPLETED, DELTA, approval, by_hand, completed, delta};

both_faces! {
    methods_and_ids_are_told_and_payloads_are_not;
}

/// Everything that is told in this process, up to the debug level.
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

fn methods_and_ids_are_told_and_payloads_are_not<F: Face>() {
    let log = &*LOG;
    let (client, hand) = by_hand::<F>(&Setup {
        handler: Behavior::Panic,
        ..Setup::default()
    });
    let mut everything = client.all().unwrap();
    client
        .notify("observed/note", &json!({"text": "sesame"}))
        .unwrap();
    hand.receive();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("observed/ask", &json!({"text": "sesame"})));
        hand.refuse(&hand.receive(), -32600, "sesame");
        assert!(asking.join().unwrap().is_err());
    });
    hand.send(&json!({"method": DELTA, "params": delta("t", "x", "sesame")}));
    hand.send(&json!({"method": DELTA, "params": {"threadId": "t", "delta": ["sesame"]}}));
    hand.send(&json!({"method": DELTA, "params": "sesame"}));
    hand.0.send("sesame");
    hand.send(&json!({"id": 0, "method": COMMAND, "params": approval("sesame")}));
    assert_eq!(hand.receive()["result"]["decision"], "decline");
    hand.send(&json!({"method": COMPLETED, "params": completed("t", "x")}));
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
