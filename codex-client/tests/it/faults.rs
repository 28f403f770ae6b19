//! Messages that are not what they should be: the connection survives, and the fault is told.

use codex_client::Error;
use codex_client::types::ServerNotification;
use serde_json::json;

use crate::face::{Face, Setup, both_faces};
use crate::talk::{COMPLETED, DELTA, Hand, by_hand, completed, delta, scripted, turn_response};

both_faces! {
    unreadable_messages_are_told_and_survived;
    an_undecodable_notification_is_an_event_of_its_turn;
    an_undecodable_end_of_a_turn_ends_it;
    an_answer_to_nothing_is_told;
    a_broken_error_object_still_answers;
    a_line_of_64_mebibytes_is_an_event_like_any_other;
    bad_messages_do_not_cost_the_answer_behind_them;
}

fn still_works<F: Face>(client: &F, hand: &Hand) {
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})));
        hand.answer(&hand.receive(), &json!("fine"));
        assert_eq!(asking.join().unwrap().unwrap(), json!("fine"));
    });
}

fn unreadable_messages_are_told_and_survived<F: Face>() {
    let (client, hand) = by_hand::<F>(&Setup::default());
    let mut everything = client.all().unwrap();
    let mut thread = client.thread("t").unwrap();
    let bad: [&[u8]; 8] = [
        b"{\"method\":\"cut off",
        b"not JSON at all",
        b"[]",
        b"null",
        b"42",
        b"{}",
        b"{\"method\":\"m\",\"params\":{\"text\":\"\xff\xfe\"}}",
        b"{\"error\":{\"code\":1,\"message\":\"to nobody\"},\"id\":null}",
    ];
    hand.0.send_all(bad);
    for bad in bad {
        match client.next(&mut everything).unwrap() {
            Err(Error::Protocol(fault)) => {
                assert_eq!((fault.excerpt(), fault.length()), (bad, bad.len()));
                assert!(!fault.problem().is_empty());
            }
            other => panic!("{other:?} for {}", String::from_utf8_lossy(bad)),
        }
    }
    still_works(&client, &hand);
    hand.send(&json!({"method": DELTA, "params": delta("t", "x", "hi")}));
    assert!(
        client.next(&mut thread).unwrap().is_ok(),
        "who did not ask for faults sees none"
    );
}

fn an_undecodable_notification_is_an_event_of_its_turn<F: Face>() {
    let (client, _peer) = scripted::<F>(&Setup::default(), |script| {
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

fn an_undecodable_end_of_a_turn_ends_it<F: Face>() {
    let (client, _peer) = scripted::<F>(&Setup::default(), |script| {
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

fn an_answer_to_nothing_is_told<F: Face>() {
    let (client, hand) = by_hand::<F>(&Setup::default());
    let mut everything = client.all().unwrap();
    hand.send(&json!({"id": 4711, "result": {}}));
    hand.send(&json!({"id": "text", "result": {}}));
    for _ in 0..2 {
        let told = client.next(&mut everything).unwrap();
        assert!(matches!(told, Err(Error::Protocol(_))), "{told:?}");
    }
    still_works(&client, &hand);
}

fn a_broken_error_object_still_answers<F: Face>() {
    let (client, hand) = by_hand::<F>(&Setup::default());
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})));
        let id = &hand.receive()["id"];
        hand.send(&json!({"error": "just words", "id": id}));
        let error = asking.join().unwrap().unwrap_err();
        assert!(error.server().is_some(), "{error}");
    });
}

fn a_line_of_64_mebibytes_is_an_event_like_any_other<F: Face>() {
    let (client, hand) = by_hand::<F>(&Setup {
        event_budget: 1 << 30,
        ..Setup::default()
    });
    let mut everything = client.all().unwrap();
    let text = "x".repeat(64 << 20);
    hand.send(&json!({"method": DELTA, "params": delta("t", "x", &text)}));
    let event = client.next(&mut everything).unwrap().unwrap();
    assert!(event.raw().len() > text.len());
    still_works(&client, &hand);
}

fn bad_messages_do_not_cost_the_answer_behind_them<F: Face>() {
    let (client, hand) = by_hand::<F>(&Setup::default());
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})));
        let id = hand.receive()["id"].clone();
        let bad = json!({"method": DELTA, "params": {"delta": []}}).to_string();
        let answer = json!({"id": id, "result": "fine"}).to_string();
        hand.0.send_all(["garbage".to_owned(), bad, answer]);
        assert_eq!(asking.join().unwrap().unwrap(), json!("fine"));
    });
}
