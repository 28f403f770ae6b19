//! A logging proxy: stands between a client and the runtime, forwards every byte unchanged, and logs
//! who has sent what, when, and how long responses took.
//!
//! A client starts it in place of the runtime: `CODEX_BIN=target/debug/proxy PROXY_LOG=log.jsonl my-agent`.
//! With the mock model: `cargo run -p gallery --bin demo -- proxy`.
//!
//! | variable | |
//! |---|---|
//! | `PROXY_LOG` | the log, to which is appended: a JSON object in each line |
//! | `PROXY_MESSAGES` | if set, the log has the messages as well, without secrets and results |
//! | `PROXY_RUNTIME` | the runtime; without it, the pinned one |

mod log;

use std::env;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::thread;

use anyhow::Context as _;
use codex_runtime::{Environment, RuntimeSource};

use log::{Log, Side};

fn main() -> anyhow::Result<ExitCode> {
    let mut runtime = Command::new(find_runtime()?);
    runtime.args(env::args_os().skip(1));
    // Clients also ask for the version.
    if env::args_os().nth(1).is_none_or(|it| it != "app-server") {
        return Ok(code(runtime.status()?));
    }
    let log = Arc::new(Log::open()?);
    let mut runtime = runtime
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the runtime")?;
    let (input, output) = (runtime.stdin.take(), runtime.stdout.take());
    let (input, output) = input.zip(output).context("the runtime has no streams")?;
    let of_client = Arc::clone(&log);
    // It ends with the client's input; the runtime then reads the end of its own, and exits.
    thread::spawn(move || {
        forward(io::stdin(), input, |line| {
            of_client.message(Side::Client, line);
        })
    });
    forward(output, io::stdout(), |line| {
        log.message(Side::Runtime, line);
    })?;
    Ok(code(runtime.wait()?))
}

/// Never the binary of `CODEX_BIN`, which is this program.
fn find_runtime() -> Result<std::path::PathBuf, codex_runtime::Error> {
    let source = match env::var_os("PROXY_RUNTIME") {
        Some(binary) => RuntimeSource::Binary(binary.into()),
        None => RuntimeSource::Pinned,
    };
    let runtime = codex_runtime::locate(&source, &Environment::from_process())?;
    Ok(runtime.binary().to_owned())
}

/// Forwards lines as they are, also those that are no messages, and looks at them before: the answer of
/// the other side may be there at once, and is logged behind what it answers.
fn forward(from: impl Read, mut to: impl Write, mut observe: impl FnMut(&[u8])) -> io::Result<()> {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        observe(&line);
        to.write_all(&line)?;
        to.flush()?;
        line.clear();
    }
    Ok(())
}

/// The exit code of the runtime; one that a signal has ended has none.
fn code(status: std::process::ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}
