//! Requests: concurrency, limits of time and number, retries.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use codex_client::{Error, Retry, ServerErrorKind};
use serde_json::{Value, json};

use crate::mode::{Async, Blocking, Mode, Setup, both_modes, wait};
use crate::talk::{manual_peer, scripted};

both_modes! {
    answers_out_of_order_reach_their_requests;
    a_thousand_requests_go_through_the_cap;
    overload_is_retried_by_policy;
    only_overload_is_retried;
    the_deadline_covers_retries;
    a_request_that_timed_out_frees_its_slot;
    error_responses_are_complete;
    an_answer_of_the_wrong_shape_names_method_path_and_text;
    experimental_methods_are_rejected_locally;
    a_request_written_over_several_lines_is_sent_as_one;
    unused_parameters_are_not_sent;
}

/// Each thread sends its own number; the response has to be that number.
fn ask_in_parallel<M: Mode>(
    client: &M,
    count: usize,
) -> Vec<thread::JoinHandle<Result<(), Error>>> {
    let ask = |number: usize| {
        let client = client.clone();
        move || {
            let answer = client.raw("echo", &json!({ "number": number }))?;
            assert_eq!(answer, json!(number));
            Ok(())
        }
    };
    (0..count)
        .map(|number| thread::spawn(ask(number)))
        .collect()
}

fn all_answered(asking: Vec<thread::JoinHandle<Result<(), Error>>>) {
    for asking in asking {
        asking.join().unwrap().unwrap();
    }
}

fn answers_out_of_order_reach_their_requests<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let asking = ask_in_parallel(&client, 8);
    let mut requests: Vec<Value> = (0..8).map(|_| peer.receive()).collect();
    requests.sort_by_key(|request| std::cmp::Reverse(request["params"]["number"].as_u64()));
    for request in &requests {
        peer.answer(request, &request["params"]["number"]);
    }
    all_answered(asking);
}

fn a_thousand_requests_go_through_the_cap<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup {
        max_in_flight: 16,
        ..Setup::default()
    });
    let asking: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            thread::spawn(move || {
                for asking in ask_in_parallel(&client, 100) {
                    asking.join().unwrap().unwrap();
                }
            })
        })
        .collect();
    let mut open: Vec<Value> = (0..16).map(|_| peer.receive()).collect();
    assert!(peer.is_quiet(), "a seventeenth request was sent");
    let mut ids = BTreeSet::new();
    for answered in 0..1000 {
        let request = open.swap_remove(answered % open.len());
        peer.answer(&request, &request["params"]["number"]);
        assert!(ids.insert(request["id"].as_i64()), "an id was used twice");
        if answered < 1000 - 16 {
            open.push(peer.receive());
        }
    }
    for asking in asking {
        asking.join().unwrap();
    }
}

fn overloaded(peer: &crate::talk::ManualPeer, request: &Value) {
    peer.refuse(request, -32001, "Server overloaded; retry later.");
}

fn quick(times: usize) -> Retry {
    Retry::on_overload(times).backoff(Duration::from_millis(1), Duration::from_millis(2))
}

fn overload_is_retried_by_policy<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup {
        retry: quick(2),
        ..Setup::default()
    });
    let asking = ask_in_parallel(&client, 1);
    overloaded(&peer, &peer.receive());
    overloaded(&peer, &peer.receive());
    peer.answer(&peer.receive(), &json!(0));
    all_answered(asking);

    let asking = ask_in_parallel(&client, 1);
    (0..3).for_each(|_| overloaded(&peer, &peer.receive()));
    let error = asking
        .into_iter()
        .next()
        .unwrap()
        .join()
        .unwrap()
        .unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(error.server().unwrap().kind(), ServerErrorKind::Overloaded);
    assert!(peer.is_quiet());
}

fn only_overload_is_retried<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup {
        retry: quick(5),
        ..Setup::default()
    });
    let asking = ask_in_parallel(&client, 1);
    peer.refuse(&peer.receive(), -32600, "thread not found");
    let error = asking
        .into_iter()
        .next()
        .unwrap()
        .join()
        .unwrap()
        .unwrap_err();
    assert!(!error.is_retryable());
    assert!(peer.is_quiet());
}

fn the_deadline_covers_retries<M: Mode>() {
    let retry = Retry::on_overload(5).backoff(Duration::from_secs(60), Duration::from_secs(60));
    let (client, peer) = manual_peer::<M>(&Setup {
        retry,
        ..Setup::default()
    });
    let asking = ask_in_parallel(&client.with_deadline(Duration::from_millis(80)), 1);
    overloaded(&peer, &peer.receive());
    let error = asking
        .into_iter()
        .next()
        .unwrap()
        .join()
        .unwrap()
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
}

fn a_request_that_timed_out_frees_its_slot<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup {
        max_in_flight: 1,
        ..Setup::default()
    });
    let mut events = client.all().unwrap();
    let begin = Instant::now();
    let error = client
        .with_deadline(Duration::from_millis(30))
        .raw("slow", &json!({}))
        .unwrap_err();
    assert!(
        matches!(&error, Error::Timeout { method, .. } if method == "slow"),
        "{error}"
    );
    assert!(begin.elapsed() >= Duration::from_millis(30));
    let slow = peer.receive();
    let asking = ask_in_parallel(&client, 1);
    let next = peer.receive();
    peer.answer(&slow, &json!("late"));
    peer.answer(&next, &json!(0));
    all_answered(asking);
    drop(peer);
    let rest = client.rest(&mut events);
    assert!(
        matches!(rest[..], [Err(Error::Closed(_))]),
        "a late answer is no fault: {rest:?}"
    );
}

fn error_responses_are_complete<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script.expect("turn/start").send(
            json!({"error": {"code": -32602, "message": "too large", "data":
                {"input_error_code": "input_too_large", "max_chars": 5}}, "id": 2})
            .to_string(),
        )
    });
    let error = client.raw("turn/start", &json!({})).unwrap_err();
    let server = error.server().unwrap();
    assert_eq!((server.method(), server.code()), ("turn/start", -32602));
    assert_eq!(server.kind(), ServerErrorKind::InputTooLarge);
    assert_eq!(server.data().unwrap()["max_chars"], 5);
    assert_eq!(
        error.to_string(),
        "turn/start: error response: too large (code -32602)"
    );
}

fn an_answer_of_the_wrong_shape_names_method_path_and_text<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script
            .expect("turn/start")
            .reply(json!({"turn": {"id": 5, "secret": "word"}}))
    });
    let error = client.start_turn("t").err().unwrap();
    let Error::Decode(answer) = &error else {
        panic!("{error}")
    };
    assert_eq!(answer.method(), "turn/start");
    assert_eq!(answer.decode_error().path(), "turn.id");
    assert!(answer.raw().contains("word"));
    assert!(
        !format!("{error:?} {error}").contains("word"),
        "payloads are not printed"
    );
}

fn experimental_methods_are_rejected_locally<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let error = client.experimental().unwrap_err();
    assert!(error.is_experimental_required());
    assert!(
        error
            .to_string()
            .starts_with("collaborationMode/list is experimental"),
        "{error}"
    );
    assert!(peer.is_quiet());
    let (client, _peer) = scripted::<M>(
        &Setup {
            experimental_api: true,
            ..Setup::default()
        },
        |script| {
            script
                .expect("collaborationMode/list")
                .reply_error(-32600, "no")
        },
    );
    assert!(
        !client
            .experimental()
            .unwrap_err()
            .is_experimental_required()
    );
}

fn a_request_written_over_several_lines_is_sent_as_one<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let pretty = serde_json::to_string_pretty(&json!({"text": "a\nb"})).unwrap();
    let params = serde_json::value::RawValue::from_string(pretty).unwrap();
    client.notify("note", &json!({"text": "a\nb"})).unwrap();
    assert_eq!(peer.receive()["params"]["text"], "a\nb");
    let client: &dyn std::any::Any = &client;
    if let Some(Async(client)) = client.downcast_ref() {
        client.notify("note", &params).unwrap();
    } else if let Some(Blocking(client)) = client.downcast_ref() {
        client.notify("note", &params).unwrap();
    }
    let frame = peer.0.receive_timeout(crate::mode::LIMIT).unwrap();
    assert!(!frame.contains(&b'\n'));
    let message: Value = serde_json::from_slice(&frame).unwrap();
    assert_eq!(message["params"]["text"], "a\nb");
}

fn unused_parameters_are_not_sent<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    client.notify("note", &Value::Null).unwrap();
    assert_eq!(peer.receive(), json!({"method": "note"}));
    thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &Value::Null));
        let request = peer.receive();
        assert_eq!(request.get("params"), None, "{request}");
        peer.answer(&request, &json!({}));
        asking.join().unwrap().unwrap();
    });
}

#[test]
fn a_dropped_request_is_not_sent_or_frees_its_slot() {
    let (Async(client), peer) = manual_peer::<Async>(&Setup {
        max_in_flight: 1,
        ..Setup::default()
    });
    wait(async {
        let mut first = Box::pin(client.request_raw("first", &()));
        let mut second = Box::pin(client.request_raw("second", &()));
        let third = client.request_raw("third", &());
        tokio::select! { biased; _ = &mut first => {}, _ = &mut second => {}, () = async {} => {} }
        assert_eq!(peer.receive()["method"], "first");
        drop(second);
        drop(first);
        let answer = async {
            let request = peer.receive();
            assert_eq!(request["method"], "third");
            peer.answer(&request, &json!({}));
        };
        let (answered, ()) = tokio::join!(third, answer);
        answered.unwrap();
    });
}

#[test]
fn a_blocking_request_can_be_cancelled_from_another_thread() {
    let (Blocking(client), peer) = manual_peer::<Blocking>(&Setup::default());
    let cancellation = codex_client::blocking::Cancellation::new();
    let asking = client.with_cancellation(&cancellation);
    let asking = thread::spawn(move || asking.request_raw("slow", &()));
    peer.receive();
    cancellation.cancel();
    let error = asking.join().unwrap().unwrap_err();
    assert!(
        matches!(&error, Error::Cancelled { method } if method == "slow"),
        "{error}"
    );
    let again = client
        .with_cancellation(&cancellation)
        .request_raw("slow", &());
    assert!(matches!(again, Err(Error::Cancelled { .. })));
}
