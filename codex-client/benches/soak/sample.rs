//! Resources of this process, once a second.

use std::fs;
use std::time::Duration;

/// Resources of the process at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) at: Duration,
    pub(crate) descriptors: usize,
    pub(crate) threads: usize,
    /// Resident memory, in KiB.
    pub(crate) memory: usize,
    /// Children that have ended and were not reaped yet, by PID.
    pub(crate) zombies: Vec<u32>,
    /// Children that run.
    pub(crate) children: usize,
}

impl Sample {
    pub(crate) fn take(at: Duration) -> Self {
        let (running, zombies) = children();
        Self {
            at,
            descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
            threads: status("Threads:"),
            memory: status("VmRSS:"),
            zombies,
            children: running,
        }
    }
}

/// A number of `/proc/self/status`.
fn status(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The number of running children, and the zombies.
fn children() -> (usize, Vec<u32>) {
    let own = std::process::id();
    let (mut running, mut zombies) = (0, Vec::new());
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The name before it may contain anything, closing brackets included.
        let Some((_, rest)) = stat.rsplit_once(") ") else {
            continue;
        };
        let mut fields = rest.split(' ');
        let (state, parent) = (fields.next(), fields.next());
        if parent.and_then(|parent| parent.parse().ok()) != Some(own) {
            continue;
        }
        match state {
            Some("Z") => zombies.push(pid),
            _ => running += 1,
        }
    }
    (running, zombies)
}
