//! Work against servers in this process, which follow the prompt: respond, flood, send requests,
//! send malformed messages, fall silent, or die.

use std::thread::{self, JoinHandle};

use codex_client::transport::memory::{self, MemoryPeer};
use serde_json::{Value, json};

use crate::api::{Api, LIMIT, Then};
use crate::random::Random;
use crate::run::Worker;

/// The prompts of a server, and `true` if the turn ends regularly.
const PROMPTS: [(&str, bool); 6] = [
    ("answer", true),
    ("flood", true),
    ("ask", true),
    ("garble", true),
    ("unreadable end", false),
    ("die", false),
];

/// One connection from its beginning to its end.
pub(crate) fn one_connection<A: Api>(random: &mut Random, worker: &Worker) {
    let (transport, peer) = memory::pair();
    let server = serve(peer);
    worker.begins("connect");
    let api = A::connect(transport).unwrap();
    let thread = api.known_thread("t");
    let unread = (random.below(3) == 0).then(|| api.events().unwrap());
    for _ in 0..=random.below(6) {
        if random.below(4) == 0 {
            worker.begins("give up a request");
            api.give_up();
        }
        let (prompt, regular) = random.pick(&PROMPTS);
        worker.begins(prompt);
        let result = match random.below(3) {
            0 if prompt != "die" => {
                worker.begins("interrupt");
                A::read(&thread, "hold", 1 + random.below(8), Then::Interrupt)
            }
            1 => {
                let then = random.pick(&[Then::ReadOn, Then::Drop]);
                A::read(&thread, prompt, random.below(20), then)
            }
            _ => {
                let result = A::run(&thread, prompt);
                assert_eq!(result.is_ok(), regular, "{prompt}: {result:?}");
                result
            }
        };
        if prompt == "die" || result.is_err_and(|error| error.is_closed()) {
            break;
        }
    }
    if random.below(2) == 0 {
        worker.begins("close");
        api.close();
    }
    worker.begins("drop");
    drop((thread, unread, api));
    server.join().unwrap();
}

fn serve(peer: MemoryPeer) -> JoinHandle<()> {
    let serve = move || {
        let mut turns = 0;
        while let Some(frame) = peer.receive_timeout(LIMIT) {
            let message: Value = serde_json::from_slice(&frame).unwrap();
            let (Some(id), Some(method)) = (message.get("id"), message["method"].as_str()) else {
                continue;
            };
            let reply = |result: Value| peer.send(json!({"id": id, "result": result}).to_string());
            match method {
                "initialize" => reply(hello()),
                "turn/start" => {
                    turns += 1;
                    let turn = format!("turn-{turns}");
                    reply(json!({"turn": state(&turn, "inProgress")}));
                    let prompt = message["params"]["input"][0]["text"].as_str().unwrap();
                    if prompt == "die" {
                        return;
                    }
                    play(&peer, prompt, &turn)
                }
                "turn/interrupt" => {
                    reply(json!({}));
                    let turn = message["params"]["turnId"].as_str().unwrap();
                    peer.send(completed(turn, "interrupted"))
                }
                _ => reply(json!({})),
            };
        }
    };
    thread::spawn(serve)
}

/// Sends the events of a turn.
fn play(peer: &MemoryPeer, prompt: &str, turn: &str) -> bool {
    let delta = |number: usize| {
        let text = format!("word {number} ");
        let params = json!({"threadId": "t", "turnId": turn, "itemId": "m", "delta": text});
        json!({"method": "item/agentMessage/delta", "params": params}).to_string()
    };
    let deltas = if prompt == "flood" { 3_000 } else { 20 };
    peer.send_all((0..deltas).map(delta));
    match prompt {
        "ask" => {
            let params = json!({
                "threadId": "t", "turnId": turn, "itemId": "c", "startedAtMs": 1, "command": "ls",
            });
            let method = "item/commandExecution/requestApproval";
            let asked = |id: usize| json!({"id": id, "method": method, "params": params});
            peer.send_all((0..20).map(|id| asked(id).to_string()));
        }
        "garble" => {
            peer.send_all([
                &b"garbage"[..],
                b"\xff\xfe",
                b"{\"id\":999,\"result\":1}",
                b"{\"a",
            ]);
        }
        "hold" => return true,
        "unreadable end" => {
            let end = completed(turn, "completed");
            return peer.send(&end.as_bytes()[..end.len() - 30]);
        }
        _ => {}
    }
    peer.send(completed(turn, "completed"))
}

fn completed(turn: &str, status: &str) -> String {
    let params = json!({"threadId": "t", "turn": state(turn, status)});
    json!({"method": "turn/completed", "params": params}).to_string()
}

fn state(id: &str, status: &str) -> Value {
    json!({
        "id": id, "items": [], "itemsView": "notLoaded", "status": status, "error": null,
        "startedAt": null, "completedAt": null, "durationMs": null,
    })
}

fn hello() -> Value {
    json!({
        "userAgent": "soak/0.169.0 (x; y) z", "codexHome": "/tmp", "platformFamily": "unix",
        "platformOs": "linux",
    })
}
