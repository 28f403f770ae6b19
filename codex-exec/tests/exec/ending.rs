//! Processes that are ended, with everything they started.

use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use codex_exec::{ExecEvents, ExecStream, Failure, RunError};
use serde_json::json;

use crate::fake::{Fake, THREAD, is_alive, thread_started, token, turn_completed, wait_until_gone};
use crate::modes::{MODES, Mode, begin_async, begin_blocking, block_on, completed, started};
use crate::wait;

/// Announces its thread, starts a child, writes its own PID, and never exits.
fn endless(first: &str) -> Fake {
    Fake::new(&format!(
        "{first}
echo '{}'
sleep 1000 &
echo $$ > $here/leader
wait",
        thread_started()
    ))
}

/// A run that has started, to be ended.
enum Running {
    Async(ExecStream),
    Blocking(ExecEvents),
}

fn start(mode: Mode, fake: &Fake) -> (Running, String) {
    start_in(mode, &fake.runner(), fake)
}

fn start_in(mode: Mode, runner: &codex_exec::ExecRunner, fake: &Fake) -> (Running, String) {
    let running = match mode {
        Mode::Async => {
            let mut stream = begin_async(runner, None, "hi");
            started(&block_on(stream.next()).unwrap());
            Running::Async(stream)
        }
        Mode::Blocking => {
            let mut events = begin_blocking(runner, None, "hi");
            started(&events.next().unwrap());
            Running::Blocking(events)
        }
    };
    let leader = fake.wait_for("leader");
    assert!(is_alive(&leader));
    (running, leader)
}

impl Running {
    fn cancel(self) {
        wait::at_most(move || match self {
            Self::Async(stream) => block_on(stream.cancel()),
            Self::Blocking(events) => events.cancel(),
        });
    }
}

#[test]
fn dropping_ends_the_whole_group() {
    for mode in MODES {
        let fake = endless("");
        let (running, leader) = start(mode, &fake);
        drop(running);
        wait_until_gone(&leader);
    }
}

#[test]
fn cancel_returns_after_the_group_has_exited() {
    for mode in MODES {
        let fake = endless("");
        let runner = fake.runner();
        let (running, leader) = start_in(mode, &runner, &fake);
        assert_eq!(runner.session_locks().len(), 1);
        running.cancel();
        assert!(!is_alive(&leader));
        assert!(runner.session_locks().is_empty());
    }
}

#[test]
fn process_that_ignores_signals_is_killed() {
    for mode in MODES {
        let fake = endless("trap '' INT TERM");
        let grace = Duration::from_millis(100);
        let runner = fake.builder().stop_grace(grace).build().unwrap();
        let (running, leader) = start_in(mode, &runner, &fake);
        running.cancel();
        assert!(!is_alive(&leader));
    }
}

#[test]
fn a_child_that_outlives_its_leader_is_killed() {
    for mode in MODES {
        // The leader exits on a signal; its child does not.
        let fake = endless("sh -c \"trap '' TERM; echo x > $here/deaf; sleep 1000; sleep 1000\" &");
        let grace = Duration::from_millis(100);
        let runner = fake.builder().stop_grace(grace).build().unwrap();
        let (running, leader) = start_in(mode, &runner, &fake);
        fake.wait_for("deaf");
        drop(running);
        wait_until_gone(&leader);
    }
}

#[test]
fn a_process_can_end_in_peace() {
    for mode in MODES {
        // A shell cannot trap INT if the tests were started with it ignored, as background jobs
        // are: TERM follows.
        let fake = endless("trap 'echo orderly > $here/end; exit 0' INT TERM");
        let (running, leader) = start(mode, &fake);
        drop(running);
        assert_eq!(fake.wait_for("end"), "orderly");
        wait_until_gone(&leader);
    }
}

/// A unique waker.
struct Unique;

impl Wake for Unique {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn only_the_last_waker_is_kept() {
    let fake = endless("");
    let (running, leader) = start(Mode::Async, &fake);
    let Running::Async(mut stream) = running else {
        unreachable!("it was started with this mode")
    };
    let mut kept = Vec::new();
    for _ in 0..1000 {
        let unique = Arc::new(Unique);
        kept.push(Arc::downgrade(&unique));
        let waker = Waker::from(unique);
        let mut next = std::pin::pin!(stream.next());
        let poll = next.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(poll.is_pending());
    }
    let count = kept.iter().filter(|it| it.upgrade().is_some()).count();
    assert_eq!(count, 1);
    drop(stream);
    wait_until_gone(&leader);
}

#[test]
fn a_stream_dropped_with_its_runtime_ends_its_process() {
    let fake = endless("");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut stream = fake.runner().run("hi");
    runtime.spawn(async move { while stream.next().await.is_some() {} });
    runtime.block_on(async {
        while !fake.path("leader").exists() {
            tokio::task::yield_now().await;
        }
    });
    let leader = fake.wait_for("leader");
    drop(runtime);
    wait_until_gone(&leader);
}

#[test]
fn a_stream_dropped_after_its_runtime_ends_its_process() {
    let fake = endless("");
    let (running, leader) = start(Mode::Async, &fake);
    // The runtime it was polled on no longer exists; this thread never had one.
    drop(running);
    wait_until_gone(&leader);
}

#[test]
fn a_panic_ends_the_process() {
    let fake = endless("");
    let (running, leader) = start(Mode::Blocking, &fake);
    let result = std::thread::spawn(move || {
        let _running = running;
        std::panic::resume_unwind(Box::new("the test says so"));
    })
    .join();
    assert!(result.is_err());
    wait_until_gone(&leader);
}

#[test]
fn session_is_free_after_its_canceled_process_exited() {
    for mode in MODES {
        // It delays its exit after the signal; a successor would notice it.
        let fake = Fake::new(&format!(
            "case \" $* \" in *' resume '*)
  test -e $here/busy && echo overlap > $here/overlap
  echo '{0}'; echo '{1}'; exit 0;;
esac
: > $here/busy
trap 'ls -R /etc > /dev/null; rm $here/busy; exit 0' INT TERM
echo '{0}'
echo $$ > $here/leader
while :; do sleep 1000 & wait; done",
            thread_started(),
            turn_completed()
        ));
        let runner = fake.runner();
        let (running, _) = start_in(mode, &runner, &fake);
        drop(running);
        let events = mode.collect(&runner, Some(&token(THREAD)), "go on");
        assert!(completed(&events).ok);
        assert!(!fake.path("overlap").exists());
        assert!(!fake.path("busy").exists());
    }
}

#[test]
fn work_on_the_wrong_session_is_ended() {
    for mode in MODES {
        let fake = endless("");
        let runner = fake.runner();
        let events = mode.collect(&runner, Some(&token("another")), "hi");
        assert_eq!(events.len(), 1);
        let outcome = completed(&events);
        assert!(
            matches!(outcome.error.as_ref().map(RunError::failure), Some(Failure::ResumeMismatch { actual, .. }) if actual == THREAD
            )
        );
        // Completed comes last: nothing is left by then.
        if let Ok(leader) = std::fs::read_to_string(fake.path("leader")) {
            assert!(!is_alive(&leader));
        }
        assert!(runner.session_locks().is_empty());
    }
}

#[test]
fn a_process_that_does_not_exit_after_its_turn_is_ended() {
    let fake = Fake::new(&format!(
        "echo '{}'; echo '{}'; echo $$ > $here/leader; while :; do sleep 1000; done",
        thread_started(),
        turn_completed()
    ));
    let events = Mode::Async.collect(&fake.runner(), None, "hi");
    assert!(completed(&events).ok);
    assert!(!is_alive(&fake.read("leader")));
}

#[test]
fn a_reader_who_stops_in_the_middle_leaves_nothing_behind() {
    for mode in MODES {
        // More lines than the queue holds for a reader: the process has to wait.
        let fake = Fake::new("echo $$ > $here/leader; while :; do cat $here/lines; done");
        let line = json!({"type": "future.event", "pad": "x".repeat(1000)}).to_string();
        let text = format!("{}\n{}", thread_started(), format!("{line}\n").repeat(100));
        std::fs::write(fake.path("lines"), text).unwrap();
        let runner = fake.runner();
        let (running, leader) = start_in(mode, &runner, &fake);
        running.cancel();
        assert!(!is_alive(&leader));
        assert!(runner.session_locks().is_empty());
    }
}
