//! Runs a program of the gallery with the real runtime and a mock model, which follows a script, so
//! that it needs neither a key nor a network.
//!
//! `cargo build -p gallery`, then `cargo run -p gallery --bin demo -- terminal`. The programs have no
//! code for it: the environment names the runtime and a `CODEX_HOME` whose configuration names the mock.

#![expect(
    clippy::print_stderr,
    reason = "the demo is told apart from the program, which has stdout"
)]

mod scripts;

use std::ffi::OsString;
use std::process::{ExitCode, Stdio};

use anyhow::Context as _;
use clap::Parser;
use codex_testing::AppServerHarness;
use tokio::process::{Child, Command};

use scripts::Program;

/// Runs a program of the gallery with a mock model instead of a real one.
#[derive(Parser)]
struct Options {
    program: Program,
    /// The arguments of the program
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let harness = AppServerHarness::builder().model("gpt-5.5").start()?;
    options.program.script(harness.responses());
    let mut command = Command::from(harness.program(options.program.binary()?));
    command.args(options.program.arguments(&options.arguments));
    let input = options.program.input();
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    if options.program == Program::Proxy {
        let log = std::env::current_dir()?.join("proxy-log.jsonl");
        eprintln!("(the log of the proxy: {})", log.display());
        command.env("PROXY_LOG", log);
        command.env("PROXY_RUNTIME", harness.runtime().binary());
        command.env("CODEX_BIN", Program::proxy()?);
    }
    eprintln!(
        "(a mock model answers, in {})",
        harness.workspace().display()
    );
    let mut child = command.spawn().context("cannot start the program")?;
    if let Some((mut pipe, input)) = child.stdin.take().zip(input) {
        tokio::io::AsyncWriteExt::write_all(&mut pipe, input.as_bytes()).await?;
    }
    let status = wait(&mut child).await?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Waits for the program. A terminal sends Ctrl-C to both, and it is for the program.
async fn wait(child: &mut Child) -> std::io::Result<std::process::ExitStatus> {
    loop {
        tokio::select! {
            status = child.wait() => return status,
            pressed = tokio::signal::ctrl_c() => pressed?,
        }
    }
}
