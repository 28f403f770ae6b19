//! Supervised connections to scripted servers: what the real runtime cannot be brought to at a
//! given moment. Every scenario is compiled twice, once for each API.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use codex_client::transport::memory::{MemoryReader, MemoryWriter};
use codex_client::types::TurnStatus;
use codex_client::{CloseReason, Error, Restart};
use codex_testing::scripted::{Script, ScriptedPeer};
use serde_json::{Value, json};

use crate::support::LIMIT;

fn wait<F: IntoFuture>(future: F) -> F::Output {
    static RUNTIME: LazyLock<tokio::runtime::Runtime> =
        LazyLock::new(|| tokio::runtime::Runtime::new().unwrap());
    let future = async { future.await };
    RUNTIME.block_on(future)
}

/// Restarts at once.
fn at_once() -> Restart {
    Restart::on_failure().backoff(Duration::ZERO, Duration::ZERO)
}

/// Servers that are connected to one after the other.
#[derive(Clone)]
struct Servers(Arc<Mutex<VecDeque<Script>>>, Arc<Mutex<Vec<ScriptedPeer>>>);

impl Servers {
    fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self(
            Arc::new(Mutex::new(scripts.into_iter().collect())),
            Arc::default(),
        )
    }

    fn next(&self) -> io::Result<(MemoryReader, MemoryWriter)> {
        let script = self.0.lock().unwrap().pop_front();
        let script = script.ok_or_else(|| io::Error::other("no further server"))?;
        let (peer, transport) = ScriptedPeer::play(script);
        self.1.lock().unwrap().push(peer);
        Ok(transport.split())
    }

    /// Waits until every script was consumed.
    fn finish(&self) {
        assert!(self.0.lock().unwrap().is_empty(), "a server was not used");
        for peer in &*self.1.lock().unwrap() {
            peer.finish(LIMIT);
        }
    }
}

fn turn(status: &str, items: &[Value]) -> Value {
    let ended = (status != "inProgress").then_some(7);
    json!({"id": "u", "items": items, "status": status, "completedAt": ended})
}

/// A server that starts a turn, sends the first of its two messages, and breaks.
fn broken_in_a_turn() -> Script {
    Script::new()
        .handshake()
        .expect("turn/start")
        .reply(json!({"turn": turn("inProgress", &[])}))
        .notify(
            "turn/started",
            json!({"threadId": "t", "turn": turn("inProgress", &[])}),
        )
        .notify("item/completed", completed("one"))
        .close()
}

fn message(id: &str) -> Value {
    json!({"type": "agentMessage", "id": id, "text": id, "completedAtMs": 5})
}

fn completed(id: &str) -> Value {
    json!({"threadId": "t", "turnId": "u", "item": message(id), "completedAtMs": 5})
}

/// A server that resumes the thread, in this state.
fn resumed(status: &str) -> Script {
    Script::new()
        .handshake()
        .expect_with("thread/resume", |params| {
            assert_eq!(params, &json!({"threadId": "t", "excludeTurns": true}));
        })
        .reply(json!({"thread": {"id": "t", "status": {"type": status}}}))
}

fn with_history(script: Script, turns: &Value) -> Script {
    let list = script.expect_with("thread/turns/list", |params| {
        assert_eq!(params["itemsView"], "full");
    });
    list.reply(json!({"data": turns, "nextCursor": null}))
}

mod async_api {
    use codex_client::{Codex, Transport};

    use super::*;

    macro_rules! call {
        ($builder:expr) => {
            wait($builder)
        };
    }
    macro_rules! wait {
        ($future:expr) => {
            wait($future)
        };
    }

    fn transport(servers: &Servers) -> Transport {
        let servers = servers.clone();
        Transport::from_fn(move || std::future::ready(servers.next()))
    }

    include!("supervised/scenarios.rs");
}

mod blocking_api {
    use codex_client::blocking::{Codex, Transport};

    use super::*;

    macro_rules! call {
        ($builder:expr) => {
            $builder.call()
        };
    }
    macro_rules! wait {
        ($result:expr) => {
            $result
        };
    }

    fn transport(servers: &Servers) -> Transport {
        let servers = servers.clone();
        Transport::from_fn(move || servers.next())
    }
    include!("supervised/scenarios.rs");
}
