//! A web service: conversations in a browser, streamed as server-sent events, approvals by buttons,
//! and a shutdown that leaves no turn half done.
//!
//! For one person on this machine: it listens on the loopback interface and has no login.
//!
//! With the mock model: `cargo run -p gallery --bin demo -- web`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a server reports where it listens, and why it ends"
)]

mod agent;
mod approvals;
mod failure;
mod routes;
mod signals;
mod updates;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use codex_client::Codex;
use tokio::net::TcpListener;

use agent::Agent;
use approvals::Approvals;
use signals::Signals;

/// Serves an agent for the project in this folder to a browser.
#[derive(Parser)]
struct Options {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Maximum number of turns that run at the same time
    #[arg(long, default_value_t = 4)]
    turns: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let approvals = Arc::new(Approvals::default());
    let codex = Codex::builder()
        .client_info("gallery-web", env!("CARGO_PKG_VERSION"))
        .turn_deadline(Duration::from_secs(3600))
        .handler(approvals.handler())
        .build()
        .await?;
    let agent = Arc::new(Agent::new(codex, approvals, options.turns));
    let listener = TcpListener::bind(options.listen).await?;
    // Before anyone can know of it, so that no signal ends it halfway.
    let signals = Signals::listen()?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes::of(Arc::clone(&agent)))
        .with_graceful_shutdown(end(Arc::clone(&agent), signals))
        .await?;
    agent.close().await;
    println!("closed");
    Ok(())
}

/// Waits for a signal, then ends the turns while browsers still watch: they see how each has ended.
async fn end(agent: Arc<Agent>, mut signals: Signals) {
    signals.recv().await;
    eprintln!("interrupting {} turns", agent.interrupt_all().await);
    agent.end_streams();
}
