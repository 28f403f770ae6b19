//! Reads processes from `/proc`.

use std::fs;
use std::path::PathBuf;

/// A process that cannot be taken for another one: numbers are used again, start times are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ProcessId {
    pub(super) pid: i32,
    /// In clock ticks since the system started.
    pub(super) start: u64,
}

/// Facts about a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) id: ProcessId,
    pub(super) parent: i32,
    /// It has exited and is not reaped.
    pub(super) is_zombie: bool,
}

impl Process {
    pub(super) fn read(pid: i32) -> Option<Self> {
        let stat = fs::read(file(pid, "stat")).ok()?;
        Self::parse(pid, &stat)
    }

    /// `pid (name) state parent ...`; the name may hold anything, parentheses included.
    fn parse(pid: i32, stat: &[u8]) -> Option<Self> {
        let name_end = stat.iter().rposition(|byte| *byte == b')')?;
        let fields = std::str::from_utf8(stat.get(name_end + 1..)?).ok()?;
        let mut fields = fields.split_ascii_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        // The 22nd field; the parent is the fourth.
        let start = fields.nth(17)?.parse().ok()?;
        Some(Self {
            id: ProcessId { pid, start },
            parent,
            is_zombie: matches!(state, "Z" | "X"),
        })
    }
}

/// The numbers of all processes that can be seen.
pub(super) fn pids() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The environment a process was started with, if it may be read.
pub(super) fn environment(pid: i32) -> Option<Vec<u8>> {
    fs::read(file(pid, "environ")).ok()
}

fn file(pid: i32, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::{Process, ProcessId, pids};

    #[test]
    fn this_process_is_found() {
        let pid = i32::try_from(std::process::id()).unwrap();
        assert!(pids().any(|other| other == pid));
        let process = Process::read(pid).unwrap();
        assert_eq!(process.id.pid, pid);
        assert!(!process.is_zombie);
        assert_eq!(Some(process), Process::read(pid));
    }

    #[test]
    fn a_name_may_look_like_fields() {
        let stat = b"7 (a) Z 1 (b) S 3 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 99 100";
        let process = Process::parse(7, stat).unwrap();
        assert_eq!(
            process,
            Process {
                id: ProcessId {
                    pid: 7,
                    start: 12345
                },
                parent: 3,
                is_zombie: false
            }
        );
    }
}
