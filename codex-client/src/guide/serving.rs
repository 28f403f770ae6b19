//! Serving many users: one runtime or several, and what each costs.
//!
//! # What a client costs
//!
//! Measured with the pinned runtime on Linux: 111 to 133 KB of memory in your program, 3 file
//! descriptors, 2 to 4 threads, and 60 to 140 ms to start. The runtime itself is a process of its
//! own with tens of megabytes. Many threads and turns share one connection.
//!
//! # What has to be separate
//!
//! `CODEX_HOME` is the unit of isolation: credentials, history, configuration and memory of a
//! runtime are in that folder, and everyone who can use the connection can read them.
//!
//! | Users | Runtimes |
//! |---|---|
//! | one person, several tasks | one: threads are independent |
//! | people who trust each other with one account | one, with a working folder for each |
//! | people who must not see each other's work | one for each, with a `CODEX_HOME` of its own |
//! | people who must not be able to reach each other's files | one for each, in a container or under a user of its own: the sandbox limits what the model's commands write, not what they read |
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let harness = codex_testing::AppServerHarness::start()?;
//! # let root = harness.workspace();
//! use std::path::Path;
//!
//! use codex_client::{Codex, Error, Launch};
//!
//! /// The runtime of one user.
//! async fn runtime_for(root: &Path, user: &str) -> Result<Codex, Error> {
//! #   let _ = Launch::new().env("CODEX_HOME", root.join(user).join("codex"));
//!     let launch = Launch::new().env("CODEX_HOME", root.join(user).join("codex"));
//!     Codex::builder().launch(launch).build().await
//! }
//! # let _ = runtime_for;
//! # let _ = root;
//! # Ok(())
//! # }
//! ```
//!
//! # Limits at the edge
//!
//! - One connection has at most 64 requests in flight; the others wait within their deadline.
//!   An overloaded runtime refuses requests; [`Retry::on_overload`](crate::Retry::on_overload)
//!   repeats them.
//! - Give every turn a `deadline` and an `idle_limit`, and every user a number of turns at once:
//!   the model's rate limit is shared by all turns of an account.
//! - A browser that reads slowly must not fill your program: what waits for a subscriber is bounded
//!   ([`event_budget`](crate::Builder::event_budget)), and what was dropped is reported in-band.
//!
#![doc = include_str!("pictures/backpressure.svg")]
//!
//! # More than one machine
//!
//! A thread lives in the `CODEX_HOME` of its runtime, so that requests for a thread have to go to
//! the machine that has the folder: shard by user, and keep the shard of a user stable. Under an
//! orchestrator this is a stateful set with a volume for each shard, and a router in front that maps
//! users to shards. A shard that is restarted resumes its threads
//! ([`Codex::thread_resume`](crate::Codex::thread_resume)); turns that ran are interrupted.
//!
//! As manifests of Kubernetes, for a program that answers on port 8080, has a folder for each user
//! below `AGENTS_HOME` and runs at most `AGENTS_TURNS` turns at once. A pod that is full is not
//! ready, so that the edge waits or refuses instead of the pod:
//!
#![doc = concat!("```yaml\n", include_str!("manifests/shards.yaml"), "```")]
//!
//! Whether the runtime's sandbox of commands works in a container depends on what the container
//! forbids: run a turn with a command in it before relying on the sandbox.
//!
//! # Runtimes that fail
//!
//! A process that runs for months meets a runtime that is killed for its memory, or a network that
//! drops a connection. With [`supervise`](crate::Builder::supervise) the client starts or connects
//! another one, resumes the threads in use, and reports what was interrupted:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant("Done."));
//! use codex_client::{Codex, Error, Restart, Thread, TurnResult};
//!
//! /// Runs a turn that is safe to repeat.
//! async fn run_again(thread: &Thread, prompt: &str) -> Result<TurnResult, Error> {
//!     loop {
//!         match thread.run(prompt).await {
//!             Err(Error::TurnDisconnected(turn)) if turn.restart.is_some() => {}
//!             Err(Error::ConnectionLost { .. }) => {}
//!             outcome => return outcome,
//!         }
//!     }
//! }
//!
//! let codex = Codex::builder()
//! #   .launch(harness.launch())
//!     .supervise(Restart::on_failure())
//!     .build()
//!     .await?;
//! let thread = codex.thread_start().await?;
//! let result = run_again(&thread, "Describe this project.").await?;
//! # assert_eq!(result.final_response.as_deref(), Some("Done."));
//! # Ok(())
//! # }
//! ```
//!
//! The rules are in [`concepts::supervision`](crate::concepts::supervision).
//!
//! To share one runtime between processes of a machine, start it as a server
//! (`codex app-server --listen unix:///path`) and connect to it with the feature `websocket`. A
//! server on anything but the loopback interface needs a token and TLS.
