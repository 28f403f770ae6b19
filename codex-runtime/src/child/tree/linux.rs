//! Record, mark and end of the descendants, on Linux.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};

use super::proc::{self, Process, ProcessId};
use crate::child::Variables;

/// The variable that marks descendants: the marks of all owners, outermost first.
const VARIABLE: &str = "CODEX_PROCESS_TREE";
const SEPARATOR: u8 = b':';
/// The pause between two looks at the tree: the first after it has grown, the second at most.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Ratio of the pause after a scan of the tree to the duration of the scan, so that scans take
/// little CPU time on a machine with many processes. On a busy one a scan takes longer than its
/// work: the pause is bounded.
const PAUSE_FACTOR: u32 = 50;
const LONGEST_PAUSE_OF_ALL: Duration = Duration::from_secs(1);
/// Limit for ending the descendants.
const SWEEP_LIMIT: Duration = Duration::from_millis(500);
const SWEEP_PAUSE: Duration = Duration::from_millis(2);
/// The largest number of recorded descendants.
const MOST_RECORDED: usize = 16 * 1024;

/// The descendants of one child.
#[derive(Debug)]
pub(in crate::child) struct Tree {
    /// Value of [`VARIABLE`] for the child: what it inherits, and its own mark.
    value: OsString,
    mark: String,
    recorded: HashMap<i32, u64>,
    /// Processes that were there at the last look.
    seen: HashSet<i32>,
    pause: Duration,
}

impl Tree {
    /// A tree with a mark of its own, for a child with this environment.
    pub(in crate::child) fn new(environment: &Variables) -> Self {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let nanos = now.unwrap_or_default().as_nanos();
        let mark = format!("{}-{nanos:x}-{count}", std::process::id());
        let mut value = environment.value(VARIABLE).unwrap_or_default();
        if !value.is_empty() {
            value.push(OsStr::from_bytes(&[SEPARATOR]));
        }
        value.push(&mark);
        Self {
            value,
            mark,
            recorded: HashMap::new(),
            seen: HashSet::new(),
            pause: SHORTEST_PAUSE,
        }
    }

    /// Puts the mark into the environment of a command.
    pub(in crate::child) fn mark(&self, command: &mut Command) {
        command.env(VARIABLE, &self.value);
    }

    /// Records descendants that have appeared. Returns how long to wait before the next look.
    pub(in crate::child) fn observe(&mut self, leader: u32) -> Duration {
        let begin = Instant::now();
        let present: HashSet<i32> = proc::pids().collect();
        self.recorded.retain(|pid, _| present.contains(pid));
        let fresh = present.difference(&self.seen);
        let mut fresh: Vec<Process> = fresh.filter_map(|pid| Process::read(*pid)).collect();
        self.seen = present;
        let before = self.recorded.len();
        // A child may have been read before its parent, which is just as new.
        while self.record_children(leader, &mut fresh) {}
        self.pause = if self.recorded.len() > before {
            SHORTEST_PAUSE
        } else {
            self.pause.saturating_mul(2).min(LONGEST_PAUSE)
        };
        let rest = begin.elapsed().saturating_mul(PAUSE_FACTOR);
        self.pause.max(rest).min(LONGEST_PAUSE_OF_ALL)
    }

    /// Moves the children of recorded processes from `fresh` to the record.
    fn record_children(&mut self, leader: u32, fresh: &mut Vec<Process>) -> bool {
        let before = fresh.len();
        fresh.retain(|process| {
            let parent = process.parent;
            let is_ours = u32::try_from(parent) == Ok(leader) || self.is_recorded(parent);
            if is_ours && self.recorded.len() < MOST_RECORDED {
                self.recorded.insert(process.id.pid, process.id.start);
            }
            !is_ours
        });
        fresh.len() < before
    }

    /// Returns true if the process with this PID is the recorded one.
    fn is_recorded(&self, pid: i32) -> bool {
        self.recorded.get(&pid).is_some_and(|start| {
            Process::read(pid).is_some_and(|process| process.id.start == *start)
        })
    }

    /// Kills every descendant that can be identified, until there is none or time is up.
    pub(in crate::child) fn sweep(&mut self) {
        let deadline = Instant::now() + SWEEP_LIMIT;
        loop {
            let left = self.survivors();
            if left.is_empty() {
                return;
            }
            if Instant::now() >= deadline {
                tracing::warn!(count = left.len(), "descendants of a child still running");
                return;
            }
            for process in left {
                kill(process.id);
            }
            sleep(SWEEP_PAUSE);
        }
    }

    fn survivors(&self) -> Vec<Process> {
        let mut others: Vec<Process> = proc::pids().filter_map(Process::read).collect();
        let is_own = |process: &Process| u32::try_from(process.id.pid) == Ok(std::process::id());
        others.retain(|process| !process.is_zombie && !is_own(process));
        let mut found: Vec<Process> = Vec::new();
        let mut identified = |process: &Process| {
            let start = self.recorded.get(&process.id.pid);
            let ours = start == Some(&process.id.start) || self.is_marked(process.id.pid);
            if ours {
                found.push(*process);
            }
            !ours
        };
        others.retain(&mut identified);
        // Children of what was found, which may be neither.
        let mut index = 0;
        while let Some(parent) = found.get(index).map(|process| process.id.pid) {
            let children = others.iter().filter(|process| process.parent == parent);
            found.extend(children.copied().collect::<Vec<_>>());
            others.retain(|process| process.parent != parent);
            index += 1;
        }
        found
    }

    fn is_marked(&self, pid: i32) -> bool {
        let Some(environment) = proc::environment(pid) else {
            return false;
        };
        environment
            .split(|byte| *byte == 0)
            .filter_map(|variable| {
                variable
                    .strip_prefix(VARIABLE.as_bytes())?
                    .strip_prefix(b"=")
            })
            .any(|value| {
                let mut marks = value.split(|byte| *byte == SEPARATOR);
                marks.any(|mark| mark == self.mark.as_bytes())
            })
    }
}

/// Kills exactly this process. The handle is opened before the identity is checked: what it
/// refers to from then on cannot become another process.
fn kill(id: ProcessId) {
    let Some(pid) = Pid::from_raw(id.pid).filter(|pid| *pid != Pid::INIT) else {
        return;
    };
    let handle = pidfd_open(pid, PidfdFlags::empty());
    if Process::read(id.pid).map(|process| process.id) != Some(id) {
        return;
    }
    let result = match handle {
        Ok(handle) => pidfd_send_signal(handle, Signal::KILL),
        // An old kernel: the moment between the check and the signal remains.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => kill_process(pid, Signal::KILL),
        Err(error) => Err(error),
    };
    match result {
        Ok(()) | Err(rustix::io::Errno::SRCH) => {}
        Err(error) => tracing::debug!(pid = id.pid, %error, "descendant not killed"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::{Child, ChildStdin, Command, Stdio};

    use super::*;

    /// A shell in the environment of `tree`, once it has printed as many PIDs.
    fn start(tree: &Tree, script: &str, count: usize) -> (Child, ChildStdin, Vec<i32>) {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        tree.mark(&mut command);
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let pids = output.lines().take(count);
        let pids = pids.map(|line| line.unwrap().parse().unwrap()).collect();
        let input = child.stdin.take().unwrap();
        (child, input, pids)
    }

    fn is_running(pid: i32) -> bool {
        Process::read(pid).is_some_and(|process| !process.is_zombie)
    }

    /// A killed process needs a processor to exit.
    fn wait_until_gone(pid: i32) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while is_running(pid) {
            assert!(Instant::now() < deadline, "still running: {pid}");
            std::thread::yield_now();
        }
    }

    #[test]
    fn cleared_environment_is_found_by_the_record() {
        let mut tree = Tree::new(&Variables::new());
        let script = "env -i setsid sleep 1001 & echo $!; wait";
        let (mut child, _input, pids) = start(&tree, script, 1);
        tree.observe(child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_running(pids[0]));
        tree.sweep();
        wait_until_gone(pids[0]);
    }

    #[test]
    fn later_children_of_a_recorded_process_are_found() {
        let mut tree = Tree::new(&Variables::new());
        let script = "exec 3<&0; env -i /bin/sh -c \
            'echo $$; read line; setsid sleep 1002 & echo $!; wait' <&3 & wait";
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut pid = || output.next().unwrap().unwrap().parse::<i32>().unwrap();
        let shell = pid();
        tree.observe(child.id());
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"go\n").unwrap();
        let sleeper = pid();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_running(shell) && is_running(sleeper));
        tree.sweep();
        wait_until_gone(shell);
        wait_until_gone(sleeper);
    }

    #[test]
    fn the_mark_alone_is_enough_and_reaches_the_outer_owner() {
        let mut outer = Tree::new(&Variables::new());
        let mut variables = Variables::new();
        variables.set(VARIABLE, &outer.value);
        let mut inner = Tree::new(&variables);
        let script = "setsid sleep 1003 & echo $!; exit 0";
        let (mut child, _input, pids) = start(&inner, script, 1);
        child.wait().unwrap();
        Tree::new(&Variables::new()).sweep();
        assert!(is_running(pids[0]), "another owner has another mark");
        outer.sweep();
        wait_until_gone(pids[0]);
        inner.sweep();
    }

    #[test]
    fn a_number_that_is_used_again_is_another_process() {
        let mut tree = Tree::new(&Variables::new());
        let mut bystander = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = i32::try_from(bystander.id()).unwrap();
        let start = Process::read(pid).unwrap().id.start;
        tree.recorded.insert(pid, start - 1);
        tree.sweep();
        kill(ProcessId {
            pid,
            start: start - 1,
        });
        // A killed process may be there for another moment, but it does not respond.
        let mut input = bystander.stdin.take().unwrap();
        let _ = input.write_all(b"line\n");
        let mut line = String::new();
        let output = bystander.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        assert_eq!(line, "line\n");
        tree.recorded.insert(pid, start);
        tree.sweep();
        wait_until_gone(pid);
        bystander.wait().unwrap();
    }

    #[test]
    fn looks_become_rarer_while_nothing_happens() {
        let mut tree = Tree::new(&Variables::new());
        let mut child = Command::new("sleep").arg("1005").spawn().unwrap();
        let pauses: Vec<Duration> = (0..8).map(|_| tree.observe(child.id())).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(pauses[0] >= SHORTEST_PAUSE, "{pauses:?}");
        assert!(pauses[7] >= LONGEST_PAUSE, "{pauses:?}");
    }
}
