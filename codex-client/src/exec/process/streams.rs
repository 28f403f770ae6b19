//! The three streams of the process: the prompt in, lines out, remarks on the side.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::sync::{Arc, Mutex, PoisonError};

use super::shared::Shared;
use super::spawn_thread;

/// How much of standard error is kept, in bytes from its end.
const TAIL: usize = 16 * 1024;
/// How much of a line of standard error is logged at once, in bytes.
const LONGEST_REMARK: u64 = 8 * 1024;

/// The end of what the process printed to standard error.
#[derive(Debug, Default)]
pub(in crate::exec) struct StderrTail {
    bytes: Mutex<VecDeque<u8>>,
}

impl StderrTail {
    /// The text, whole lines as far as possible.
    pub(in crate::exec) fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let (front, back) = bytes.as_slices();
        String::from_utf8_lossy(&[front, back].concat()).into_owned()
    }

    fn push(&self, remark: &[u8]) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend(remark);
        let surplus = bytes.len().saturating_sub(TAIL);
        bytes.drain(..surplus);
    }
}

/// Starts the threads that feed and read the process.
pub(super) fn connect(
    child: &mut Child,
    shared: &Arc<Shared>,
    prompt: &Arc<str>,
    tail: Arc<StderrTail>,
) -> io::Result<()> {
    let missing = || io::Error::other("a stream of the process is missing");
    let stdin = child.stdin.take().ok_or_else(missing)?;
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    let (for_stdout, for_stderr) = (Arc::clone(shared), Arc::clone(shared));
    let prompt = Arc::clone(prompt);
    spawn_thread("stdin", move || write_prompt(stdin, &prompt))?;
    spawn_thread("stdout", move || read_lines(stdout, &for_stdout))?;
    spawn_thread("stderr", move || drain_stderr(stderr, &for_stderr, &tail))
}

/// Writes the prompt and closes the stream: the process reads up to its end.
fn write_prompt(mut stdin: ChildStdin, prompt: &str) {
    if let Err(error) = stdin.write_all(prompt.as_bytes()) {
        // It ended without reading; how it ended tells more than this.
        tracing::debug!(%error, "codex exec did not read its prompt");
    }
}

/// Reads on even when nobody wants lines any more, so that the process can end in peace.
fn read_lines(stdout: ChildStdout, shared: &Shared) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        match stdout.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {
                if line.last() == Some(&b'\n') {
                    line.pop();
                }
                shared.push_line(line);
            }
            Err(error) => {
                tracing::debug!(%error, "could not read what codex exec prints");
                break;
            }
        }
    }
    shared.stdout_closed();
}

fn drain_stderr(stderr: ChildStderr, shared: &Shared, tail: &StderrTail) {
    let mut stderr = BufReader::new(stderr);
    let mut remark = Vec::new();
    // A remark longer than the limit is logged in pieces: memory stays bounded.
    while let Ok(1..) = (&mut stderr)
        .take(LONGEST_REMARK)
        .read_until(b'\n', &mut remark)
    {
        tail.push(&remark);
        shared.stderr_read();
        tracing::debug!(target: "codex_client::exec::stderr", "{}", String::from_utf8_lossy(&remark).trim_end());
        remark.clear();
    }
    shared.stderr_closed();
}
