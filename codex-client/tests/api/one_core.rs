//! Guarantees about waiting in both APIs, which are one implementation: deadlines, cancellation,
//! background work. Every scenario is compiled twice.
//!
//! Handles of the async API are dropped outside of its runtime here.

use std::sync::LazyLock;
use std::time::Duration;

use codex_client::types::{ThreadGoalSetParams, ThreadGoalStatus, methods};
use codex_client::{Error, Input, Retry, ShutdownGrace};
use codex_testing::scripted::{Script, ScriptedPeer};
use serde_json::{Value, json};

use crate::support::{LIMIT, harness};

/// The error code of an overloaded server.
const OVERLOADED: i64 = -32001;

fn wait<F: IntoFuture>(future: F) -> F::Output {
    static RUNTIME: LazyLock<tokio::runtime::Runtime> =
        LazyLock::new(|| tokio::runtime::Runtime::new().unwrap());
    let future = async { future.await };
    RUNTIME.block_on(future)
}

fn turn(status: &str) -> Value {
    json!({"id": "u", "items": [], "status": status})
}

fn completed(status: &str) -> Value {
    json!({"threadId": "t", "turn": turn(status)})
}

/// A server that starts a turn.
fn started() -> Script {
    let script = Script::new().handshake().expect("turn/start");
    script.reply(json!({"turn": turn("inProgress")}))
}

mod async_api {
    use codex_client::{Cancellation, Codex};

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
    include!("one_core/scenarios.rs");

    #[test]
    fn goal_whose_future_is_dropped_is_paused() {
        let (dropping, dropped) = tokio::sync::oneshot::channel();
        let (peer, codex) = play(goal_given_up(move || dropping.send(()).unwrap()));
        let thread = codex.thread("t");
        wait(async {
            tokio::select! {
                goal = thread.goal("Get there.").into_future() => panic!("{goal:?}"),
                dropped = dropped => dropped.unwrap(),
            }
        });
        codex.client().notify("test/given-up", &()).unwrap();
        peer.finish(LIMIT);
    }
}

mod blocking_api {
    use codex_client::blocking::{Cancellation, Codex};

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
    include!("one_core/scenarios.rs");

    #[test]
    fn waiting_for_the_longest_time_is_waiting_for_an_event() {
        let script = started().notify("turn/completed", completed("completed"));
        let (_peer, codex) = play(script);
        let mut turn = codex.thread("t").turn("Do it.").call().unwrap();
        let event = turn.next_timeout(Duration::MAX).unwrap().unwrap().unwrap();
        assert_eq!(event.method(), "turn/completed");
        let mut events = codex.events().unwrap();
        assert!(events.next_timeout(Duration::ZERO).is_err());
    }
}
