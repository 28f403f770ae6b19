// Included by both modules of `supervised.rs`.

fn play(scripts: impl IntoIterator<Item = Script>, restart: Restart) -> (Servers, Codex) {
    let servers = Servers::new(scripts);
    let builder = Codex::builder()
        .request_deadline(LIMIT)
        .supervise(restart)
        .transport(transport(&servers));
    (servers, wait!(builder.build()).unwrap())
}

#[test]
fn request_in_flight_fails_and_is_not_sent_again() {
    let first = Script::new().handshake().expect("account/read").close();
    let second = Script::new().handshake().expect("account/read");
    let second = second.reply(json!({"requiresOpenaiAuth": false}));
    let (servers, codex) = play([first, second], at_once());
    let error = call!(codex.account()).unwrap_err();
    assert!(matches!(&error, Error::ConnectionLost { method, .. } if method == "account/read"));
    assert!(!error.is_closed() && !error.is_retryable(), "{error}");
    // Waits for the next server, which gets one request only.
    call!(codex.account()).unwrap();
    assert!(!codex.is_closed());
    servers.finish();
}

#[test]
fn interrupted_turn_is_an_error_with_the_result_so_far() {
    let second = with_history(resumed("idle"), &json!([
        {"id": "u", "items": [message("one")], "status": "interrupted", "completedAt": null},
    ]));
    let (servers, codex) = play([broken_in_a_turn(), second], at_once());
    let mut events = codex.events().unwrap();
    let thread = codex.thread("t");
    let error = call!(thread.run("Do it.")).unwrap_err();
    assert!(!error.is_closed(), "{error}");
    let Error::TurnDisconnected(turn) = error else {
        panic!("{error:?}");
    };
    assert_eq!(turn.result.final_response.as_deref(), Some("one"));
    let report = turn.restart.unwrap();
    assert!(report.has_interrupted("u"));
    assert_eq!((report.resumed.len(), report.lost.len()), (1, 0));
    assert_eq!(report.attempts, 1);
    // Subscribers of everything read it where events may be missing, and read on.
    let mut reported = false;
    while !reported {
        match wait!(events.next()).unwrap() {
            Ok(_) => {}
            Err(Error::Restarted(told)) => reported = told.has_interrupted("u"),
            Err(error) => panic!("{error}"),
        }
    }
    servers.finish();
}

#[test]
fn turn_that_ended_meanwhile_has_its_result() {
    let items = [message("one"), message("two")];
    let second = with_history(resumed("idle"), &json!([turn("completed", &items)]));
    let second = with_history(second, &json!([turn("completed", &items)]));
    let (servers, codex) = play([broken_in_a_turn(), second], at_once());
    let result = call!(codex.thread("t").run("Do it.")).unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    assert_eq!(result.items.len(), 2, "no item is missing, and none is there twice");
    assert_eq!(result.final_response.as_deref(), Some("two"));
    servers.finish();
}

#[test]
fn turn_that_goes_on_has_the_items_of_the_gap() {
    let items = [message("one"), message("two")];
    let second = with_history(resumed("active"), &json!([turn("inProgress", &items)]));
    let second = second.notify("item/completed", completed("three"));
    let ended = json!({"threadId": "t", "turn": turn("completed", &[])});
    let second = second.notify("turn/completed", ended);
    // An item whose event has not come.
    let items = ["one", "two", "late", "three"].map(message);
    let second = with_history(second, &json!([turn("completed", &items)]));
    let (servers, codex) = play([broken_in_a_turn(), second], at_once());
    let result = call!(codex.thread("t").run("Do it.")).unwrap();
    let ids: Vec<String> = result
        .items
        .iter()
        .map(|item| serde_json::to_value(item).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["one", "two", "late", "three"]);
    servers.finish();
}

#[test]
fn thread_that_cannot_be_resumed_is_reported() {
    let second = Script::new().handshake().expect("thread/resume");
    let second = second.reply_error(-32600, "no rollout found for thread id t");
    let (servers, codex) = play([broken_in_a_turn(), second], at_once());
    let error = call!(codex.thread("t").run("Do it.")).unwrap_err();
    let Error::TurnDisconnected(turn) = error else {
        panic!("{error:?}");
    };
    let report = turn.restart.unwrap();
    assert_eq!(report.lost[0].thread_id.as_str(), "t");
    let lost = report.lost[0].error.server().unwrap();
    assert_eq!(lost.kind(), codex_client::ServerErrorKind::ThreadNotFound);
    servers.finish();
}

#[test]
fn thread_without_a_handle_is_not_resumed() {
    let first = Script::new().handshake().expect("account/read").close();
    let second = Script::new().handshake().expect("account/read");
    let second = second.reply(json!({"requiresOpenaiAuth": false}));
    let (servers, codex) = play([first, second], at_once());
    drop(codex.thread("t"));
    call!(codex.account()).unwrap_err();
    call!(codex.account()).unwrap();
    servers.finish();
}

#[test]
fn server_that_breaks_while_it_is_restored_is_one_more_attempt() {
    let second = Script::new().handshake().expect("thread/resume").close();
    let third = with_history(resumed("idle"), &json!([]));
    let (servers, codex) = play([broken_in_a_turn(), second, third], at_once());
    let error = call!(codex.thread("t").run("Do it.")).unwrap_err();
    let Error::TurnDisconnected(turn) = error else {
        panic!("{error:?}");
    };
    assert_eq!(turn.restart.unwrap().attempts, 2);
    servers.finish();
}

#[test]
fn crash_loop_ends_in_one_error() {
    let first = Script::new().handshake().expect("account/read").close();
    let (servers, codex) = play([first], at_once().max_restarts(3));
    call!(codex.account()).unwrap_err();
    let error = call!(codex.account()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the connection is closed: given up after 3 restarts: \
         could not connect to the transport: no further server"
    );
    let closed = wait!(codex.closed());
    let expected = CloseReason::CrashLoop {
        restarts: 3,
        last: "could not connect to the transport: no further server".to_owned(),
    };
    assert_eq!(closed.reason(), &expected);
    servers.finish();
}

#[test]
fn close_does_not_wait_for_the_pause() {
    let first = Script::new().handshake().expect("account/read").close();
    let pause = Restart::on_failure().backoff(Duration::MAX, Duration::MAX);
    let (servers, codex) = play([first], pause);
    let mut events = codex.events().unwrap();
    call!(codex.account()).unwrap_err();
    wait!(codex.close());
    assert!(call!(codex.account()).unwrap_err().is_closed());
    let last = wait!(events.next()).unwrap().unwrap_err();
    assert_eq!(last.closed().unwrap().reason(), &CloseReason::ByClient);
    servers.finish();
}

#[test]
fn request_that_waits_keeps_its_deadline() {
    let first = Script::new().handshake().expect("account/read").close();
    let pause = Restart::on_failure().backoff(Duration::MAX, Duration::MAX);
    let (servers, codex) = play([first], pause);
    call!(codex.account()).unwrap_err();
    let short = codex.with_deadline(Duration::from_millis(50));
    let error = call!(short.account()).unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    drop((short, codex));
    servers.finish();
}

#[test]
fn connection_that_cannot_be_made_again_is_not_supervised() {
    let (_peer, transport) = ScriptedPeer::play(Script::new());
    let builder = Codex::builder().supervise(at_once());
    let error = wait!(builder.transport(transport.split()).build()).unwrap_err();
    assert!(error.to_string().contains("Transport::from_fn"), "{error}");
}
