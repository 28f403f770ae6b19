//! A server that several clients share: one starts a turn, another one attaches to it.
//!
//! `cargo run -p codex-client --features websocket --example attach`: a mock model follows the script
//! at the end, or the real one is used if `OPENAI_API_KEY` is set. On Unix.

#![cfg_attr(
    unix,
    expect(clippy::print_stdout, reason = "an example shows what it does")
)]

#[cfg(unix)]
mod support;

#[cfg(unix)]
mod unix {
    use codex_client::transport::Server;
    use codex_client::types::TurnId;
    use codex_client::{Codex, Error, Launch};
    use codex_testing::Reply;

    async fn share(launch: &Launch) -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let server = Server::at_socket(launch, folder.path().join("codex.sock")).await?;
        let codex = Codex::builder()
            .transport(server.endpoint())
            .build()
            .await?;
        let thread = codex.thread_start().cwd(folder.path()).await?;
        let mut turn = thread.turn("Count to three.").await?;
        // The turn runs; its first text has come.
        turn.text_deltas().next().await.transpose()?;

        let other = Codex::builder()
            .transport(server.endpoint())
            .build()
            .await?;
        watch(&other, thread.id().as_str(), turn.id()).await?;
        let latest = other.latest_thread(folder.path()).await?;
        println!(
            "the newest thread here: {}",
            latest.is_some_and(|it| it.id == *thread.id())
        );
        server.close().await;
        Ok(())
    }

    /// Another program would get the ids from a database, or from `latest_thread`.
    async fn watch(codex: &Codex, thread: &str, turn: &TurnId) -> Result<(), Error> {
        let mut turn = codex.thread(thread).attach(turn).await?;
        let result = turn.run().await?;
        println!("{} items", result.items.len());
        println!("{}", result.final_response.unwrap_or_default());
        Ok(())
    }

    pub(super) async fn run() -> Result<(), Box<dyn std::error::Error>> {
        let stage = crate::support::Stage::new([Reply::streaming(["One, ", "two, ", "three."])])?;
        stage.log_in_once().await?;
        share(&stage.launch()).await
    }
}

#[cfg(unix)]
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    unix::run().await
}

#[cfg(not(unix))]
fn main() {}
