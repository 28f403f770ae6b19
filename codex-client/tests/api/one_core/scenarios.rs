// Included by both modules of `one_core.rs`.

fn play(script: Script) -> (ScriptedPeer, Codex) {
    let (peer, transport) = ScriptedPeer::play(script);
    let retry = Retry::on_overload(1).backoff(Duration::from_millis(1), Duration::from_millis(1));
    let builder = Codex::builder().retry(retry).transport(transport.split());
    (peer, wait!(builder.build()).unwrap())
}

#[test]
fn deadline_max_neither_panics_nor_passes() {
    let script = started().notify("turn/completed", completed("completed"));
    let (peer, transport) = ScriptedPeer::play(script);
    let builder = Codex::builder()
        .request_deadline(Duration::MAX)
        .handler_limit(Duration::MAX)
        .retry(Retry::on_overload(1).backoff(Duration::MAX, Duration::MAX))
        .transport(transport.split());
    let codex = wait!(builder.build()).unwrap();
    let thread = codex.with_deadline(Duration::MAX).thread("t");
    let run = thread.run("Do it.").deadline(Duration::MAX);
    assert!(call!(run).is_ok());
    peer.finish(LIMIT);
}

#[test]
fn longest_pause_ends_with_the_deadline() {
    let script = Script::new().handshake();
    let script = script.expect("account/read").reply_error(OVERLOADED, "busy");
    let (_peer, transport) = ScriptedPeer::play(script);
    let builder = Codex::builder()
        .retry(Retry::on_overload(1).backoff(Duration::MAX, Duration::MAX))
        .transport(transport.split());
    let codex = wait!(builder.build()).unwrap();
    let error = call!(codex.with_deadline(Duration::from_millis(200)).account()).unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
}

#[test]
fn longest_grace_does_not_keep_a_healthy_process() {
    let harness = harness();
    let mut grace = ShutdownGrace::default();
    (grace.after_eof, grace.after_terminate) = (Duration::MAX, Duration::MAX);
    let builder = Codex::builder().launch(harness.launch()).shutdown_grace(grace);
    let codex = wait!(builder.build()).unwrap();
    assert!(wait!(codex.close()).unwrap().success());
}

#[test]
fn cancelling_interrupts_a_turn_that_is_read() {
    let script = started().expect("turn/interrupt").reply(json!({}));
    let (peer, codex) = play(script.notify("turn/completed", completed("interrupted")));
    let cancellation = Cancellation::new();
    let thread = codex.thread("t");
    let mut turn = call!(thread.turn("Do it.").cancellation(&cancellation)).unwrap();
    cancellation.cancel();
    let result = wait!(turn.run()).unwrap();
    assert_eq!(result.status.as_str(), "interrupted");
    peer.finish(LIMIT);
}

#[test]
fn cancelling_a_connection_interrupts_its_turns() {
    let script = started().expect("turn/interrupt").reply(json!({}));
    let (peer, codex) = play(script.notify("turn/completed", completed("interrupted")));
    let cancellation = Cancellation::new();
    let thread = codex.with_cancellation(&cancellation).thread("t");
    let mut turn = call!(thread.turn("Do it.")).unwrap();
    cancellation.cancel();
    assert_eq!(wait!(turn.run()).unwrap().status.as_str(), "interrupted");
    peer.finish(LIMIT);
}

#[test]
fn nothing_is_sent_after_cancelling() {
    let script = Script::new().handshake().expect("account/read");
    let (peer, codex) = play(script.reply(json!({"requiresOpenaiAuth": false})));
    let cancellation = Cancellation::new();
    cancellation.cancel();
    let cancelled = codex.with_cancellation(&cancellation);
    let error = call!(cancelled.models()).unwrap_err();
    assert!(matches!(error, Error::Cancelled { .. }), "{error}");
    let run = codex.thread("t").run("Do it.").cancellation(&cancellation);
    let error = call!(run).unwrap_err();
    assert!(matches!(error, Error::Cancelled { .. }), "{error}");
    // The script would have failed at anything else that comes first.
    call!(codex.account()).unwrap();
    peer.finish(LIMIT);
}

#[test]
fn turn_that_begins_after_cancelling_is_interrupted() {
    let cancellation = Cancellation::new();
    let cancel = cancellation.clone();
    let script = Script::new()
        .handshake()
        // Cancelled while the response is on its way.
        .expect_with("turn/start", move |_| cancel.cancel())
        .reply(json!({"turn": turn("inProgress")}))
        .expect_with("turn/interrupt", |params: &Value| assert_eq!(params["turnId"], "u"))
        .reply(json!({}));
    let (peer, codex) = play(script.close());
    let run = codex.thread("t").run("Do it.").cancellation(&cancellation);
    // Cancelled, or closed where the response was quicker.
    call!(run).unwrap_err();
    peer.finish(LIMIT);
}

#[test]
fn dropped_turn_is_interrupted_in_the_background() {
    let interrupted = |params: &Value| assert_eq!(params["turnId"], "u");
    let script = started().expect_with("turn/interrupt", interrupted);
    let (peer, codex) = play(script.reply(json!({})));
    let turn = codex.thread("t").turn("Do it.").interrupt_on_drop();
    drop(call!(turn).unwrap());
    peer.finish(LIMIT);
}

#[test]
fn interrupts_are_retried_like_any_request() {
    let script = started().expect("turn/interrupt");
    let script = script.reply_error(OVERLOADED, "busy").expect("turn/interrupt");
    let (peer, codex) = play(script.reply(json!({})));
    let turn = call!(codex.thread("t").turn("Do it.")).unwrap();
    call!(turn.interrupt()).unwrap();
    peer.finish(LIMIT);
}

#[test]
fn all_who_wait_for_a_login_see_its_end() {
    let login = json!({
        "type": "chatgptDeviceCode", "loginId": "l", "userCode": "c", "verificationUrl": "https://x",
    });
    let script = Script::new().handshake().expect("account/login/start");
    let script = script.reply(login).expect("test/go").reply(json!({}));
    let end = json!({"loginId": "l", "success": true, "error": null});
    let (peer, codex) = play(script.notify("account/login/completed", end));
    let login = wait!(codex.login_device_code()).unwrap();
    let waiting: Vec<_> = (0..4)
        .map(|_| login.clone())
        .map(|login| std::thread::spawn(move || wait!(login.wait())))
        .collect();
    wait!(codex.client().request_raw("test/go", &())).unwrap();
    for waiting in waiting {
        waiting.join().unwrap().unwrap();
    }
    peer.finish(LIMIT);
}

#[test]
fn codex_shows_that_its_connection_is_closed() {
    let (peer, codex) = play(Script::new().handshake().expect("test/go").close());
    assert!(!codex.is_closed());
    codex.client().notify("test/go", &()).unwrap();
    let closed = wait!(codex.closed());
    assert!(codex.is_closed(), "{closed}");
    peer.finish(LIMIT);
}

#[test]
fn debug_of_handles_is_short() {
    let (_peer, codex) = play(started());
    let thread = codex.thread("t");
    let turn = call!(thread.turn("A text.")).unwrap();
    let (control, stream) = (turn.control(), turn.control().stream().unwrap());
    let events = codex.events().unwrap();
    for debug in [
        format!("{codex:?}"),
        format!("{:?}", codex.client()),
        format!("{thread:?}"),
        format!("{turn:?}"),
        format!("{control:?}"),
        format!("{stream:?}"),
        format!("{events:?}"),
        format!("{:?}", codex.client().events().unwrap()),
    ] {
        assert!(debug.len() < 250, "{debug}");
    }
}

fn goal(status: &str) -> Value {
    let goal = json!({
        "threadId": "t", "objective": "Get there.", "status": status, "tokensUsed": 0,
        "timeUsedSeconds": 0, "createdAt": 0, "updatedAt": 0,
    });
    json!({"goal": goal})
}

/// A server that is asked for a goal, and answers when the client has given up.
fn goal_given_up(give_up: impl FnOnce() + Send + 'static) -> Script {
    Script::new()
        .handshake()
        // What it says about the thread does not matter.
        .expect("thread/read")
        .reply_error(-32600, "thread not loaded: t")
        .expect("thread/goal/clear")
        .reply(json!({"cleared": false}))
        .expect_with("thread/goal/set", move |params: &Value| {
            assert_eq!(params["status"], "active");
            give_up();
        })
        .expect("test/given-up")
        .reply_to("thread/goal/set", goal("active"))
        .expect("thread/goal/get")
        .reply(goal("active"))
        .expect_with("thread/goal/set", |params: &Value| assert_eq!(params["status"], "paused"))
        .reply(goal("paused"))
        .expect("turn/interrupt")
        .reply_error(-32600, "no active turn to interrupt")
}

#[test]
fn goal_whose_start_is_given_up_is_paused() {
    let cancellation = Cancellation::new();
    let cancel = cancellation.clone();
    let (peer, codex) = play(goal_given_up(move || cancel.cancel()));
    let thread = codex.with_cancellation(&cancellation).thread("t");
    let error = call!(thread.goal("Get there.")).unwrap_err();
    assert!(matches!(error, Error::Cancelled { .. }), "{error}");
    codex.client().notify("test/given-up", &()).unwrap();
    peer.finish(LIMIT);
}

#[test]
fn goal_of_an_unsubscribed_thread_can_be_paused_and_not_started() {
    let script = Script::new().handshake();
    let script = script.expect("thread/unsubscribe").reply(json!({"status": "unsubscribed"}));
    let goal = json!({"goal": {
        "threadId": "t", "objective": "Get there.", "status": "paused", "tokenBudget": null,
        "tokensUsed": 0, "timeUsedSeconds": 0, "createdAt": 1, "updatedAt": 1,
    }});
    let (peer, codex) = play(script.expect("thread/goal/set").reply(goal));
    call!(codex.thread("t").unsubscribe()).unwrap();
    let set = |status: ThreadGoalStatus| {
        let params = ThreadGoalSetParams::new("t").status(status);
        wait!(codex.client().request::<methods::ThreadGoalSet>(&params))
    };
    let error = set(ThreadGoalStatus::Active).unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
    assert_eq!(set(ThreadGoalStatus::Paused).unwrap().goal.status, ThreadGoalStatus::Paused);
    peer.finish(LIMIT);
}

#[test]
fn malformed_entry_of_a_page_costs_no_other_one() {
    let entry = |id: &str| json!({"id": id, "items": [], "status": "completed"});
    let first = json!({"data": [entry("a"), {"id": "b"}, entry("c")], "nextCursor": "2"});
    let second = json!({"data": [null, entry("d")], "nextCursor": null});
    let pages = || {
        let script = Script::new().handshake().expect("thread/turns/list").reply(first.clone());
        script.expect("thread/turns/list").reply(second.clone())
    };
    let (peer, codex) = play(pages());
    let mut turns = codex.thread("t").turns().all();
    let seen = [(); 6].map(|()| {
        wait!(turns.next()).map(|turn| match turn {
            Ok(turn) => turn.id.to_string(),
            Err(Error::MalformedElement(entry)) => entry.to_string(),
            Err(other) => panic!("{other}"),
        })
    });
    let first = "malformed element: [1].items: missing field";
    let second = "malformed element: [0]: invalid type: null, expected an object";
    let expected = [Some("a"), Some(first), Some("c"), Some(second), Some("d"), None];
    assert_eq!(seen.each_ref().map(Option::as_deref), expected);
    peer.finish(LIMIT);
    let (peer, codex) = play(pages());
    let all = wait!(codex.thread("t").turns().all().collect_all()).unwrap();
    let malformed = [&all.malformed()[0], &all.malformed()[1]];
    assert_eq!((all.len(), malformed[0].index(), malformed[1].index()), (3, 1, 3));
    peer.finish(LIMIT);
}

#[test]
fn images_and_sounds_are_whole_in_every_attempt() {
    let input = || {
        let input = Input::text("Look \"there\":\n").and_image("image/png", &vec![0xA5; 300_000]);
        input.and_audio("audio/wav", &vec![0x5A; 200_000])
    };
    let expected = serde_json::to_value(input().parts()).unwrap();
    let expect = |script: Script, method: &str| {
        let expected = expected.clone();
        script.expect_with(method, move |params| {
            assert!(params["input"] == expected, "the input is another one");
        })
    };
    let mut script = Script::new().handshake();
    for (method, response) in [
        ("turn/start", json!({"turn": turn("inProgress")})),
        ("turn/steer", json!({"turnId": "u"})),
    ] {
        script = expect(script, method).reply_error(OVERLOADED, "busy");
        script = expect(script, method).reply(response);
    }
    let (peer, codex) = play(script.notify("turn/completed", completed("completed")));
    let turn = call!(codex.thread("t").turn(input())).unwrap();
    call!(turn.steer(input())).unwrap();
    peer.finish(LIMIT);
}
