//! Short-lived handles, futures and subscriptions leave no entry in any table of their connection,
//! in both APIs.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::blocking;
use crate::connection::cancellation::Cancellation;
use crate::nonblocking::{Client, Codex};
use crate::transport::memory::{self, MemoryPeer, MemoryTransport};

const COUNT: usize = 10_000;
/// Time limit that only a hang exceeds.
const LIMIT: Duration = Duration::from_secs(120);

/// A client's end of a connection to a server that accepts everything.
fn connected() -> MemoryTransport {
    let (transport, peer) = memory::pair();
    thread::spawn(move || serve(&peer));
    transport
}

fn serve(peer: &MemoryPeer) {
    let mut turns = 0;
    while let Some(frame) = peer.receive_timeout(LIMIT) {
        let message: Value = serde_json::from_slice(&frame).unwrap();
        let Some(method) = message["method"].as_str() else {
            continue;
        };
        turns += 1;
        let result = match method {
            "initialize" => json!({
                "userAgent": format!("x/{} (x)", codex_types::RUNTIME_VERSION), "codexHome": "/",
                "platformFamily": "unix", "platformOs": "linux",
            }),
            "turn/start" => {
                let id = turns.to_string();
                json!({"turn": {"id": id, "items": [], "status": "inProgress"}})
            }
            "thread/goal/set" => json!({"goal": {
                "threadId": "t", "objective": "o", "status": "active", "tokensUsed": 0,
                "timeUsedSeconds": 0, "createdAt": 0, "updatedAt": 0,
            }}),
            "account/login/start" => json!({
                "type": "chatgpt", "loginId": turns.to_string(), "authUrl": "http://localhost",
            }),
            // Never answered.
            "silence" => continue,
            _ => json!({"cleared": true}),
        };
        if message.get("id").is_some() {
            peer.send(json!({"id": message["id"], "result": result}).to_string());
        }
    }
}

/// The number of entries in the tables of a connection.
#[derive(Debug)]
struct Tables([usize; 4]);

impl Tables {
    fn of(client: &Client, cancellation: &Cancellation) -> Self {
        let session = &client.session;
        Self([
            session.connection.size(),
            session.threads.size(),
            session.detached.size(),
            cancellation.size(),
        ])
    }

    /// Asserts that they have not grown, once the work in the background is done.
    fn have_not_grown(&self, client: &Client, cancellation: &Cancellation) {
        let begin = Instant::now();
        loop {
            let now = Self::of(client, cancellation);
            if now.0.iter().zip(self.0).all(|(now, before)| *now <= before) {
                return;
            }
            assert!(begin.elapsed() < LIMIT, "{now:?} instead of {self:?}");
            thread::yield_now();
        }
    }
}

fn poll_once<F: Future>(future: F) {
    let mut context = Context::from_waker(Waker::noop());
    assert!(pin!(future).poll(&mut context).is_pending());
}

#[test]
fn async_handles_leave_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let (reader, writer) = connected().split();
        let building = Client::builder().transport((reader, writer)).build();
        let client = building.await.unwrap();
        let cancellation = Cancellation::new();
        let codex = Codex::from_client(client.with_cancellation(&cancellation));
        // Everything before it was sent then.
        client.request_raw("flush", &json!({})).await.unwrap();
        let before = Tables::of(&client, &cancellation);
        for number in 0..COUNT {
            let thread = codex.thread(number.to_string());
            let turn = thread.turn("go").interrupt_on_drop();
            let mut turn = turn.deadline(LIMIT).idle_limit(LIMIT).await.unwrap();
            let mut stream = turn.control().stream().unwrap();
            poll_once(stream.next());
            poll_once(turn.run());
            poll_once(turn.text_deltas().next());
            let mut goal = thread.goal("o").await.unwrap();
            poll_once(goal.next());
            let mut compaction = thread.compact().await.unwrap();
            poll_once(compaction.wait());
            let login = codex.login_chatgpt().await.unwrap();
            poll_once(login.wait());
            for mut events in [
                client.events().unwrap(),
                thread.events().unwrap(),
                client.turn_events("x").unwrap(),
            ] {
                poll_once(events.next());
            }
            poll_once(client.closed());
            poll_once(codex.client().request_raw("silence", &json!({})));
            drop((Arc::new(thread.clone()), codex.clone()));
        }
        before.have_not_grown(&client, &cancellation);
    });
}

#[test]
fn blocking_handles_leave_nothing() {
    let (reader, writer) = connected().split();
    let builder = blocking::Client::builder().transport((reader, writer));
    let client = builder.build().unwrap();
    let cancellation = Cancellation::new();
    let codex = blocking::Codex::from_client(client.with_cancellation(&cancellation));
    let soon = Duration::from_micros(1);
    let hasty = client.with_deadline(soon);
    client.request_raw("flush", &json!({})).unwrap();
    let before = Tables::of(&client.0, &cancellation);
    for number in 0..COUNT {
        let thread = codex.thread(number.to_string());
        let turn = thread.turn("go").interrupt_on_drop();
        let mut turn = turn.deadline(LIMIT).idle_limit(LIMIT).call().unwrap();
        let mut stream = turn.control().stream().unwrap();
        assert!(stream.next_timeout(soon).is_err());
        assert!(turn.next_timeout(soon).is_err());
        drop(thread.goal("o").call().unwrap());
        drop(thread.compact().call().unwrap());
        drop(codex.login_chatgpt().unwrap());
        for mut events in [
            client.events().unwrap(),
            thread.events().unwrap(),
            client.turn_events("x").unwrap(),
        ] {
            assert!(events.next_timeout(Duration::ZERO).is_err());
        }
        assert!(hasty.request_raw("silence", &json!({})).is_err());
    }
    before.have_not_grown(&client.0, &cancellation);
}
