//! Runs of one session never overlap; all others may.
//!
//! The absence of an effect is proved by a run that starts later and completes meanwhile
//! ([`let_others_run`]), and by processes that detect each other.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use codex_exec::{ExecEvent, ExecRunner, ExecStream};
use futures_core::Stream as _;

use crate::fake::{Fake, Pipe, THREAD, thread_started, token, turn_completed};
use crate::modes::{MODES, Mode, begin_async, completed, started};

/// Runs a whole process of another session: every start that was pending has happened when this
/// returns.
fn let_others_run() {
    for _ in 0..3 {
        let other = Fake::printing(&[thread_started(), turn_completed()], 0);
        assert!(completed(&Mode::Blocking.collect(&other.runner(), None, "hi")).ok);
    }
}

/// Detects two processes of one session at the same time, and records their positions.
fn watchful(body: &str) -> Fake {
    Fake::completing(&format!(
        "mkdir $here/busy || echo overlap >> $here/log
echo enter >> $here/log
{body}
echo exit >> $here/log
rmdir $here/busy"
    ))
}

#[test]
fn runs_of_one_session_never_overlap() {
    let announce = format!("echo '{}'; ls / > /dev/null", thread_started());
    let fake = watchful(&announce);
    let runner = fake.runner();
    let runs: Vec<_> = (0..4)
        .flat_map(|_| MODES)
        .map(|mode| mode.begin(&runner, Some(&token(THREAD)), "hi"))
        .collect();
    for run in runs {
        assert!(completed(&run.rest()).ok);
    }
    assert_eq!(fake.read("log"), "enter\nexit\n".repeat(8));
    assert!(runner.session_locks().is_empty());
}

#[test]
fn new_sessions_run_side_by_side() {
    for mode in MODES {
        let fake = Fake::completing(
            "echo '{\"type\":\"thread.started\",\"thread_id\":\"'$$'\"}'
echo here > $here/ready
read go < $here/gate-$(cat)",
        );
        let ready = fake.pipe("ready");
        let gates = ["gate-a", "gate-b"].map(|name| fake.pipe(name));
        let runner = fake.runner();
        let first = mode.begin(&runner, None, "a");
        assert_eq!(ready.receive(), "here\n");
        // The first one waits at the gate during this time.
        let second = mode.begin(&runner, None, "b");
        assert_eq!(ready.receive(), "here\n");
        first.started();
        second.started();
        assert_eq!(runner.session_locks().len(), 2);
        gates.iter().for_each(Pipe::release);
        assert!(completed(&first.rest()).ok);
        assert!(completed(&second.rest()).ok);
        assert!(runner.session_locks().is_empty());
    }
}

#[test]
fn different_sessions_run_side_by_side() {
    for mode in MODES {
        let fake = Fake::completing(
            "shift 5
echo '{\"type\":\"thread.started\",\"thread_id\":\"'$1'\"}'
echo $1 > $here/ready
read go < $here/gate-$(cat)",
        );
        let ready = fake.pipe("ready");
        let gates = ["gate-a", "gate-b"].map(|name| fake.pipe(name));
        let runner = fake.runner();
        let first = mode.begin(&runner, Some(&token("sid-a")), "a");
        assert_eq!(ready.receive(), "sid-a\n");
        let second = mode.begin(&runner, Some(&token("sid-b")), "b");
        assert_eq!(ready.receive(), "sid-b\n");
        gates.iter().for_each(Pipe::release);
        assert!(completed(&first.rest()).ok);
        assert!(completed(&second.rest()).ok);
    }
}

/// Announces its thread at once; a new session then waits at a gate, a resumed one leaves a mark.
fn gated() -> Fake {
    Fake::completing(&format!(
        "echo '{}'
case \" $* \" in *' resume '*) echo started > $here/resumed;; *) read go < $here/gate;; esac",
        thread_started()
    ))
}

#[test]
fn a_new_session_is_taken_as_soon_as_it_is_known() {
    for mode in MODES {
        let fake = gated();
        let gate = fake.pipe("gate");
        let runner = fake.runner();
        let new = mode.begin(&runner, None, "hello");
        let session = new.started().resume;
        // The event has just come: the session must be locked already.
        assert_eq!(runner.session_locks().len(), 1);
        let resumed = mode.begin(&runner, Some(&session), "resume");
        let_others_run();
        assert!(!fake.path("resumed").exists());
        assert!(resumed.is_silent());
        gate.release();
        assert!(completed(&new.rest()).ok);
        assert!(completed(&resumed.rest()).ok);
        assert!(fake.path("resumed").exists());
    }
}

#[test]
fn of_two_new_runs_of_one_thread_the_second_starts_later() {
    for mode in MODES {
        let fake = Fake::completing(&format!(
            "echo '{}'
echo announced > $here/ready
read go < $here/gate-$(cat)",
            thread_started()
        ));
        let ready = fake.pipe("ready");
        let gates = ["gate-a", "gate-b"].map(|name| fake.pipe(name));
        let runner = fake.runner();
        let first = mode.begin(&runner, None, "a");
        first.started();
        ready.receive();
        let second = mode.begin(&runner, None, "b");
        ready.receive();
        // The second one has announced its thread. It continues only after the first is over.
        let_others_run();
        assert!(second.is_silent());
        gates[0].release();
        assert!(completed(&first.rest()).ok);
        started(&second.next());
        gates[1].release();
        let second = second.rest();
        assert!(completed(&second).ok);
        assert!(runner.session_locks().is_empty());
    }
}

fn poll(stream: &mut ExecStream) -> Poll<Option<ExecEvent>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn abandoned_wait_lets_the_next_run_in() {
    let fake = gated();
    let gate = fake.pipe("gate");
    let runner = fake.runner();
    let holder = Mode::Async.begin(&runner, None, "hello");
    let session = holder.started().resume;
    let mut impatient = begin_async(&runner, Some(&session), "first in the queue");
    assert!(poll(&mut impatient).is_pending());
    let patient = Mode::Blocking.begin(&runner, Some(&session), "second in the queue");
    drop(impatient);
    gate.release();
    assert!(completed(&holder.rest()).ok);
    assert!(completed(&patient.rest()).ok);
    assert!(runner.session_locks().is_empty());
}

#[test]
fn runners_can_share_their_sessions() {
    let fake = gated();
    let gate = fake.pipe("gate");
    let runner = fake.runner();
    let relatives: [ExecRunner; 3] = [
        runner.clone(),
        runner.to_builder().model("other").build().unwrap(),
        fake.builder()
            .session_locks(runner.session_locks().clone())
            .build()
            .unwrap(),
    ];
    let new = Mode::Blocking.begin(&runner, None, "hello");
    let session = new.started().resume;
    let mut waiting: Vec<ExecStream> = relatives
        .iter()
        .map(|relative| relative.resume(&session, "resume"))
        .collect();
    for stream in &mut waiting {
        assert!(poll(stream).is_pending());
    }
    let_others_run();
    assert!(!fake.path("resumed").exists());
    drop(waiting);
    gate.release();
    assert!(completed(&new.rest()).ok);
}

#[test]
fn unpolled_run_starts_nothing() {
    let fake = Fake::new("echo started > $here/started");
    let runner = fake.runner();
    drop(runner.run("hi"));
    drop(runner.run_blocking("hi"));
    drop(runner.resume(&token(THREAD), "hi"));
    let_others_run();
    assert!(!fake.path("started").exists());
    assert!(runner.session_locks().is_empty());
}
