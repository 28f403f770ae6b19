//! Attacks by ids: very many, very long, unknown, and those of what does not exist yet.

use std::time::{Duration, Instant};

use codex_client::transport::memory::MemoryPeer;
use codex_client::{Error, TurnEvent};
use serde_json::{Value, json};

use crate::api::{Api, Handling, LIMIT, Options, attacks};
use crate::servers::{flush, manual_peer, received, turn};

attacks! {
    ids_are_all_different: 96 MiB, 60 s;
    ids_are_long: 112 MiB, 60 s;
    unknown_requests_flood: 256 MiB, 60 s;
    answers_come_before_their_requests: 32 MiB, 60 s;
    turns_are_started_and_never_end: 96 MiB, 60 s;
    pages_lead_in_a_circle: 64 MiB, 60 s;
    pages_are_empty_and_never_end: 64 MiB, 60 s;
    history_is_larger_than_a_view: 185 MiB, 60 s;
}

/// A turn of a thread with a command in it, as the server tells about it.
fn story(thread: &str, turn: &str, item: &str) -> [Value; 4] {
    let command = json!({
        "type": "commandExecution", "id": item, "command": "x", "cwd": "/", "status": "inProgress",
        "source": "agent", "commandActions": [],
    });
    let of_turn =
        json!({"id": turn, "items": [], "itemsView": "notLoaded", "status": "inProgress"});
    let delta = json!({"threadId": thread, "turnId": turn, "itemId": item, "delta": "x"});
    [
        json!({"method": "turn/started", "params": {"threadId": thread, "turn": of_turn}}),
        json!({"method": "item/started", "params":
            {"threadId": thread, "turnId": turn, "startedAtMs": 1, "item": command}}),
        json!({"method": "item/agentMessage/delta", "params": delta}),
        json!({"method": "serverRequest/resolved", "params":
            {"threadId": thread, "requestId": item}}),
    ]
}

/// Of which nothing is read, besides what belongs to another thread.
fn ids_are_all_different<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options {
        handler: Some(Handling::Accept),
        ..Options::default()
    });
    let unread = client.thread("t");
    for first in (0..10_000).step_by(1000) {
        let stories = (first..first + 1000).flat_map(|number| {
            let [thread, turn, item] = ["t", "u", "i"].map(|kind| format!("{kind}{number}"));
            story(&thread, &turn, &item).map(|message| message.to_string())
        });
        peer.send_all(stories);
        flush(&client, &peer);
    }
    drop((client, unread));
}

fn ids_are_long<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options {
        handler: Some(Handling::Accept),
        ..Options::default()
    });
    let unread = client.thread("t");
    for number in 0..8 {
        let long = format!("{number} {}", "x".repeat(1 << 20));
        for message in story("t", &long, &long) {
            peer.send(message.to_string());
        }
        flush(&client, &peer);
    }
    drop((client, unread));
}

/// How long so many requests with unknown methods take, each of which is answered.
fn cost_of_unknown<A: Api>(client: &A, peer: &MemoryPeer, count: usize) -> Duration {
    let begin = Instant::now();
    for first in (0..count).step_by(1000) {
        let request =
            |id| json!({"id": format!("{count} {id}"), "method": format!("unknown/{id}")});
        peer.send_all((first..first + 1000).map(|id| request(id).to_string()));
        for _ in 0..1000 {
            assert_eq!(received(peer)["error"]["code"], -32601);
        }
    }
    flush(client, peer);
    begin.elapsed()
}

fn unknown_requests_flood<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let few = cost_of_unknown(&client, &peer, 5_000);
    let many = cost_of_unknown(&client, &peer, 50_000);
    assert!(many < few * 40, "{many:?} after {few:?}");
    drop(client);
}

fn answers_come_before_their_requests<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    for round in 0..20_i64 {
        let early = (0..500).map(|id| json!({"id": id, "result": {"is": "early"}}).to_string());
        let hasty = client.with_deadline(Duration::from_secs(10));
        peer.send_all(early);
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| hasty.raw("ask", &json!({})).unwrap());
            let asked = received(&peer);
            let answer = json!({"id": asked["id"], "result": {"round": round}});
            peer.send(answer.to_string());
            let answered = asking.join().unwrap();
            // An early one may be read just after the request was submitted, never later.
            assert!(answered["round"] == round || answered["is"] == "early");
        });
        flush_late(&client, &peer);
    }
    drop(client);
}

/// Like `flush`, of a server that has answered already.
fn flush_late<A: Api>(client: &A, peer: &MemoryPeer) {
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("late", &json!({})));
        let asked = received(peer);
        peer.send(json!({"id": asked["id"], "result": {}}).to_string());
        asking.join().unwrap().unwrap();
    });
}

/// The stream of a turn, beside turns that have nothing to do with it.
fn turns_are_started_and_never_end<A: Api>() {
    let (client, peer) = manual_peer::<A>(&Options::default());
    let mut turn = turn(&client, LIMIT, &peer);
    for first in (0..10_000).step_by(1000) {
        let stories = (first..first + 1000).flat_map(|number| {
            let messages = story("t", &format!("u{number}"), &format!("i{number}"));
            messages.map(|message| message.to_string())
        });
        peer.send_all(stories);
        flush(&client, &peer);
    }
    let end = json!({"id": "x", "items": [], "itemsView": "notLoaded", "status": "completed"});
    let end = json!({"method": "turn/completed", "params": {"threadId": "t", "turn": end}});
    peer.send(end.to_string());
    match client.next_of_turn(&mut turn) {
        Some(Ok(TurnEvent::Notification(event))) => assert_eq!(event.method(), "turn/completed"),
        other => panic!("{other:?}"),
    }
    drop((client, turn));
}

/// Runs a client's request, whose server answers each request with a result.
fn with_answers<A: Api, R: Send>(
    run: impl FnOnce(&A) -> R + Send,
    mut answer: impl FnMut(&Value) -> Value,
) -> R {
    let (client, peer) = manual_peer::<A>(&Options::default());
    std::thread::scope(|scope| {
        let running = scope.spawn(|| run(&client));
        while !running.is_finished() {
            let Some(frame) = peer.receive_timeout(Duration::from_millis(100)) else {
                continue;
            };
            let asked: Value = serde_json::from_slice(&frame).unwrap();
            let result = answer(&asked);
            peer.send(json!({"id": asked["id"], "result": result}).to_string());
        }
        running.join().unwrap()
    })
}

/// Lists the threads of a server whose empty pages lead to these.
fn list<A: Api>(next: impl Fn(usize) -> String) -> Result<usize, Error> {
    let mut number = 0;
    with_answers(A::count_threads, |_| {
        number += 1;
        json!({"data": [], "nextCursor": next(number)})
    })
}

fn pages_lead_in_a_circle<A: Api>() {
    for length in [1, 2, 7] {
        let count = list::<A>(|number| (number % length).to_string());
        assert_eq!(count.unwrap(), 0);
    }
}

fn pages_are_empty_and_never_end<A: Api>() {
    assert_eq!(list::<A>(|number| number.to_string()).unwrap(), 0);
}

/// 100 MiB, of which a view keeps 64 MiB, beside the copy that was read.
fn history_is_larger_than_a_view<A: Api>() {
    const COUNT: usize = 80;
    let mut number = COUNT;
    let viewed = with_answers(A::view, |asked| {
        if asked["method"] == "thread/read" {
            return json!({"thread": {
                "id": "t", "preview": "", "modelProvider": "m", "createdAt": 1, "updatedAt": 1,
                "status": {"type": "idle"}, "cwd": "/", "cliVersion": "1", "source": "cli",
                "turns": [], "ephemeral": false, "sessionId": "s",
            }});
        }
        assert_eq!(asked["params"]["sortDirection"], "desc");
        let turns: Vec<Value> = (0..5)
            .map(|_| {
                number -= 1;
                let item = json!({"type": "agentMessage", "id": "m", "text": "x".repeat(1 << 20)});
                json!({"id": format!("u{number:04}"), "items": [item], "itemsView": "full",
                    "status": "completed", "startedAt": number})
            })
            .collect();
        let next = (number > 0).then(|| number.to_string());
        json!({"data": turns, "nextCursor": next})
    });
    let (kept, omitted) = viewed.unwrap();
    assert_eq!(kept + omitted, COUNT);
    assert!((50..=64).contains(&kept), "{kept} turns");
}
