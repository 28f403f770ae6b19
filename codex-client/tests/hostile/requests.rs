//! Attacks by requests and responses of the server.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use codex_client::{Approve, Error, TurnEvent};
use serde_json::json;

use crate::api::{Api, Handling, LIMIT, Options, attacks};
use crate::figures::threads_of_clients;
use crate::servers::{approval, flush, manual_peer, received, resolved, stream, turn};

attacks! {
    many_approvals_without_a_handler: 256 MiB, 60 s;
    approvals_are_many_and_wait: 512 MiB, 60 s;
    hundred_thousand_approvals_cost_as_much_each_as_ten_thousand: 512 MiB, 120 s;
    approvals_are_many_and_take_too_long: 64 MiB, 60 s;
    approvals_are_opened_and_resolved: 64 MiB, 60 s;
    approvals_share_an_id: 64 MiB, 60 s;
    handlers_panic: 256 MiB, 60 s;
    requests_flood_and_no_answer_is_read: 192 MiB, 60 s;
    responses_are_not_read_for_too_long: 96 MiB, 60 s;
    approvals_flood_a_stream_with_a_policy: 256 MiB, 60 s;
    resolved_approvals_flood_a_stream: 256 MiB, 60 s;
    requests_cannot_be_read: 64 MiB, 60 s;
    responses_without_requests: 64 MiB, 60 s;
    answers_come_twice: 64 MiB, 60 s;
    error_data_holds_secrets: 64 MiB, 60 s;
    error_data_is_large: 128 MiB, 60 s;
    responses_and_requests_are_nested_without_end: 64 MiB, 60 s;
    requests_that_were_given_up_are_not_kept: 24 MiB, 60 s;
    notifications_wait_for_a_server_that_does_not_read: 64 MiB, 60 s;
}

const MANY: usize = 20_000;

fn with(handler: Option<Handling>) -> Options {
    Options {
        handler,
        ..Options::default()
    }
}

fn many_approvals_without_a_handler<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(None));
    peer.send_all((0..MANY).map(|id| approval(id).to_string()));
    let mut seen = vec![false; MANY];
    for _ in 0..MANY {
        let answer = received(&peer);
        assert_eq!(answer["result"]["decision"], "decline");
        let id = usize::try_from(answer["id"].as_u64().unwrap()).unwrap();
        assert!(!std::mem::replace(&mut seen[id], true), "answered twice");
    }
    drop(client);
}

fn approvals_are_many_and_wait<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(Some(Handling::Hang)));
    let begin = Instant::now();
    peer.send_all((0..MANY).map(|id| approval(id).to_string()));
    flush(&client, &peer);
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
    let threads = threads_of_clients();
    assert!(threads <= 16 + 2, "{threads} threads");
    client.close();
}

/// How long so many approvals take, until each is answered or, with a handler, waits for it.
fn cost_of_approvals<A: Api>(handler: Option<Handling>, count: usize) -> Duration {
    let (client, peer) = manual_peer::<A>(&with(handler));
    let begin = Instant::now();
    for first in (0..count).step_by(1000) {
        peer.send_all((first..first + 1000).map(|id| approval(id).to_string()));
        if handler.is_none() {
            for _ in 0..1000 {
                received(&peer);
            }
        }
    }
    flush(&client, &peer);
    let took = begin.elapsed();
    client.close();
    took
}

fn hundred_thousand_approvals_cost_as_much_each_as_ten_thousand<A: Api>() {
    for handler in [None, Some(Handling::Hang)] {
        // A ratio, since the machine may be loaded; ten times as many would cost a hundred times as
        // much if each looked at all others.
        let few = cost_of_approvals::<A>(handler, 10_000);
        let many = cost_of_approvals::<A>(handler, 100_000);
        assert!(many < few * 40, "{many:?} after {few:?}");
    }
}

fn approvals_are_many_and_take_too_long<A: Api>() {
    let options = Options {
        handler: Some(Handling::Hang),
        handler_limit: Some(Duration::from_millis(200)),
        handlers: 2,
        ..Options::default()
    };
    let (client, peer) = manual_peer::<A>(&options);
    peer.send_all((0..1000).map(|id| approval(id).to_string()));
    for _ in 0..1000 {
        assert_eq!(received(&peer)["result"]["decision"], "decline");
    }
    drop(client);
}

fn approvals_are_opened_and_resolved<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(Some(Handling::Hang)));
    for round in 0..4 {
        let both = (0..2500).flat_map(|id| {
            let id = round * 2500 + id;
            [approval(id).to_string(), resolved(id).to_string()]
        });
        peer.send_all(both);
        flush(&client, &peer);
    }
    drop(client);
}

fn approvals_share_an_id<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(Some(Handling::Accept)));
    peer.send_all((0..2000).map(|_| approval(7).to_string()));
    flush(&client, &peer);
    peer.send(approval(8).to_string());
    loop {
        let answer = received(&peer);
        assert_eq!(answer["result"]["decision"], "accept");
        if answer["id"] == 8 {
            break;
        }
    }
    drop(client);
}

fn handlers_panic<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(Some(Handling::Panic)));
    peer.send_all((0..10).map(|id| approval(id).to_string()));
    for _ in 0..10 {
        assert_eq!(received(&peer)["result"]["decision"], "decline");
    }
    flush(&client, &peer);
    drop(client);
}

fn requests_flood_and_no_answer_is_read<A: Api>() {
    let (client, mut server) = stream::<A>(&with(None));
    server
        .set_write_timeout(Some(Duration::from_millis(1500)))
        .unwrap();
    // Long ids make long responses.
    let long = "x".repeat(256 << 10);
    let mut sent = 0_usize;
    // It fails from some point on: the client stops reading.
    loop {
        let mut request = approval(sent);
        request["id"] = format!("{sent} {long}").into();
        if server.write_all(format!("{request}\n").as_bytes()).is_err() {
            break;
        }
        sent += 1;
        // The responses wait, 16 MiB of them, and some requests for their handlers.
        let bytes = sent * long.len();
        assert!(bytes < 128 << 20, "{bytes} bytes were read");
    }
    drop(client);
}

fn responses_are_not_read_for_too_long<A: Api>() {
    let options = Options {
        write_timeout: Some(Duration::from_millis(300)),
        ..with(None)
    };
    let (client, mut server) = stream::<A>(&options);
    let requests: String = (0..10_000)
        .map(|id| approval(id).to_string() + "\n")
        .collect();
    let _ = server.write_all(requests.as_bytes());
    let why = client.why();
    assert!(why.contains("write_timeout"), "{why}");
    drop(client);
}

/// The last event of a turn's stream.
fn end() -> String {
    let turn = json!({"id": "x", "items": [], "itemsView": "notLoaded", "status": "completed"});
    json!({"method": "turn/completed", "params": {"threadId": "t", "turn": turn}}).to_string()
}

fn approvals_flood_a_stream_with_a_policy<A: Api>() {
    let options = Options {
        policy: Some(Approve::command(["ls"]).else_decline()),
        budget: 16 << 20,
        ..with(None)
    };
    let (client, peer) = manual_peer::<A>(&options);
    let mut turn = turn(&client, LIMIT, &peer);
    peer.send_all((0..MANY).map(|id| approval(id).to_string()));
    flush(&client, &peer);
    peer.send(end());
    // None of them is returned, and each is decided.
    match client.next_of_turn(&mut turn) {
        Some(Ok(TurnEvent::Notification(event))) => assert_eq!(event.method(), "turn/completed"),
        other => panic!("{other:?}"),
    }
    for _ in 0..MANY {
        assert_eq!(received(&peer)["result"]["decision"], "decline");
    }
    drop((client, turn));
}

fn resolved_approvals_flood_a_stream<A: Api>() {
    let options = Options {
        budget: 16 << 20,
        ..with(None)
    };
    let (client, peer) = manual_peer::<A>(&options);
    let mut turn = turn(&client, LIMIT, &peer);
    peer.send_all((0..MANY).flat_map(|id| [approval(id).to_string(), resolved(id).to_string()]));
    peer.send(end());
    // Those that were taken before they were resolved are returned.
    loop {
        match client.next_of_turn(&mut turn) {
            Some(Ok(TurnEvent::Notification(event))) if event.method() == "turn/completed" => break,
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    drop((client, turn));
}

fn requests_cannot_be_read<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(Some(Handling::Accept)));
    let bad = |id| json!({"id": id, "method": crate::servers::COMMAND, "params": {"command": 5}});
    peer.send_all((0..1000).map(|id| bad(id).to_string()));
    for _ in 0..1000 {
        assert_eq!(received(&peer)["error"]["code"], -32602);
    }
    flush(&client, &peer);
    drop(client);
}

fn responses_without_requests<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(None));
    let mut events = client.all();
    for id in [
        json!(999),
        json!("a secret of the server".repeat(1000)),
        json!(-1),
        json!({"a": "secret"}),
    ] {
        peer.send(json!({"id": id, "result": {}}).to_string());
        match client.next(&mut events) {
            Some(Err(error @ Error::Protocol(_))) => {
                let shown = format!("{error} {error:?}");
                assert!(shown.len() < 1000 && !shown.contains("secret"), "{shown}");
            }
            other => panic!("{other:?}"),
        }
    }
    flush(&client, &peer);
    drop((client, events));
}

fn answers_come_twice<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(None));
    for _ in 0..100 {
        flush(&client, &peer);
        peer.send_all((1..200).map(|id| json!({"id": id, "result": "again"}).to_string()));
    }
    flush(&client, &peer);
    drop(client);
}

fn error_data_holds_secrets<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(None));
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})).unwrap_err());
        let asked = received(&peer);
        let error = json!({"code": -32000, "message": "no", "data": {"key": "sk-secret"}, "more": "sk-secret"});
        peer.send(json!({"id": asked["id"], "error": error}).to_string());
        let error = asking.join().unwrap();
        let server = error.server().unwrap();
        let shown = format!("{error:?} {error} {error:#?} {server:?} {server:#?}");
        assert!(!shown.contains("sk-secret"), "{shown}");
        assert_eq!(server.data().unwrap()["key"], "sk-secret");
    });
    drop(client);
}

fn error_data_is_large<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(None));
    let large = format!("[{}]", vec!["\"secret\""; 700_000].join(","));
    for data in [&large, &"[".repeat(100_000)] {
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                client
                    .with_deadline(Duration::from_secs(5))
                    .raw("ask", &json!({}))
            });
            let asked = received(&peer)["id"].to_string();
            peer.send(format!(
                r#"{{"id":{asked},"error":{{"code":1,"message":"no","data":{data}}}}}"#
            ));
            let error = asking.join().unwrap().unwrap_err();
            let shown = format!("{error} {error:?} {error:#?}");
            assert!(shown.len() < 10_000 && !shown.contains("secret"), "{shown}");
        });
    }
    flush(&client, &peer);
    drop(client);
}

fn responses_and_requests_are_nested_without_end<A: Api>() {
    let (client, peer) = manual_peer::<A>(&with(Some(Handling::Accept)));
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    std::thread::scope(|scope| {
        let starting = scope.spawn(|| client.turn(LIMIT).err().unwrap());
        let asked = received(&peer)["id"].to_string();
        peer.send(format!(r#"{{"id":{asked},"result":{{"turn":{nested}}}}}"#));
        let error = starting.join().unwrap();
        assert!(format!("{error} {error:?}").len() < 10_000, "{error}");
    });
    let method = crate::servers::COMMAND;
    for params in [
        nested.clone(),
        format!(
            r#"{{"threadId":"t","turnId":"x","itemId":"i","startedAtMs":1,"command":{nested}}}"#
        ),
    ] {
        peer.send(format!(
            r#"{{"id":7,"method":"{method}","params":{params}}}"#
        ));
        assert!(received(&peer)["error"]["code"].is_i64());
    }
    flush(&client, &peer);
    drop(client);
}

fn requests_that_were_given_up_are_not_kept<A: Api>() {
    let options = Options {
        deadline: Duration::from_secs(5),
        ..with(None)
    };
    let (client, mut server) = stream::<A>(&options);
    let params = json!("x".repeat(1 << 20));
    let begin = Instant::now();
    // 40 MiB altogether, to a server that reads nothing.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (client, params) = (hasty(&client), &params);
            scope.spawn(move || {
                for _ in 0..20 {
                    assert!(client.raw("ask", params).is_err());
                }
            });
        }
    });
    assert!(begin.elapsed() < LIMIT);
    drop(client);
    let _ = server.read_to_end(&mut Vec::new());
}

/// The same client with a time limit that passes at once.
fn hasty<A: Api>(client: &A) -> A {
    client.with_deadline(Duration::from_millis(20))
}

fn notifications_wait_for_a_server_that_does_not_read<A: Api>() {
    let (client, server) = stream::<A>(&with(None));
    let note = json!("x".repeat(1 << 20));
    let accepted = (0..100)
        .take_while(|_| client.notify("note", &note).is_ok())
        .count();
    assert!((16..30).contains(&accepted), "{accepted}");
    let error = client.notify("note", &note).unwrap_err();
    assert!(error.to_string().contains("does not read"), "{error}");
    drop((client, server));
}
