//! A machine without a runtime, and a run that leaves nothing behind: the runtime is installed if it
//! is missing, and works in a home of its own.
//!
//! `cargo run -p codex-client --example fresh_machine`: a mock model follows the script at the end, or
//! the real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::path::Path;

use codex_client::runtime::Step;
use codex_client::{Codex, CodexBuilder, Error, Install, IsolatedHome};
use codex_testing::Reply;

/// The login is that of `home`; a real program leaves `copied_from` out, which means the user's.
async fn run_once(builder: CodexBuilder, home: &Path, homes: &Path) -> Result<(), Error> {
    let home = IsolatedHome::new()
        .with_credentials()
        .with_config()
        .copied_from(home);
    let codex = builder
        .install(Install::IfMissing)
        .install_progress(|step| match step {
            Step::Unpacking { done, total, .. } => println!("{} %", 100 * done / total.max(&1)),
            other => println!("{other:?}"),
        })
        .isolated_home(home.inside(homes))
        .build()
        .await?;
    let thread = codex.thread_start().await?;
    let result = thread.run("Describe this project.").await?;
    println!("{}", result.final_response.unwrap_or_default());
    println!("homes during the run: {}", count(homes));
    codex.close().await;
    println!("homes after it: {}", count(homes));
    Ok(())
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([Reply::assistant("A library.")])?;
    stage.log_in_once().await?;
    let homes = tempfile::tempdir()?;
    // Names the binary of the test's runtime, so that nothing has to be installed.
    let builder = Codex::builder().launch(stage.launch());
    run_once(builder, &stage.codex_home(), homes.path()).await?;
    Ok(())
}
