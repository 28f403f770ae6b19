//! Logging in through the browser. Without a person to do it the login is given up.
//!
//! `cargo run --example login`: with `OPENAI_API_KEY` in the environment it
//! talks to the real model, without it to a mock that has its lines written down.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([])?;
    let codex = codex_client::Codex::builder()
        .launch(stage.launch())
        .build()
        .await?;

    let login = codex.login_chatgpt().await?;
    println!("Open this in your browser:\n{}", login.url());
    let patience = match stage.mock() {
        Some(_) => Duration::from_millis(100),
        None => Duration::from_secs(5 * 60),
    };
    if let Ok(outcome) = tokio::time::timeout(patience, login.wait()).await {
        outcome?;
        println!("{:?}", codex.account().await?.account);
        codex.close().await;
        return Ok(());
    }
    login.cancel().await?;
    match login.wait().await {
        Ok(()) => println!("just in time"),
        Err(error) => println!("{error}"),
    }
    codex.close().await;
    Ok(())
}
