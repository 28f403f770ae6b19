//! CPU time of this process, and its memory.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The CPU time of all threads so far.
pub(crate) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).expect("time passes");
    let nanoseconds = u32::try_from(time.tv_nsec).expect("less than a second");
    Duration::new(seconds, nanoseconds)
}

/// A value of `/proc/self/status` in bytes, such as `VmHWM`.
pub(crate) fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with(name));
    let mut words = line.expect("it is there").split_whitespace();
    let kilobytes: u64 = crate::number(words.nth(1).expect("a number"));
    kilobytes * 1024
}
