//! A runtime that is restarted when it fails.
//!
//! `cargo run -p codex-client --example supervised`: a mock model follows the script at the end, or
//! the real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::process::Command;
use std::time::Duration;

use codex_client::{Codex, CodexBuilder, Error, Restart, Thread};
use codex_testing::{Gate, Reply};

async fn talk(builder: CodexBuilder) -> Result<(), Error> {
    let restart = Restart::on_failure()
        .max_restarts(10)
        .within(Duration::from_secs(10 * 60));
    let codex = builder.supervise(restart).build().await?;
    let thread = codex.thread_start().await?;
    thread.run("Remember the number seven.").await?;

    // What is reported to all streams of events.
    let mut events = codex.events()?;
    let watching = tokio::spawn(async move {
        while let Some(event) = events.next().await {
            if let Err(Error::Restarted(report)) = event {
                println!("restarted: {report}");
            }
        }
    });
    fail_in_a_turn(&codex, &thread).await?;

    // The same thread goes on, in another process.
    let result = thread.run("Which number was it?").await?;
    println!("{}", result.final_response.unwrap_or_default());
    codex.close().await;
    let _ = watching.await;
    Ok(())
}

/// Kills the runtime while a turn runs.
async fn fail_in_a_turn(codex: &Codex, thread: &Thread) -> Result<(), Error> {
    let mut turn = thread.turn("Think about it for a long time.").await?;
    turn.text_deltas().next().await.transpose()?;
    if let Some(process) = codex.client().process_id() {
        // Every shell has it; the program of this name is missing on small systems.
        let killed = Command::new("sh")
            .args(["-c", &format!("kill -9 {process}")])
            .status();
        assert!(
            killed.is_ok_and(|status| status.success()),
            "the runtime runs"
        );
    }
    match turn.run().await {
        // Its effects so far are known; the program decides whether to run it again.
        Err(Error::TurnDisconnected(turn)) if turn.restart.is_some() => {
            println!("interrupted after {} items", turn.result.items.len());
            Ok(())
        }
        outcome => outcome.map(|_| ()),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([
        Reply::assistant("I will."),
        Reply::streaming(["Well ..."]).gate(&Gate::new()),
        Reply::assistant("Seven."),
    ])?;
    stage.log_in_once().await?;
    talk(Codex::builder().launch(stage.launch())).await?;
    Ok(())
}
