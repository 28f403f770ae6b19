//! The async client outlives the async runtime it was made on.

use std::process::{Command, Stdio};
use std::task::Poll;

use codex_client::{Client, Launch};
use serde_json::json;

use crate::talk::initialized;

fn shell() -> Launch {
    let hello = json!({"id": 1, "result": initialized("shell/0.169.0 (sh)")});
    // Ignores EOF: only a kill ends it.
    let script = format!("read line; echo '{hello}'; while :; do sleep 0.05; done");
    Launch::new().binary("/bin/sh").arguments(["-c", &script])
}

fn is_running(id: u32) -> bool {
    let status = Command::new("/bin/sh")
        .args(["-c", &format!("kill -0 {id}")])
        .stderr(Stdio::null())
        .status();
    status.unwrap().success()
}

#[test]
fn a_process_is_killed_and_reaped_without_the_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = runtime
        .block_on(Client::builder().launch(shell()).build())
        .unwrap();
    let id = client.process_id().unwrap();
    drop(runtime);
    assert!(is_running(id), "nobody has let go of the client yet");
    drop(client);
    let begin = std::time::Instant::now();
    while is_running(id) {
        assert!(begin.elapsed() < crate::mode::LIMIT, "the process survived");
        std::thread::yield_now();
    }
}

#[test]
fn queued_events_can_be_read_without_the_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = runtime
        .block_on(Client::builder().launch(shell()).build())
        .unwrap();
    let mut events = client.events().unwrap();
    drop(runtime);
    drop(client);
    // Nothing panics or hangs; the stream was the last handle of the process.
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let next = std::pin::pin!(events.next()).poll(&mut context);
    assert!(matches!(next, Poll::Ready(Some(Err(error))) if error.is_closed()));
}
