//! Attacks over lines: processes, and any other byte stream.

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use codex_client::{Error, Launch};
use serde_json::json;

use crate::api::{Api, LIMIT, Options, attacks};
use crate::figures::wait_for_clients_to_end;
use crate::servers::{delta, hello, raw_shell, shell, stream};

attacks! {
    line_of_a_process_never_ends: 64 MiB, 60 s;
    line_of_a_stream_never_ends: 64 MiB, 60 s;
    line_is_too_long: 64 MiB, 60 s;
    blank_lines_flood: 32 MiB, 60 s;
    stream_is_neither_read_nor_closed: 64 MiB, 60 s;
    process_does_not_read: 64 MiB, 60 s;
    process_does_not_read_and_the_client_leaves: 64 MiB, 60 s;
    process_has_left_its_group_and_ignores_everything: 32 MiB, 60 s;
    notifications_are_not_read: 64 MiB, 60 s;
    program_prints_its_usage_and_waits: 32 MiB, 60 s;
    program_writes_to_stderr_and_ends: 32 MiB, 60 s;
    program_never_answers: 32 MiB, 60 s;
    stderr_never_ends: 32 MiB, 60 s;
    noise_is_glued_to_the_first_line: 32 MiB, 60 s;
    output_is_held_open_by_a_stranger: 32 MiB, 60 s;
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
    let beginnings = [
        "x",
        r#"{"method":"item/agentMessage/delta","params":{"threadId":"t","delta":"x"#,
        r#"{"id":2,"result":["x"#,
        "\u{feff}{\"method\":\"x\",\"params\":[\"\\u0000",
    ];
    for beginning in beginnings {
        let (client, mut server) = stream::<A>(&Options::default());
        let bytes = vec![b'x'; 1 << 20];
        let _ = server.write_all(beginning.as_bytes());
        while server.write_all(&bytes).is_ok() {}
        names_the_option(&client.why());
        drop(client);
    }
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
    // No end has done anything.
    wait_for_clients_to_end(CLOSED);
    for mut server in servers {
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

fn process_does_not_read_and_the_client_leaves<A: Api>() {
    for closes in [false, true] {
        let launch = shell("trap '' TERM; while :; do sleep 0.1; done");
        let client = A::spawn(&Options::default(), &launch).unwrap();
        for _ in 0..64 {
            client.notify("note", &json!("x".repeat(16 << 10))).unwrap();
        }
        if closes {
            let begin = Instant::now();
            let status = client.close().unwrap();
            assert_eq!(status.signal(), Some(9));
            assert!(begin.elapsed() < CLOSED, "{:?}", begin.elapsed());
        }
    }
}

/// Time limit for `close`, whose graces are half a second here, on a loaded machine.
const CLOSED: Duration = Duration::from_secs(5);

/// Set for the copy of this program that [`left_its_group`] runs.
const LEAVES_GROUP: &str = "CODEX_TEST_LEAVES_GROUP";

/// A server that joins another process group after a notification, and ignores the end of its input
/// and `SIGTERM`.
fn left_its_group() -> Launch {
    let program = std::env::current_exe().unwrap();
    let name = "lines::leaves_its_group_when_told";
    let then = "trap '' TERM; exec \"$0\" --exact \"$1\" --nocapture";
    let answer = json!({"id": 1, "result": hello()});
    let script = format!("read line; echo '{answer}'; read line; read line; {then}");
    Launch::new()
        .binary("/bin/sh")
        .arguments([
            "-c".into(),
            script.into(),
            program.into_os_string(),
            name.into(),
        ])
        .env(LEAVES_GROUP, "1")
}

#[test]
fn leaves_its_group_when_told() {
    use std::os::unix::process::CommandExt as _;

    if std::env::var_os(LEAVES_GROUP).is_none() {
        return;
    }
    let mut sleeping = std::process::Command::new("sleep");
    let mut sleeper = sleeping.arg("1000").process_group(0).spawn().unwrap();
    let group = rustix::process::Pid::from_child(&sleeper);
    rustix::process::setpgid(None, Some(group)).unwrap();
    let mut output = std::io::stdout();
    let left = json!({"method": "left", "params": {}});
    output.write_all(format!("\n{left}\n").as_bytes()).unwrap();
    output.flush().unwrap();
    sleeper.wait().unwrap();
}

fn process_has_left_its_group_and_ignores_everything<A: Api>() {
    for closes in [true, false] {
        let client = A::spawn(&Options::default(), &left_its_group()).unwrap();
        let mut events = client.all();
        client.notify("go", &json!({})).unwrap();
        // The test harness prints lines of its own before.
        while !matches!(client.next(&mut events).unwrap(), Ok(event) if event.method() == "left") {}
        drop(events);
        if closes {
            let begin = Instant::now();
            let status = client.close().unwrap();
            assert_eq!(status.signal(), Some(9));
            assert!(begin.elapsed() < CLOSED, "{:?}", begin.elapsed());
        }
    }
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

fn stderr_never_ends<A: Api>() {
    let endless = "head -c 48000000 /dev/zero | tr '\\0' 'x' >&2";
    let then = format!("{endless}; echo '{}'; yes >&2", delta("x"));
    let client = A::spawn(&Options::default(), &shell(&then)).unwrap();
    let mut events = client.thread("t");
    assert!(client.next(&mut events).unwrap().is_ok());
    client.close();
    let tail = client.closed().stderr_tail().len();
    assert!(tail <= 16 << 10, "{tail} bytes");
    drop((client, events));
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
