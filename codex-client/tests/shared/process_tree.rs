//! The processes that work in a folder of a test: the runtime, and all of its descendants, with any
//! parent. Linux only.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Time limit for processes to appear or to exit.
const LIMIT: Duration = Duration::from_secs(60);

/// The processes below a folder.
pub(crate) struct ProcessTree {
    folder: PathBuf,
}

impl ProcessTree {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.canonicalize().unwrap(),
        }
    }

    /// PID and command line of each process that runs; zombies do not.
    pub(crate) fn processes(&self) -> Vec<(i32, String)> {
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        pids.filter(|pid| {
            let cwd = fs::read_link(format!("/proc/{pid}/cwd"));
            cwd.is_ok_and(|cwd| cwd.starts_with(&self.folder))
        })
        .filter_map(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            Some((pid, line.trim().to_owned()))
        })
        .filter(|(_, line)| !line.is_empty())
        .collect()
    }

    fn sleepers(&self) -> usize {
        let processes = self.processes();
        let lines = processes.iter().map(|(_, line)| line);
        lines.filter(|line| line.starts_with("sleep ")).count()
    }

    /// Waits until this number of the processes are `sleep`.
    pub(crate) fn wait_for_sleepers(&self, count: usize) {
        self.wait("sleepers", || self.sleepers() == count);
    }

    /// Waits until every process has been running for this time.
    #[allow(dead_code, reason = "this file is a part of several test programs")]
    pub(crate) fn wait_for_age(&self, age: Duration) {
        let is_old = |pid: i32| {
            let started = fs::metadata(format!("/proc/{pid}")).and_then(|it| it.modified());
            started.is_ok_and(|started| started.elapsed().is_ok_and(|elapsed| elapsed >= age))
        };
        self.wait("processes of that age", || {
            self.processes().iter().all(|(pid, _)| is_old(*pid))
        });
    }

    /// Waits until no process is left. Those that stay are ended, so that a test that fails
    /// leaves nothing itself.
    pub(crate) fn assert_empty_soon(&self, what: &str) {
        let begin = Instant::now();
        while !self.processes().is_empty() {
            if begin.elapsed() > LIMIT {
                let left = self.processes();
                for (pid, _) in &left {
                    let pid = rustix::process::Pid::from_raw(*pid).unwrap();
                    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
                }
                panic!("{what} left behind: {left:?}");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait(&self, what: &str, condition: impl Fn() -> bool) {
        let begin = Instant::now();
        while !condition() {
            let elapsed = begin.elapsed();
            assert!(elapsed < LIMIT, "no {what}: {:?}", self.processes());
            thread::sleep(Duration::from_millis(5));
        }
    }
}
