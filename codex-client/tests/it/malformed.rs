//! Malformed messages: the connection survives, and they are reported.

use codex_client::Error;
use codex_client::types::ServerNotification;
use serde_json::json;

use crate::mode::{Mode, Setup, both_modes};
use crate::talk::{
    COMPLETED, DELTA, ManualPeer, completed, delta, manual_peer, scripted, turn_response,
};

both_modes! {
    malformed_messages_are_reported_and_survived;
    an_undecodable_notification_is_an_event_of_its_turn;
    an_undecodable_end_of_a_turn_ends_it;
    response_without_a_request_is_reported;
    a_broken_error_object_still_answers;
    a_line_of_64_mebibytes_is_an_event_like_any_other;
    bad_messages_do_not_cost_the_answer_behind_them;
}

fn still_works<M: Mode>(client: &M, peer: &ManualPeer) {
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})));
        peer.answer(&peer.receive(), &json!("fine"));
        assert_eq!(asking.join().unwrap().unwrap(), json!("fine"));
    });
}

fn malformed_messages_are_reported_and_survived<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let mut everything = client.all().unwrap();
    let mut thread = client.thread("t").unwrap();
    let bad: [&[u8]; 8] = [
        b"{\"method\":\"cut off",
        b"not JSON at all",
        b"[]",
        b"null",
        b"42",
        b"{}",
        b"{\"params\":{\"text\":\"\xff\xfe\"}}",
        b"{\"error\":{\"code\":1,\"message\":\"to nobody\"},\"id\":null}",
    ];
    peer.0.send_all(bad);
    for bad in bad {
        match client.next(&mut everything).unwrap() {
            Err(Error::Protocol(fault)) => {
                assert_eq!((fault.excerpt(), fault.length()), (bad, bad.len()));
                assert!(!fault.problem().is_empty());
            }
            other => panic!("{other:?} for {}", String::from_utf8_lossy(bad)),
        }
    }
    still_works(&client, &peer);
    peer.send(&json!({"method": DELTA, "params": delta("t", "x", "hi")}));
    assert!(
        client.next(&mut thread).unwrap().is_ok(),
        "who did not ask for faults sees none"
    );
}

fn an_undecodable_notification_is_an_event_of_its_turn<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script
            .expect("turn/start")
            .reply(turn_response("x"))
            .notify(
                DELTA,
                json!({"threadId": "t", "turnId": "x", "itemId": "m", "delta": 5}),
            )
            .notify(COMPLETED, completed("t", "x"))
    });
    let (_, mut turn) = client.start_turn("t").unwrap();
    let event = client.next(&mut turn).unwrap().unwrap();
    assert_eq!(event.method(), DELTA);
    assert_eq!(event.decode_error().unwrap().path(), "params.delta");
    let ServerNotification::Unrecognized(message) = event.notification() else {
        panic!("{event:?}");
    };
    assert_eq!(message.params().unwrap()["delta"], 5);
    assert_eq!(client.methods(&mut turn), [COMPLETED]);
}

fn an_undecodable_end_of_a_turn_ends_it<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script
            .expect("turn/start")
            .reply(turn_response("x"))
            .notify(
                COMPLETED,
                json!({"threadId": "t", "turn": {"id": "x", "status": []}}),
            )
    });
    let (_, mut turn) = client.start_turn("t").unwrap();
    let events = client.rest(&mut turn);
    assert_eq!(events.len(), 1);
    let event = events[0].as_ref().unwrap();
    assert!(event.decode_error().is_some() && event.is_lifecycle());
}

fn response_without_a_request_is_reported<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let mut everything = client.all().unwrap();
    peer.send(&json!({"id": 4711, "result": {}}));
    peer.send(&json!({"id": "text", "result": {}}));
    for _ in 0..2 {
        let told = client.next(&mut everything).unwrap();
        assert!(matches!(told, Err(Error::Protocol(_))), "{told:?}");
    }
    still_works(&client, &peer);
}

fn a_broken_error_object_still_answers<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})));
        let id = &peer.receive()["id"];
        peer.send(&json!({"error": "just words", "id": id}));
        let error = asking.join().unwrap().unwrap_err();
        assert!(error.server().is_some(), "{error}");
    });
}

fn a_line_of_64_mebibytes_is_an_event_like_any_other<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup {
        event_budget: 1 << 30,
        ..Setup::default()
    });
    let mut everything = client.all().unwrap();
    let text = "x".repeat(64 << 20);
    peer.send(&json!({"method": DELTA, "params": delta("t", "x", &text)}));
    let event = client.next(&mut everything).unwrap().unwrap();
    assert!(event.raw().len() > text.len());
    still_works(&client, &peer);
}

fn bad_messages_do_not_cost_the_answer_behind_them<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})));
        let id = peer.receive()["id"].clone();
        let bad = json!({"method": DELTA, "params": {"delta": []}}).to_string();
        let answer = json!({"id": id, "result": "fine"}).to_string();
        peer.0.send_all(["garbage".to_owned(), bad, answer]);
        assert_eq!(asking.join().unwrap().unwrap(), json!("fine"));
    });
}
