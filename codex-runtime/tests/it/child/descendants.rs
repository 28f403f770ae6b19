//! The processes that a child leaves behind, in groups and sessions of their own.

use std::fs;
use std::thread;
use std::time::Instant;

use codex_runtime::child::{Escalation, Leftovers, SpawnOptions};
use rustix::process::{Pid, Signal, kill_process};

use super::{LIMIT, Script, signal_of};

/// Returns true if the process exists and has not exited.
fn is_running(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default();
    !state.is_empty() && !state.trim_start().starts_with(['Z', 'X'])
}

fn wait_until_gone(pids: &[i32]) {
    let begin = Instant::now();
    while pids.iter().any(|pid| is_running(*pid)) {
        assert!(begin.elapsed() < LIMIT, "still running: {pids:?}");
        thread::yield_now();
    }
}

fn kill_hard(pid: i32) {
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

/// Prints the PIDs of two sleepers: one in a session of its own, one below another shell there.
const FAR_AWAY: &str = "setsid sleep 1001 & echo $!; \
     setsid sh -c 'sleep 1002 & echo $!; wait; :' & wait";

#[test]
fn a_killed_child_leaves_no_descendant() {
    let mut script = Script::start(FAR_AWAY);
    let sleepers = [script.pid(), script.pid()];
    let watch = script.watch();
    kill_hard(i32::try_from(watch.id()).unwrap());
    assert_eq!(signal_of(&watch), Some(9));
    wait_until_gone(&sleepers);
}

#[test]
fn an_exited_child_leaves_no_descendant() {
    let mut script = Script::start("setsid sleep 1003 & echo $!; exit 0");
    let sleeper = script.pid();
    assert_eq!(signal_of(&script.watch()), None);
    wait_until_gone(&[sleeper]);
}

#[test]
fn child_that_exits_may_leave_processes_if_allowed() {
    let mut options = SpawnOptions::default();
    options.leftovers = Leftovers::EndUnlessExited;
    let mut script = Script::with_options("sleep 1006 & echo $!; exit 0", &options);
    let sleeper = script.pid();
    assert_eq!(signal_of(&script.watch()), None);
    assert!(is_running(sleeper));
    kill_hard(sleeper);

    let mut script = Script::with_options(FAR_AWAY, &options);
    let sleepers = [script.pid(), script.pid()];
    script.child.shut_down(&Escalation::terminate(LIMIT));
    assert_eq!(signal_of(&script.watch()), Some(15));
    wait_until_gone(&sleepers);

    let mut script = Script::with_options(FAR_AWAY, &options);
    let sleepers = [script.pid(), script.pid()];
    kill_hard(i32::try_from(script.watch().id()).unwrap());
    assert_eq!(signal_of(&script.watch()), Some(9));
    wait_until_gone(&sleepers);
}

#[test]
fn the_descendants_of_others_are_left_alone() {
    let mut other = Script::start("setsid sleep 1007 & echo $!; wait");
    let theirs = other.pid();
    let mut script = Script::start(FAR_AWAY);
    let sleepers = [script.pid(), script.pid()];
    let watch = script.watch();
    drop(script);
    watch.wait(LIMIT).unwrap();
    wait_until_gone(&sleepers);
    assert!(is_running(theirs));
    drop(other);
    wait_until_gone(&[theirs]);
}
