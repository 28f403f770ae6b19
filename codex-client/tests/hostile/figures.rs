//! The cost of an attack: peak memory, time, and leftovers.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::api::RUNTIME;

/// The limits of an attack.
#[derive(Clone, Copy)]
pub(crate) struct Most {
    /// Growth of the process's peak resident memory, in MiB.
    pub(crate) mib: usize,
    /// Time, on a loaded machine.
    pub(crate) seconds: u64,
}

static TURN: Mutex<()> = Mutex::new(());

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

/// Runs an attack and checks its figures.
pub(crate) fn attack(most: Most, run: impl FnOnce()) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
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

/// Waits until no task and no thread of a client is left; attacks run one at a time, so that all of
/// them belong to this one.
pub(crate) fn wait_for_clients_to_end(limit: Duration) {
    let begin = Instant::now();
    while threads_of_clients() > 0 || RUNTIME.metrics().num_alive_tasks() > 0 {
        assert!(begin.elapsed() < limit, "{:?}", Held::now());
        thread::yield_now();
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
        thread::yield_now();
    }
}
