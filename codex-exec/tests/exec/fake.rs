//! Fake executables: shell scripts in a directory of their own, and pipes to steer them.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use codex_exec::{ExecRunner, ExecRunnerBuilder, ResumeToken};
use codex_runtime::RuntimeSource;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::wait;

pub(crate) const THREAD: &str = "019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc";

/// An executable with the behavior of its script.
pub(crate) struct Fake {
    folder: TempDir,
}

impl Fake {
    /// Creates a fake. The script has its own directory in `$here`, and its arguments as usual.
    pub(crate) fn new(script: &str) -> Self {
        let fake = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o755)
            .open(fake.path("codex"))
            .unwrap();
        write!(file, "#!/bin/sh\nhere=${{0%/*}}\n{script}\n").unwrap();
        fake
    }

    /// Creates a fake that runs the script and then completes its turn.
    pub(crate) fn completing(script: &str) -> Self {
        Self::new(&format!("{script}\necho '{}'", turn_completed()))
    }

    /// Creates a fake that reads its prompt, prints the lines, and exits with the code.
    pub(crate) fn printing(lines: &[Value], code: i32) -> Self {
        let fake = Self::new(&format!("cat > $here/prompt\ncat $here/lines\nexit {code}"));
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(fake.path("lines"), lines.concat()).unwrap();
        fake
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn builder(&self) -> ExecRunnerBuilder {
        ExecRunner::builder().runtime(RuntimeSource::Binary(self.path("codex")))
    }

    pub(crate) fn runner(&self) -> ExecRunner {
        self.builder().build().unwrap()
    }

    /// Reads a file of its directory that the script has written.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Waits until the script has written a whole line into a file of its directory.
    pub(crate) fn wait_for(&self, name: &str) -> String {
        let path = self.path(name);
        let is_written = || fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n'));
        wait::until(name, is_written);
        self.read(name).trim().to_owned()
    }

    /// Creates a named pipe in the directory. Opening it waits for the other side.
    pub(crate) fn pipe(&self, name: &str) -> Pipe {
        let path = self.path(name);
        let status = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(status.success());
        Pipe(path)
    }
}

/// A rendezvous of a script and its test.
pub(crate) struct Pipe(PathBuf);

impl Pipe {
    /// Waits for a script that writes to the pipe; returns the written text.
    pub(crate) fn receive(&self) -> String {
        let path = self.0.clone();
        wait::at_most(move || {
            let mut text = String::new();
            File::open(path).unwrap().read_to_string(&mut text).unwrap();
            text
        })
    }

    /// Waits for a script that reads from the pipe, and lets it continue.
    pub(crate) fn release(&self) {
        let path = self.0.clone();
        wait::at_most(move || {
            let mut pipe = OpenOptions::new().write(true).open(path).unwrap();
            pipe.write_all(b"go\n").unwrap();
        });
    }
}

pub(crate) fn token(id: &str) -> ResumeToken {
    ResumeToken::new(id).unwrap()
}

/// Waits until a process group has no process left.
pub(crate) fn wait_until_gone(leader: &str) {
    wait::until("the process group is gone", || !is_alive(leader));
}

/// Returns whether a process group has a running process. Zombies do not count: the system's first
/// process reaps them, with a delay.
#[cfg(target_os = "linux")]
pub(crate) fn is_alive(leader: &str) -> bool {
    let runs_in_group = |stat: &str| {
        // `pid (name) state parent group …`; the name may contain anything.
        let mut fields = stat[stat.rfind(')').unwrap() + 1..].split_whitespace();
        let state = fields.next();
        fields.nth(1) == Some(leader.trim()) && state != Some("Z")
    };
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read_to_string(entry.unwrap().path().join("stat")).ok())
        .any(|stat| runs_in_group(&stat))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_alive(leader: &str) -> bool {
    let group = rustix::process::Pid::from_raw(leader.trim().parse().unwrap()).unwrap();
    rustix::process::test_kill_process_group(group).is_ok()
}

// Lines of the stream.

pub(crate) fn thread_started() -> Value {
    json!({"type": "thread.started", "thread_id": THREAD})
}

pub(crate) fn turn_started() -> Value {
    json!({"type": "turn.started"})
}

pub(crate) fn turn_completed() -> Value {
    json!({"type": "turn.completed", "usage": {"input_tokens": 1, "cached_input_tokens": 0, "output_tokens": 1}})
}

pub(crate) fn error(message: &str) -> Value {
    json!({"type": "error", "message": message})
}

pub(crate) fn message(id: &str, text: &str) -> Value {
    json!({"type": "item.completed", "item": {"id": id, "type": "agent_message", "text": text}})
}

pub(crate) fn message_in_phase(id: &str, phase: &str, text: &str) -> Value {
    json!({"type": "item.completed", "item": {"id": id, "type": "agent_message", "phase": phase, "text": text}})
}
