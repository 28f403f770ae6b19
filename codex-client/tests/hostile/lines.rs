//! Attacks over lines: processes, and any other byte stream.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use codex_client::{Error, Launch};
use serde_json::json;

use crate::api::{Api, LIMIT, Options, attacks};
use crate::servers::{delta, hello, raw_shell, shell, stream};

attacks! {
    line_of_a_process_never_ends: 64 MiB, 40 s;
    line_of_a_stream_never_ends: 64 MiB, 40 s;
    line_is_too_long: 64 MiB, 40 s;
    blank_lines_flood: 32 MiB, 40 s;
    stream_is_neither_read_nor_closed: 64 MiB, 30 s;
    process_does_not_read: 64 MiB, 40 s;
    notifications_are_not_read: 64 MiB, 40 s;
    program_prints_its_usage_and_waits: 32 MiB, 40 s;
    program_writes_to_stderr_and_ends: 32 MiB, 30 s;
    program_never_answers: 32 MiB, 30 s;
    noise_is_glued_to_the_first_line: 32 MiB, 40 s;
    output_is_held_open_by_a_stranger: 32 MiB, 40 s;
}

fn names_the_option(why: &str) {
    assert!(why.contains("max_message_size"), "{why}");
}

fn line_of_a_process_never_ends<A: Api>() {
    let launch = shell("tr '\\0' 'x' < /dev/zero");
    let client = A::spawn(&Options::default(), &launch).unwrap();
    names_the_option(&client.why());
    drop(client);
}

fn line_of_a_stream_never_ends<A: Api>() {
    let (client, mut server) = stream::<A>(&Options::default());
    let bytes = vec![b'x'; 1 << 20];
    while server.write_all(&bytes).is_ok() {}
    names_the_option(&client.why());
    drop(client);
}

fn line_is_too_long<A: Api>() {
    let (client, mut server) = stream::<A>(&Options::default());
    let _ = server.write_all(format!("{}\n", delta(&"x".repeat(8 << 20))).as_bytes());
    names_the_option(&client.why());
    drop(client);
}

fn blank_lines_flood<A: Api>() {
    let (client, mut server) = stream::<A>(&Options::default());
    let mut events = client.thread("t");
    let lines = b"\r\n\n".repeat(100_000);
    for _ in 0..10 {
        server.write_all(&lines).unwrap();
    }
    server
        .write_all(format!("{}\n", delta("x")).as_bytes())
        .unwrap();
    assert!(client.next(&mut events).unwrap().is_ok());
    drop((client, events));
}

fn stream_is_neither_read_nor_closed<A: Api>() {
    let streams: Vec<_> = (0..4).map(|_| stream::<A>(&Options::default())).collect();
    let mut servers = Vec::new();
    for (client, server) in streams {
        for _ in 0..4 {
            client.notify("note", &json!("x".repeat(1 << 20))).unwrap();
        }
        drop(client);
        servers.push(server);
    }
    for mut server in servers {
        // The client's end is closed within its grace period, although this end has done nothing.
        server.set_read_timeout(Some(LIMIT)).unwrap();
        let begin = Instant::now();
        let _ = server.read_to_end(&mut Vec::new());
        assert!(begin.elapsed() < Duration::from_secs(5));
    }
}

fn process_does_not_read<A: Api>() {
    let options = Options {
        write_timeout: Some(Duration::from_millis(300)),
        ..Options::default()
    };
    let client = A::spawn(&options, &shell("while :; do sleep 0.1; done")).unwrap();
    for _ in 0..64 {
        client.notify("note", &json!("x".repeat(16 << 10))).unwrap();
    }
    let why = client.why();
    assert!(why.contains("write_timeout"), "{why}");
    drop(client);
}

fn notifications_are_not_read<A: Api>() {
    let (client, server) = stream::<A>(&Options::default());
    let note = json!("x".repeat(1 << 20));
    let error = (0..64).find_map(|_| client.notify("note", &note).err());
    assert!(matches!(error, Some(Error::OutboxFull { .. })), "{error:?}");
    drop((client, server));
}

fn handshake_error<A: Api>(options: &Options, launch: &Launch) -> (Error, Duration) {
    let begin = Instant::now();
    let error = A::spawn(options, launch).err().unwrap();
    assert!(matches!(error, Error::Handshake(_)), "{error:?}");
    let shown = error.to_string();
    assert!(
        shown.contains("/bin/sh was started") && !shown.contains('\n'),
        "{shown}"
    );
    (error, begin.elapsed())
}

fn program_prints_its_usage_and_waits<A: Api>() {
    let launch = raw_shell("echo 'Usage: thing [OPTIONS]'; echo 'more'; cat >/dev/null");
    let options = Options {
        deadline: Duration::from_secs(60),
        ..Options::default()
    };
    let (error, took) = handshake_error::<A>(&options, &launch);
    assert!(
        error.to_string().contains("Usage: thing [OPTIONS] more"),
        "{error}"
    );
    assert!(took < Duration::from_secs(10), "{took:?}");
}

fn program_writes_to_stderr_and_ends<A: Api>() {
    let launch = raw_shell("printf '\\033[31munexpected argument\\033[0m\\n' >&2; exit 2");
    let (error, _) = handshake_error::<A>(&Options::default(), &launch);
    let shown = error.to_string();
    assert!(shown.contains("stderr: unexpected argument"), "{shown}");
    assert!(error.is_closed());
}

fn program_never_answers<A: Api>() {
    let launch = raw_shell("echo hint >&2; cat >/dev/null");
    let options = Options {
        deadline: Duration::from_millis(800),
        ..Options::default()
    };
    let (error, _) = handshake_error::<A>(&options, &launch);
    assert!(error.to_string().contains("no response within"), "{error}");
}

fn noise_is_glued_to_the_first_line<A: Api>() {
    let answer = json!({"id": 1, "result": hello()});
    for noise in [
        "\\033[?2004h",
        "\\357\\273\\277",
        "\\033]0;title\\007\\033[0m",
        "banner\\n\\033[1m ",
    ] {
        let script = format!("read line; printf '{noise}'; echo '{answer}'; cat >/dev/null");
        let client = A::spawn(&Options::default(), &raw_shell(&script)).unwrap();
        client.close();
    }
}

fn output_is_held_open_by_a_stranger<A: Api>() {
    // A program in a session of its own keeps all pipes, and exits some time later.
    let launch = shell("setsid sleep 3 & read line; exit 0");
    let client = A::spawn(&Options::default(), &launch).unwrap();
    let begin = Instant::now();
    client.notify("note", &json!({})).unwrap();
    client.closed();
    client.close();
    assert!(
        begin.elapsed() < Duration::from_millis(2900),
        "{:?}",
        begin.elapsed()
    );
    drop(client);
}
