//! A login in the browser, and its cancellation.
//!
//! `cargo run -p codex-client --example login`: a mock model follows the script at the end, or the
//! real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::time::Duration;

use codex_client::{Codex, Error};

async fn log_in(codex: &Codex, patience: Duration) -> Result<(), Error> {
    let login = codex.login_chatgpt().await?;
    println!("Open this in your browser:\n{}", login.url());
    if let Ok(outcome) = tokio::time::timeout(patience, login.wait()).await {
        outcome?;
        println!("{:?}", codex.account().await?.account);
        return Ok(());
    }
    login.cancel().await?;
    // The browser may have been faster.
    match login.wait().await {
        Ok(()) => println!("just in time"),
        Err(error) => println!("{error}"),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([])?;
    let patience = match stage.mock() {
        Some(_) => Duration::from_millis(100),
        None => Duration::from_secs(5 * 60),
    };
    let codex = Codex::builder().launch(stage.launch()).build().await?;
    log_in(&codex, patience).await?;
    codex.close().await;
    Ok(())
}
