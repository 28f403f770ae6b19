//! The demonstrations: each program with its script.

use std::process::Command;

use rustix::process::Signal;

use crate::support::{Ended, Running, run};

/// A demonstration in an environment of a person without a key.
fn demo(program: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.arg(program).env_remove("OPENAI_API_KEY");
    command
}

fn shown(program: &str) -> Ended {
    let ended = run(&mut demo(program), "");
    assert!(ended.errors.contains("a mock model answers"), "{ended:?}");
    ended
}

#[test]
fn ci_bot() {
    let ended = shown("ci-bot");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.output.contains("\"kind\": \"change\""),
        "{}",
        ended.output
    );
    assert!(ended.errors.contains("trying again"), "{}", ended.errors);
}

#[test]
fn rooms() {
    let ended = shown("rooms");
    let expected = "booked Attic on 2030-01-07\nThe Attic is yours from 10 to 11.\n1 bookings\n";
    assert_eq!((ended.code, ended.output.as_str()), (Some(0), expected));
}

#[test]
fn review() {
    let ended = shown("review");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.output.starts_with("severe sum.rs:1: It subtracts."),
        "{}",
        ended.output
    );
}

#[test]
fn terminal_through_the_proxy() {
    let folder = std::env::temp_dir().join(format!("gallery-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut demo = Running::start(demo("proxy").current_dir(&folder));
    demo.expect("> ");
    demo.types("!echo fresh air");
    demo.expect("[y]es, [n]o, [a]lways? ");
    demo.types("y");
    demo.expect("fresh air");
    demo.expect("So be it.");
    assert!(demo.end().0.success());
    let log = std::fs::read_to_string(folder.join("proxy-log.jsonl")).unwrap();
    assert!(log.contains("\"turn/start\""), "{log}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn web() {
    let mut demo = Running::start(demo("web").args(["--listen", "127.0.0.1:0"]));
    demo.expect("listening on http://127.0.0.1:");
    demo.signal(Signal::INT);
    demo.expect("closed");
    assert!(demo.end().0.success());
}
