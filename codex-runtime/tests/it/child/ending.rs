//! Ending a child: by which signals, how long it takes, and who is reaped.

use std::os::unix::process::CommandExt as _;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use codex_runtime::child::{ChildCommand, Escalation, LONGEST_GRACE, SpawnOptions, Variables};
use rustix::process::Pid;

use super::{LIMIT, Script, signal_of};

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(3600);

#[test]
fn the_first_signal_is_sent_at_once() {
    for (escalation, code) in [
        (Escalation::interrupt(LONG), 2),
        (Escalation::terminate(LONG), 15),
    ] {
        let mut script = Script::start(
            "trap 'exit 2' INT; trap 'exit 15' TERM; echo ready; while :; do sleep 0.01; done",
        );
        assert_eq!(script.line(), "ready");
        script.child.shut_down(&escalation);
        assert_eq!(script.watch().wait(LIMIT).unwrap().code(), Some(code));
    }
}

#[test]
fn a_child_that_ignores_requests_is_killed() {
    let mut script = Script::start("trap '' INT TERM; echo ready; while :; do sleep 0.01; done");
    assert_eq!(script.line(), "ready");
    let escalation = Escalation::interrupt(SHORT).then_terminate(SHORT);
    script.child.shut_down(&escalation);
    assert_eq!(signal_of(&script.watch()), Some(9));
}

#[test]
fn child_may_exit_within_the_grace_period() {
    let mut script = Script::start("trap 'exit 4' TERM; echo ready; read line; exit 3");
    assert_eq!(script.line(), "ready");
    let watch = script.watch();
    script
        .child
        .shut_down(&Escalation::wait(LONG).then_terminate(LONG));
    script.input = None;
    assert_eq!(watch.wait(LIMIT).unwrap().code(), Some(3));
}

#[test]
fn the_longest_duration_is_a_grace_like_any_other() {
    let mut script = Script::start("trap 'exit 4' TERM; echo ready; while :; do sleep 0.01; done");
    assert_eq!(script.line(), "ready");
    let forever = Escalation::wait(Duration::MAX).then_terminate(Duration::MAX);
    assert_eq!(forever.total_grace(), LONGEST_GRACE);
    script.child.shut_down(&forever);
    assert!(script.watch().wait(Duration::ZERO).is_none());
    // A more urgent request takes over; a less urgent one does not.
    script.child.shut_down(&Escalation::terminate(
        Duration::MAX.checked_sub(LONG).unwrap(),
    ));
    script.child.shut_down(&Escalation::terminate(LONG));
    script.child.shut_down(&forever);
    assert_eq!(script.watch().wait(Duration::MAX).unwrap().code(), Some(4));
}

/// Set for the copy of this test program that the test below runs.
const LEAVES_GROUP: &str = "CODEX_TEST_LEAVES_GROUP";

#[test]
fn a_child_that_left_its_group_is_signaled_too() {
    if std::env::var_os(LEAVES_GROUP).is_some() {
        leave_group();
    }
    let name = "child::ending::a_child_that_left_its_group_is_signaled_too";
    let mut variables = Variables::new();
    variables.set(LEAVES_GROUP, "1");
    let command = ChildCommand::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .variables(variables);
    let mut script = Script::spawn(&command, &SpawnOptions::default());
    while !script.line().ends_with("left") {}
    script.child.shut_down(&Escalation::terminate(LIMIT));
    assert_eq!(signal_of(&script.watch()), Some(15));
}

/// Joins the group of a child, so that its own has no process.
fn leave_group() -> ! {
    let sleeping = std::process::Command::new("sleep")
        .arg("1000")
        .process_group(0)
        .spawn();
    let sleeper = sleeping.unwrap();
    rustix::process::setpgid(None, Some(Pid::from_child(&sleeper))).unwrap();
    std::io::Write::write_all(&mut std::io::stdout(), b"left\n").unwrap();
    drop(sleeper.wait_with_output());
    unreachable!("the sleeper sleeps longer than the test runs")
}

#[test]
fn dropping_asks_first_and_kills_after_a_second() {
    let polite = "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done";
    let stubborn = "trap '' TERM; echo ready; while :; do sleep 0.01; done";
    for (script, signal) in [(polite, None), (stubborn, Some(9))] {
        let mut script = Script::start(script);
        assert_eq!(script.line(), "ready");
        let watch = script.watch();
        drop(script);
        assert_eq!(signal_of(&watch), signal);
    }
}

#[test]
fn an_exited_child_is_reported_to_everyone() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let command = ChildCommand::new("/bin/sh").args(["-c", "exit 7"]);
    let (child, _pipes) = command
        .spawn(&SpawnOptions::default(), move |watch| {
            sender.send(watch.exit_status()).unwrap();
        })
        .unwrap();
    let watch = child.watch();
    assert_eq!(watch.wait(LIMIT).unwrap().code(), Some(7));
    assert_eq!(receiver.recv().unwrap(), watch.exit_status());
    let context = Context::from_waker(Waker::noop());
    assert_eq!(watch.poll_exit(&context), Poll::Ready(watch.exit_status()));
    // Nothing is signaled any more, and nothing waits.
    let begin = Instant::now();
    child.shut_down(&Escalation::wait(LONG));
    assert!(begin.elapsed() < LIMIT);
}
