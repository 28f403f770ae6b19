//! Processes that exit on their own: fed and drained.

use codex_exec::ExecEvent;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;

use crate::fake::{Fake, is_alive, message, thread_started, turn_completed};
use crate::modes::{MODES, Mode, block_on, completed};

#[test]
fn a_child_left_behind_does_not_hold_up_the_end() {
    for mode in MODES {
        // It keeps the pipes open, and must not affect a run that ended on its own.
        let fake = Fake::new(&format!(
            "sleep 1000 & echo $$ > $here/leader; echo '{}'; echo '{}'; exit 0",
            thread_started(),
            turn_completed()
        ));
        let events = mode.collect(&fake.runner(), None, "hi");
        assert!(completed(&events).ok);
        let leader = fake.read("leader");
        assert!(is_alive(&leader));
        let group = Pid::from_raw(leader.trim().parse().unwrap()).unwrap();
        kill_process_group(group, Signal::KILL).unwrap();
    }
}

#[test]
fn a_flood_of_remarks_does_not_stall_the_run() {
    for mode in MODES {
        let fake = Fake::new(&format!(
            "i=0; while [ $i -lt 3000 ]; do echo \"remark $i {}\" >&2; i=$((i+1)); done
printf 'no end of line' >&2
cat $here/lines; exit 1",
            "x".repeat(100)
        ));
        std::fs::write(fake.path("lines"), format!("{}\n", thread_started())).unwrap();
        let (tail, events) = match mode {
            Mode::Async => {
                let mut stream = fake.runner().run("hi");
                let mut events = Vec::new();
                block_on(async {
                    while let Some(event) = stream.next().await {
                        events.push(event);
                    }
                });
                (stream.stderr_tail(), events)
            }
            Mode::Blocking => {
                let mut run = fake.runner().run_blocking("hi");
                let events: Vec<ExecEvent> = run.by_ref().collect();
                (run.stderr_tail(), events)
            }
        };
        assert!(tail.ends_with("no end of line"), "{tail}");
        assert!(tail.contains("remark 2999 "));
        assert!(!tail.contains("remark 10 "));
        assert!(tail.len() <= 16 * 1024);
        assert!(!completed(&events).ok);
        assert!(!format!("{events:?}").contains("remark"));
    }
}

#[test]
fn a_large_prompt_and_much_output_do_not_block_each_other() {
    for mode in MODES {
        // Writes far more than a pipe holds before it reads its prompt, and again after.
        let fake =
            Fake::new("cat $here/lines; wc -c > $here/count; cat $here/lines; cat $here/end");
        let lines: Vec<String> = (0..2000)
            .map(|n| json!({"type": "future.event", "n": n, "pad": "x".repeat(100)}))
            .map(|line| format!("{line}\n"))
            .collect();
        std::fs::write(
            fake.path("lines"),
            format!("{}\n{}", thread_started(), lines.concat()),
        )
        .unwrap();
        std::fs::write(fake.path("end"), format!("{}\n", turn_completed())).unwrap();
        let prompt = "p".repeat(1 << 20);
        let events = mode.collect(&fake.runner(), None, &prompt);
        assert_eq!(fake.read("count").trim(), (1 << 20).to_string());
        assert_eq!(events.len(), 1 + 2 * 2000 + 1);
        let numbers: Vec<u64> = events
            .iter()
            .filter_map(|event| match event {
                ExecEvent::Unrecognized(event) => event.fields["n"].as_u64(),
                _ => None,
            })
            .collect();
        assert_eq!(numbers, (0..2000).chain(0..2000).collect::<Vec<u64>>());
        assert!(completed(&events).ok);
    }
}

#[test]
fn unread_prompt_is_harmless() {
    for mode in MODES {
        let fake = Fake::new("exec < /dev/null; cat $here/lines");
        let lines = [thread_started(), message("item_0", "ok"), turn_completed()];
        let text: String = lines.map(|line| format!("{line}\n")).concat();
        std::fs::write(fake.path("lines"), text).unwrap();
        let events = mode.collect(&fake.runner(), None, &"p".repeat(1 << 20));
        assert_eq!(completed(&events).answer.as_deref(), Some("ok"));
    }
}

#[test]
fn the_last_event_ends_the_stream_for_good() {
    let fake = Fake::printing(&[thread_started(), turn_completed()], 0);
    let mut events = fake.runner().run_blocking("hi");
    assert_eq!(events.by_ref().count(), 2);
    assert!(events.next().is_none());
    assert!(events.completed().is_none());
    let mut stream = fake.runner().run("hi");
    block_on(async {
        assert!(stream.next().await.is_some());
        assert!(stream.next().await.is_some());
        assert!(stream.next().await.is_none());
        assert!(stream.completed().await.is_none());
        let outcome = fake.runner().run("hi").completed().await.unwrap();
        assert!(outcome.ok);
        // There is no process to cancel yet.
        fake.runner().run("hi").cancel().await;
    });
}
