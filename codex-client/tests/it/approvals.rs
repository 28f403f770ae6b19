//! Requests of the server: each gets exactly one response.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use codex_client::types::SERVER_METHODS;
use serde_json::{Value, json};

use crate::mode::{Behavior, Mode, Setup, Wrapping, both_modes};
use crate::talk::{COMMAND, ManualPeer, approval, manual_peer};

both_modes! {
    without_a_handler_nothing_is_approved;
    a_handler_decides;
    handlers_in_pointers_and_options_are_handlers;
    ids_are_echoed_as_they_came;
    failing_handler_sends_an_error_response;
    a_handler_that_panics_declines;
    a_handler_that_takes_too_long_declines;
    a_handler_may_ask_the_client;
    slow_handler_does_not_stall_others;
    a_request_resolved_elsewhere_is_not_answered;
    malformed_requests_get_an_error_response;
    a_handler_that_is_waiting_does_not_keep_the_connection_open;
}

fn with<M: Mode>(handler: Behavior) -> (M, ManualPeer) {
    manual_peer::<M>(&Setup {
        handler,
        ..Setup::default()
    })
}

fn ask(peer: &ManualPeer, id: impl Into<Value>, method: &str, params: &Value) {
    peer.send(&json!({"id": id.into(), "method": method, "params": params}));
}

fn file_change() -> Value {
    json!({"threadId": "t", "turnId": "x", "itemId": "i", "startedAtMs": 1})
}

fn without_a_handler_nothing_is_approved<M: Mode>() {
    let (_client, peer) = with::<M>(Behavior::None);
    ask(&peer, 0, COMMAND, &approval("rm"));
    assert_eq!(
        peer.receive(),
        json!({"id": 0, "result": {"decision": "decline"}})
    );
    ask(&peer, 1, "item/fileChange/requestApproval", &file_change());
    assert_eq!(
        peer.receive(),
        json!({"id": 1, "result": {"decision": "decline"}})
    );
    let declinable = [COMMAND, "item/fileChange/requestApproval"];
    let others = SERVER_METHODS
        .iter()
        .map(|info| info.method)
        .chain(["never/heard/of"]);
    for (id, method) in (2..).zip(others.filter(|method| !declinable.contains(method))) {
        // With valid or invalid parameters: there is a response, and it approves nothing.
        ask(&peer, id, method, &json!({"threadId": "t"}));
        let answer = peer.receive();
        assert_eq!(answer["id"], id);
        assert!(answer["error"]["code"].is_i64(), "{method}: {answer}");
    }
}

fn a_handler_decides<M: Mode>() {
    let (_client, peer) = with::<M>(Behavior::Decide(Arc::new(|params| {
        params.command.as_deref() == Some("date")
    })));
    for (id, command, decision) in [(0, "date", "accept"), (1, "rm", "decline")] {
        ask(&peer, id, COMMAND, &approval(command));
        assert_eq!(
            peer.receive(),
            json!({"id": id, "result": {"decision": decision}})
        );
    }
    ask(&peer, 2, "item/fileChange/requestApproval", &file_change());
    assert_eq!(
        peer.receive()["result"]["decision"],
        "decline",
        "what is not handled is not approved"
    );
}

fn handlers_in_pointers_and_options_are_handlers<M: Mode>() {
    for (wrapping, decision) in [
        (Wrapping::Arc, "accept"),
        (Wrapping::Box, "accept"),
        (Wrapping::Some, "accept"),
        (Wrapping::Any, "accept"),
        (Wrapping::Nothing, "decline"),
    ] {
        let (_client, peer) = manual_peer::<M>(&Setup {
            handler: Behavior::Accept,
            wrapping,
            ..Setup::default()
        });
        ask(&peer, 0, COMMAND, &approval("date"));
        assert_eq!(peer.receive()["result"]["decision"], decision);
        ask(&peer, 1, "never/heard/of", &json!({}));
        assert_eq!(peer.receive()["error"]["code"], -32601);
    }
}

fn ids_are_echoed_as_they_came<M: Mode>() {
    let (client, peer) = with::<M>(Behavior::Accept);
    for id in [
        json!(0),
        json!("5"),
        json!(5),
        json!(""),
        json!(-3),
        json!(i64::MAX),
    ] {
        ask(&peer, id.clone(), COMMAND, &approval("date"));
        assert_eq!(peer.receive()["id"], id);
    }
    // The server counts from 0, and so may the client: the method distinguishes them.
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})));
        let request = peer.receive();
        ask(&peer, request["id"].clone(), COMMAND, &approval("date"));
        assert_eq!(peer.receive()["result"]["decision"], "accept");
        peer.answer(&request, &json!("mine"));
        assert_eq!(asking.join().unwrap().unwrap(), json!("mine"));
    });
}

fn failing_handler_sends_an_error_response<M: Mode>() {
    let (_client, peer) = with::<M>(Behavior::Fail);
    ask(&peer, 0, COMMAND, &approval("date"));
    let expected = json!({"error": {"code": -32000, "message": "no idea"}, "id": 0});
    assert_eq!(peer.receive(), expected);
    assert!(peer.is_quiet());
}

fn a_handler_that_panics_declines<M: Mode>() {
    let (_client, peer) = with::<M>(Behavior::Panic);
    for id in 0..2 {
        ask(&peer, id, COMMAND, &approval("date"));
        assert_eq!(
            peer.receive(),
            json!({"id": id, "result": {"decision": "decline"}})
        );
    }
    assert!(peer.is_quiet());
}

fn a_handler_that_takes_too_long_declines<M: Mode>() {
    let handler_limit = Some(Duration::from_millis(30));
    let setup = Setup {
        handler: Behavior::Hang,
        handler_limit,
        ..Setup::default()
    };
    let (_client, peer) = manual_peer::<M>(&setup);
    ask(&peer, 0, COMMAND, &approval("date"));
    assert_eq!(
        peer.receive(),
        json!({"id": 0, "result": {"decision": "decline"}})
    );
    assert!(peer.is_quiet(), "its own answer comes too late");
}

fn a_handler_may_ask_the_client<M: Mode>() {
    let (_client, peer) = with::<M>(Behavior::AskBack);
    ask(&peer, 0, COMMAND, &approval("date"));
    let nested = peer.receive();
    assert_eq!(nested["method"], "thread/loaded/list");
    peer.answer(&nested, &json!("yes"));
    assert_eq!(peer.receive()["result"]["decision"], "accept");
}

/// Lets handlers wait for a test.
#[derive(Default)]
struct Door(Mutex<bool>, Condvar);

impl Door {
    fn pass(&self) {
        let guard = self.0.lock().unwrap();
        drop(self.1.wait_while(guard, |open| !*open).unwrap());
    }
    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

fn slow_handler_does_not_stall_others<M: Mode>() {
    let door = Arc::new(Door::default());
    let waiting = Arc::clone(&door);
    let (client, peer) = with::<M>(Behavior::Decide(Arc::new(move |params| {
        if params.command.as_deref() == Some("slow") {
            waiting.pass();
        }
        true
    })));
    ask(&peer, 0, COMMAND, &approval("slow"));
    ask(&peer, 1, COMMAND, &approval("quick"));
    assert_eq!(peer.receive()["id"], 1);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})));
        peer.answer(&peer.receive(), &json!("fine"));
        assert_eq!(asking.join().unwrap().unwrap(), json!("fine"));
    });
    door.open();
    assert_eq!(peer.receive()["id"], 0);
}

fn a_request_resolved_elsewhere_is_not_answered<M: Mode>() {
    let (client, peer) = with::<M>(Behavior::Hang);
    let mut thread = client.thread("t").unwrap();
    ask(&peer, 7, COMMAND, &approval("date"));
    let resolved = json!({"threadId": "t", "requestId": 7});
    peer.send(&json!({"method": "serverRequest/resolved", "params": resolved}));
    assert!(client.next(&mut thread).unwrap().is_ok());
    assert!(peer.is_quiet());
    // The id is free again.
    ask(&peer, 7, "currentTime/read", &json!({"threadId": "t"}));
    assert_eq!(peer.receive()["id"], 7);
}

fn malformed_requests_get_an_error_response<M: Mode>() {
    let (_client, peer) = with::<M>(Behavior::Accept);
    ask(&peer, 0, COMMAND, &json!({"threadId": 5}));
    let answer = peer.receive();
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(0), &json!(-32602))
    );
}

fn a_handler_that_is_waiting_does_not_keep_the_connection_open<M: Mode>() {
    let (client, peer) = with::<M>(Behavior::Hang);
    ask(&peer, 0, COMMAND, &approval("date"));
    drop(client);
    assert_eq!(peer.0.receive_timeout(crate::mode::LIMIT), None);
}
