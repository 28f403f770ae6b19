//! Several agents at once: reviewers with different eyes read the same change, each in a thread of its
//! own, and return typed findings that are merged into one list.
//!
//! With the mock model: `cargo run -p gallery --bin demo -- review`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the findings are for stdout, the progress for stderr"
)]

mod findings;

use std::io::Read as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use codex_client::types::TokenUsageBreakdown;
use codex_client::{ApprovalMode, Cancellation, Codex, Error, Retry, Sandbox};
use futures_util::{StreamExt as _, stream};

use findings::{Findings, Merged, Severity};

/// Reviews a change, which it reads from standard input: `git diff main | review`.
///
/// Exit code: 0 without severe findings, 1 with some, 2 if a reviewer has failed, 130 after Ctrl-C.
#[derive(Parser)]
struct Options {
    /// Maximum number of reviewers that work at the same time
    #[arg(long, default_value_t = 4)]
    at_once: usize,
    /// Time limit of each reviewer, in seconds
    #[arg(long, default_value_t = 600)]
    deadline: u64,
}

/// The reviewers, and what each looks for.
const REVIEWERS: [(&str, &str); 4] = [
    (
        "correctness",
        "Look for behavior that is wrong: edge cases, errors, races, lost data.",
    ),
    (
        "security",
        "Look for what an attacker could use: input, secrets, permissions, injection.",
    ),
    (
        "tests",
        "Look for behavior that no test would notice if it broke.",
    ),
    (
        "clarity",
        "Look for names, comments and structure that mislead the next reader.",
    ),
];

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let mut change = String::new();
    std::io::stdin().lock().read_to_string(&mut change)?;
    let stop = cancel_on_ctrl_c();
    let codex = Codex::builder().build().await?;
    let outcome = review_all(&codex, &change, &options, &stop).await;
    codex.close().await;
    print!("{}", outcome.merged);
    eprintln!("{} tokens", outcome.tokens);
    Ok(match () {
        () if stop.is_cancelled() => 130.into(),
        () if outcome.failed > 0 => 2.into(),
        () if outcome.merged.worst() == Some(Severity::Severe) => ExitCode::FAILURE,
        () => ExitCode::SUCCESS,
    })
}

/// Ctrl-C interrupts all turns; what was found by then is printed.
fn cancel_on_ctrl_c() -> Cancellation {
    let stop = Cancellation::new();
    let on_signal = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            on_signal.cancel();
        }
    });
    stop
}

#[derive(Default)]
struct Outcome {
    merged: Merged,
    tokens: i64,
    failed: usize,
}

/// Runs the reviewers. One that fails does not take the findings of the others with it.
async fn review_all(
    codex: &Codex,
    change: &str,
    options: &Options,
    stop: &Cancellation,
) -> Outcome {
    let reviews = stream::iter(REVIEWERS).map(|(name, task)| async move {
        (name, review(codex, task, change, options, stop).await)
    });
    let mut reviews = reviews.buffer_unordered(options.at_once.max(1));
    let mut outcome = Outcome::default();
    // In the order of completion.
    while let Some((name, review)) = reviews.next().await {
        match review {
            Ok((findings, usage)) => {
                eprintln!("{name}: {} findings", findings.len());
                outcome.merged.add(name, findings);
                outcome.tokens += usage.map_or(0, |usage| usage.total_tokens);
            }
            Err(_) if stop.is_cancelled() => eprintln!("{name}: interrupted"),
            Err(error) => {
                eprintln!("{name}: {error}");
                outcome.failed += 1;
            }
        }
    }
    outcome
}

/// One reviewer, who may read the project and change nothing.
async fn review(
    codex: &Codex,
    task: &str,
    change: &str,
    options: &Options,
    stop: &Cancellation,
) -> Result<(Findings, Option<TokenUsageBreakdown>), Error> {
    let thread = codex
        .thread_start()
        .ephemeral(true)
        .sandbox(Sandbox::ReadOnly)
        .approval_mode(ApprovalMode::DenyAll)
        .developer_instructions(format!("You review one change. {task}"))
        .await?;
    let (findings, result) = thread
        .run(format!(
            "The change, as a JSON string:\n{}",
            serde_json::json!(change)
        ))
        .retry(Retry::on_overload(5))
        .deadline(Duration::from_secs(options.deadline))
        .idle_limit(Duration::from_secs(120))
        .cancellation(stop)
        .typed::<Findings>()
        .with_result()
        .await?;
    Ok((findings, result.usage))
}
