//! The cost of an attack: peak memory, time, and leftovers. They are figures of a process, so that
//! each attack has a process of its own for each API: this program again, told to run that one test.
//! Both run side by side, because most attacks wait more than they compute.

use std::io::{Read as _, Seek as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::api::RUNTIME;

/// The limits of an attack.
#[derive(Clone, Copy)]
pub(crate) struct Most {
    /// Growth of the process's peak resident memory, in MiB.
    pub(crate) mib: usize,
    /// Time, on a loaded machine.
    pub(crate) seconds: u64,
}

/// Set for the process of an attack, to the API that is attacked.
const ATTACKED: &str = "CODEX_TEST_ATTACKED";

/// Time for a process to start, to count what is left of its attack, and to end.
const AROUND: Duration = Duration::from_secs(30);

/// Pause between two looks at what is left, which cost more than what they wait for.
const PAUSE: Duration = Duration::from_millis(2);

/// The present resources of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    descriptors: usize,
    threads: usize,
    tasks: usize,
}

impl Held {
    fn now() -> Self {
        Self {
            descriptors: std::fs::read_dir("/proc/self/fd").unwrap().count(),
            threads: threads_of_clients(),
            tasks: RUNTIME.metrics().num_alive_tasks(),
        }
    }

    fn is_within(self, other: Self) -> bool {
        self.descriptors <= other.descriptors
            && self.threads <= other.threads
            && self.tasks <= other.tasks
    }
}

/// The threads that belong to clients: all have a name.
pub(crate) fn threads_of_clients() -> usize {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let name = |thread: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(thread.unwrap().path().join("comm"))
    };
    let is_ours = |name: &String| name.starts_with("codex-");
    threads
        .filter_map(|thread| name(thread).ok())
        .filter(is_ours)
        .count()
}

/// A figure of this process in KiB, such as `VmHWM`, its peak memory.
fn memory(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The API that is attacked, and the attack on it.
type Attack = (&'static str, fn());

/// Runs an attack on each API, side by side in processes of their own, and checks its figures there.
/// The test is named by its full path.
pub(crate) fn attack(test: &str, most: Most, attacks: &[Attack]) {
    // Without the name of the crate.
    let (_, test) = test.split_once("::").unwrap();
    if let Ok(attacked) = std::env::var(ATTACKED) {
        let (_, run) = attacks.iter().find(|(api, _)| attacked == *api).unwrap();
        return check(most, *run);
    }
    thread::scope(|scope| {
        let running = attacks.iter().map(|(api, _)| {
            let run = || run_alone(test, api, Duration::from_secs(most.seconds) + AROUND);
            scope.spawn(run)
        });
        let running: Vec<_> = running.collect();
        for (running, (api, _)) in running.into_iter().zip(attacks) {
            let (status, text) = running.join().unwrap();
            let is_passed = status.is_some_and(|status| status.success());
            let has_run = text.contains("1 passed");
            assert!(has_run && is_passed, "{api}: {status:?}: {text}");
        }
    });
}

/// Runs a test of this program in another process, for one API, and returns what it printed. The status
/// is `None` if it had to be killed.
fn run_alone(test: &str, api: &str, limit: Duration) -> (Option<ExitStatus>, String) {
    let mut output = tempfile::tempfile().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]);
    command.env(ATTACKED, api).stdin(Stdio::null());
    command.stdout(output.try_clone().unwrap());
    command.stderr(output.try_clone().unwrap());
    let mut process = command.spawn().unwrap();
    let ended = pidfd_open(Pid::from_child(&process), PidfdFlags::empty()).unwrap();
    let limit = Timespec::try_from(limit).unwrap();
    let mut ended = [PollFd::new(&ended, PollFlags::IN)];
    let is_ended = poll(&mut ended, Some(&limit)).unwrap() > 0;
    if !is_ended {
        process.kill().unwrap();
    }
    let status = process.wait().unwrap();
    let mut text = String::new();
    output.rewind().unwrap();
    output.read_to_string(&mut text).unwrap();
    (is_ended.then_some(status), text)
}

fn check(most: Most, run: fn()) {
    // The runtime is there before anything is counted.
    LazyLock::force(&RUNTIME);
    let before = Held::now();
    // Resets the peak.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (memory_before, begin) = (memory("VmRSS"), Instant::now());
    run();
    let took = begin.elapsed();
    let grown = memory("VmHWM").saturating_sub(memory_before) / 1024;
    assert!(grown <= most.mib, "{grown} MiB instead of {}", most.mib);
    let limit = Duration::from_secs(most.seconds);
    assert!(took <= limit, "{took:?} instead of {limit:?}");
    nothing_is_left(before);
}

/// Waits until no task and no thread of a client is left.
pub(crate) fn wait_for_clients_to_end(limit: Duration) {
    let begin = Instant::now();
    while threads_of_clients() > 0 || RUNTIME.metrics().num_alive_tasks() > 0 {
        assert!(begin.elapsed() < limit, "{:?}", Held::now());
        thread::park_timeout(PAUSE);
    }
}

fn nothing_is_left(before: Held) {
    let begin = Instant::now();
    loop {
        let now = Held::now();
        if now.is_within(before) {
            return;
        }
        let waited = begin.elapsed();
        assert!(
            waited < Duration::from_secs(15),
            "{now:?} instead of {before:?}"
        );
        thread::park_timeout(PAUSE);
    }
}
