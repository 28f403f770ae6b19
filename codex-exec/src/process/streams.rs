//! The streams of the process that a run uses: the prompt in, lines out.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::sync::Arc;

use codex_runtime::child::ChildPipes;

use super::shared::Shared;
use super::spawn_thread;

/// Starts the threads that feed and read the process.
pub(super) fn connect(
    pipes: ChildPipes,
    shared: &Arc<Shared>,
    prompt: &Arc<str>,
) -> io::Result<()> {
    let ChildPipes { stdin, stdout, .. } = pipes;
    let for_stdout = Arc::clone(shared);
    let prompt = Arc::clone(prompt);
    spawn_thread("stdout", move || read_lines(stdout, &for_stdout))
        .inspect_err(|_| shared.stdout_closed())?;
    spawn_thread("stdin", move || write_prompt(stdin, &prompt))
}

/// Writes the prompt and closes the stream: the process reads until EOF.
fn write_prompt(mut stdin: ChildStdin, prompt: &str) {
    if let Err(error) = stdin.write_all(prompt.as_bytes()) {
        // It exited without reading; its exit status is more informative than this error.
        tracing::debug!(%error, "codex exec did not read its prompt");
    }
}

/// Keeps reading when further lines are discarded, so that the process can exit.
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
                tracing::debug!(%error, "could not read the output of codex exec");
                break;
            }
        }
    }
    shared.stdout_closed();
}
