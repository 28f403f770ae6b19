//! The end of a listening server whose owner is killed.
//!
//! Over pipes, the runtime ends with its input; one that listens does not read any. A signal at the
//! death of the parent would need unsafe code, and be sent when the thread ends that has started the
//! server. So a shell waits at the end of a pipe, which the system closes with this program.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ChildStdin;

use codex_runtime::child::{Child, ChildCommand, SpawnOptions};

/// Reads the PID of the server, then a line that never comes unless the server is ended by its owner.
/// Without it: TERM to the server, and after two seconds KILL to it and to what has descended from it,
/// since a listening runtime waits for its turns and leaves their commands.
const SCRIPT: &str = r#"
read -r pid || exit 0
read -r line && exit 0
children() {
    if [ -d "/proc/$1/task" ]; then cat /proc/"$1"/task/*/children; else pgrep -P "$1"; fi
}
descendants() {
    for child in $(children "$1" 2>/dev/null); do
        echo "$child"
        descendants "$child"
    done
}
kill -STOP "$pid" 2>/dev/null || exit 0
all=$(descendants "$pid")
kill -TERM "$pid"
kill -CONT "$pid"
left=20
while [ "$left" -gt 0 ] && kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
    left=$((left - 1))
done
kill -KILL "-$pid" $all 2>/dev/null
"#;

/// Ends a server if this program is killed.
pub(super) struct Watchdog {
    pipe: ChildStdin,
    /// Ends the shell when it is dropped, after the pipe has told it to end.
    _shell: Child,
}

impl Watchdog {
    /// Starts a watchdog, in this folder, before its server.
    pub(super) fn start(folder: Option<PathBuf>) -> Result<Self, codex_runtime::Error> {
        let mut command = ChildCommand::new("/bin/sh").args(["-c", SCRIPT]);
        if let Some(folder) = folder {
            command = command.folder(folder);
        }
        let (shell, pipes) = command.spawn(&SpawnOptions::default(), |_| {})?;
        Ok(Self {
            pipe: pipes.stdin,
            _shell: shell,
        })
    }

    /// Guards a server. Its PID is not in use again before the watchdog is told that it has ended.
    pub(super) fn guard(&mut self, pid: u32) -> std::io::Result<()> {
        writeln!(self.pipe, "{pid}")
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // If the shell has ended, there is nothing to tell it.
        let _ = writeln!(self.pipe, "over");
    }
}
