//! The end of a connection: its notification, and the process.

use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use codex_client::{CloseReason, Error, Launch, ShutdownGrace};
use rustix::process::{Pid, test_kill_process};
use serde_json::json;

use crate::mode::{LIMIT, Mode, Setup, both_modes};
use crate::talk::{
    COMPLETED, DELTA, completed, delta, initialized, manual_peer, scripted, turn_response,
};

both_modes! {
    closing_fails_everything_at_once_and_for_good;
    the_end_of_the_server_fails_everything_at_once_and_for_good;
    frames_sent_before_the_close_are_written;
    events_before_the_end_are_received;
    a_process_that_dies_leaves_its_status_and_last_words;
    a_process_ends_with_its_input;
    a_process_that_ignores_the_end_of_its_input_is_asked_to_end;
    a_process_that_ignores_being_asked_is_killed;
    the_longest_grace_neither_panics_nor_delays;
    closing_a_dead_process_is_fine;
    dropping_kills_the_process_and_what_it_started;
    a_process_that_dies_leaves_nothing_it_started;
    a_stream_keeps_the_process_alive;
    a_panic_leaves_no_process_behind;
    a_failed_initialization_leaves_no_process_behind;
    a_flood_on_the_error_output_does_not_stall_the_protocol;
    open_output_does_not_delay_the_end;
    a_process_that_stops_listening_closes_the_connection;
    a_missing_program_is_a_clear_error;
}

fn all_fail<M: Mode>(client: &M, reason: &CloseReason) {
    let errors = [
        client.raw("ask", &json!({})).unwrap_err(),
        client.notify("note", &json!({})).unwrap_err(),
        client.start_turn("t").err().unwrap(),
        client.all().err().unwrap(),
    ];
    for error in errors {
        assert_eq!(error.closed().unwrap().reason(), reason, "{error}");
    }
}

fn closing_fails_everything_at_once_and_for_good<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    let mut events = client.all().unwrap();
    thread::scope(|scope| {
        let asking: Vec<_> = (0..100)
            .map(|_| {
                let client = client.clone();
                scope.spawn(move || client.raw("ask", &json!({})).unwrap_err())
            })
            .collect();
        (0..64).for_each(|_| drop(peer.receive()));
        assert_eq!(client.close(), None);
        for asking in asking {
            let error = asking.join().unwrap();
            assert_eq!(error.closed().unwrap().reason(), &CloseReason::ByClient);
        }
    });
    all_fail(&client, &CloseReason::ByClient);
    let rest = client.rest(&mut events);
    assert!(matches!(rest[..], [Err(Error::Closed(_))]), "{rest:?}");
    assert_eq!(client.close(), None);
    assert_eq!(client.closed().reason(), &CloseReason::ByClient);
    assert_eq!(peer.0.receive_timeout(LIMIT), None, "the peer is told");
}

fn the_end_of_the_server_fails_everything_at_once_and_for_good<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    thread::scope(|scope| {
        let asking = scope.spawn(|| client.raw("ask", &json!({})).unwrap_err());
        peer.receive();
        drop(peer);
        let error = asking.join().unwrap();
        assert_eq!(error.closed().unwrap().reason(), &CloseReason::ByServer);
    });
    all_fail(&client, &CloseReason::ByServer);
    client.close();
    assert_eq!(
        client.closed().reason(),
        &CloseReason::ByServer,
        "the first reason stays"
    );
}

fn frames_sent_before_the_close_are_written<M: Mode>() {
    let (client, peer) = manual_peer::<M>(&Setup::default());
    for number in 0..100 {
        client.notify("note", &json!({ "number": number })).unwrap();
    }
    client.close();
    for number in 0..100 {
        assert_eq!(peer.receive()["params"]["number"], number);
    }
    assert_eq!(peer.0.receive_timeout(LIMIT), None);
}

fn events_before_the_end_are_received<M: Mode>() {
    let (client, _peer) = scripted::<M>(&Setup::default(), |script| {
        script
            .expect("turn/start")
            .reply(turn_response("x"))
            .notify(DELTA, delta("t", "x", "1"))
            .notify(DELTA, delta("t", "x", "2"))
            .close()
    });
    let (_, mut turn) = client.start_turn("t").unwrap();
    client.closed();
    let rest = client.rest(&mut turn);
    assert!(
        matches!(&rest[..], [Ok(_), Ok(_), Err(Error::Closed(_))]),
        "{rest:?}"
    );
}

/// A server in a few lines of shell: completes the handshake, then follows the script.
fn shell(then: &str) -> Launch {
    let hello = json!({"id": 1, "result": initialized("shell/0.169.0 (sh)")});
    let script = format!("read line; echo '{hello}'; read line; {then}");
    Launch::new().binary("/bin/sh").arguments(["-c", &script])
}

fn impatient() -> Setup {
    let mut grace = ShutdownGrace::default();
    grace.after_eof = Duration::from_millis(100);
    grace.after_terminate = Duration::from_millis(100);
    Setup {
        grace,
        ..Setup::default()
    }
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

fn is_gone(id: u32) -> bool {
    let id = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
    test_kill_process(id).is_err()
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < LIMIT, "still not: {what}");
        thread::yield_now();
    }
}

fn a_process_that_dies_leaves_its_status_and_last_words<M: Mode>() {
    let launch = shell("read line; echo 'so long' >&2; kill -9 $$");
    let client = M::spawn(&Setup::default(), &launch).unwrap();
    let mut events = client.all().unwrap();
    let error = client.raw("ask", &json!({})).unwrap_err();
    for error in [error, client.raw("again", &json!({})).unwrap_err()] {
        let closed = error.closed().unwrap();
        assert_eq!(closed.reason(), &CloseReason::ByServer);
        assert_eq!(signal_of(closed.exit_status().unwrap()), Some(9));
        assert_eq!(closed.stderr_tail(), "so long");
        assert!(error.to_string().contains("signal: 9"), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("so long") && !shown.contains('\n'),
            "{shown}"
        );
    }
    let rest = client.rest(&mut events);
    assert!(matches!(rest[..], [Err(Error::Closed(_))]), "{rest:?}");
    assert!(is_gone(client.process_id()), "a zombie");
}

fn a_process_ends_with_its_input<M: Mode>() {
    let client = M::spawn(&Setup::default(), &shell("cat >/dev/null; exit 3")).unwrap();
    assert_eq!(client.close().unwrap().code(), Some(3));
    assert!(is_gone(client.process_id()));
    assert_eq!(
        client.close().unwrap().code(),
        Some(3),
        "closing again is fine"
    );
}

fn a_process_that_ignores_the_end_of_its_input_is_asked_to_end<M: Mode>() {
    let launch = shell("trap 'exit 5' TERM; while :; do sleep 0.01; done");
    let client = M::spawn(&impatient(), &launch).unwrap();
    assert_eq!(client.close().unwrap().code(), Some(5));
}

fn a_process_that_ignores_being_asked_is_killed<M: Mode>() {
    let launch = shell("trap '' TERM; while :; do sleep 0.01; done");
    let client = M::spawn(&impatient(), &launch).unwrap();
    assert_eq!(signal_of(client.close().unwrap()), Some(9));
    assert!(is_gone(client.process_id()));
}

fn the_longest_grace_neither_panics_nor_delays<M: Mode>() {
    let mut setup = Setup::default();
    setup.grace.after_eof = Duration::MAX;
    setup.grace.after_terminate = Duration::MAX;
    let client = M::spawn(&setup, &shell("cat >/dev/null; exit 3")).unwrap();
    assert_eq!(client.close().unwrap().code(), Some(3));
    assert!(is_gone(client.process_id()));
}

fn closing_a_dead_process_is_fine<M: Mode>() {
    let client = M::spawn(&Setup::default(), &shell("exit 7")).unwrap();
    client.closed();
    assert_eq!(client.close().unwrap().code(), Some(7));
}

/// Starts a sleeper in the background and prints its PID.
const WITH_CHILD: &str =
    r#"sleep 1000 & echo "{\"method\":\"child\",\"params\":{\"id\":$!}}"; wait"#;

fn with_child<M: Mode>() -> (M, [u32; 2]) {
    let then = format!("read line; {WITH_CHILD}");
    let client = M::spawn(&Setup::default(), &shell(&then)).unwrap();
    let mut events = client.all().unwrap();
    client.notify("go", &json!({})).unwrap();
    let event = client.next(&mut events).unwrap().unwrap();
    let message: serde_json::Value = serde_json::from_str(event.raw()).unwrap();
    let child = u32::try_from(message["params"]["id"].as_u64().unwrap()).unwrap();
    let processes = [client.process_id(), child];
    assert!(processes.iter().all(|id| !is_gone(*id)));
    (client, processes)
}

fn all_gone(processes: &[u32]) {
    // The sleeper's own parent has exited: its new parent reaps it, or leaves a zombie.
    for id in processes {
        wait_until("gone", || is_gone(*id) || is_zombie(*id));
    }
}

fn is_zombie(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_none_or(|rest| rest.trim_start().starts_with('Z'))
}

fn dropping_kills_the_process_and_what_it_started<M: Mode>() {
    let (client, processes) = with_child::<M>();
    let twin = client.clone();
    drop(client);
    assert!(!is_gone(processes[0]), "a clone still holds it");
    drop(twin);
    all_gone(&processes);
    wait_until("reaped", || is_gone(processes[0]));
}

fn a_process_that_dies_leaves_nothing_it_started<M: Mode>() {
    let (client, processes) = with_child::<M>();
    let leader = Pid::from_raw(i32::try_from(processes[0]).unwrap()).unwrap();
    rustix::process::kill_process(leader, rustix::process::Signal::KILL).unwrap();
    client.closed();
    all_gone(&processes);
}

fn a_stream_keeps_the_process_alive<M: Mode>() {
    let (client, processes) = with_child::<M>();
    let events = client.all().unwrap();
    drop(client);
    assert!(!is_gone(processes[0]));
    drop(events);
    all_gone(&processes);
}

fn a_panic_leaves_no_process_behind<M: Mode>() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let panicking = thread::spawn(move || {
        let (_client, processes) = with_child::<M>();
        sender.send(processes).unwrap();
        panic!("with a client in hand, on purpose");
    });
    assert!(panicking.join().is_err());
    all_gone(&receiver.recv().unwrap());
}

fn a_failed_initialization_leaves_no_process_behind<M: Mode>() {
    let marker = tempfile::tempdir().unwrap();
    let file = marker.path().join("id");
    let refusal = json!({"error": {"code": -32600, "message": "no"}, "id": 1});
    let script = format!(
        "echo $$ > '{}'; read line; echo '{refusal}'; sleep 1000",
        file.display()
    );
    let launch = Launch::new().binary("/bin/sh").arguments(["-c", &script]);
    assert!(M::spawn(&Setup::default(), &launch).is_err());
    let id = std::fs::read_to_string(file)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    all_gone(&[id]);
}

fn a_flood_on_the_error_output_does_not_stall_the_protocol<M: Mode>() {
    let answer = json!({"id": 2, "result": "fine"});
    let flood = "head -c 20000000 /dev/zero | tr '\\0' 'x' >&2; echo >&2; echo the end >&2";
    let launch = shell(&format!(
        "read line; {flood}; echo '{answer}'; cat >/dev/null"
    ));
    let client = M::spawn(&Setup::default(), &launch).unwrap();
    assert_eq!(client.raw("ask", &json!({})).unwrap(), json!("fine"));
    client.close();
}

fn open_output_does_not_delay_the_end<M: Mode>() {
    let then = "read line; setsid sleep 1000 & echo \"$!\" >&2; sleep 0.2; kill -9 $$";
    let client = M::spawn(&Setup::default(), &shell(then)).unwrap();
    let error = client.raw("ask", &json!({})).unwrap_err();
    let closed = error.closed().unwrap();
    assert_eq!(signal_of(closed.exit_status().unwrap()), Some(9));
    let sleeper = closed.stderr_tail().parse().unwrap();
    let sleeper = Pid::from_raw(sleeper).unwrap();
    rustix::process::kill_process(sleeper, rustix::process::Signal::KILL).unwrap();
}

fn a_process_that_stops_listening_closes_the_connection<M: Mode>() {
    let client = M::spawn(
        &impatient(),
        &shell("exec <&-; while :; do sleep 0.01; done"),
    )
    .unwrap();
    let error = loop {
        // Messages before the close of the pipe never get a response.
        match client
            .with_deadline(Duration::from_millis(200))
            .raw("ask", &json!({}))
        {
            Err(Error::Timeout { .. }) => {}
            other => break other.unwrap_err(),
        }
    };
    let reason = error.closed().unwrap().reason().clone();
    assert!(matches!(reason, CloseReason::Transport(_)), "{reason:?}");
}

fn a_missing_program_is_a_clear_error<M: Mode>() {
    let launch = Launch::new().binary("/nowhere/codex");
    let error = M::spawn(&Setup::default(), &launch).err().unwrap();
    assert!(matches!(error, Error::Runtime(_)), "{error}");
    assert!(error.to_string().contains("/nowhere/codex"), "{error}");
}

#[test]
fn completed_is_what_ends_a_turn() {
    // The helpers of these tests build messages that end a turn.
    let (client, peer) = manual_peer::<crate::mode::Blocking>(&Setup::default());
    let mut turn = client.0.turn_events("x").unwrap();
    peer.send(&json!({"method": COMPLETED, "params": completed("t", "x")}));
    assert!(turn.next().unwrap().is_ok());
    assert!(turn.next().is_none());
}
