//! The first run: what must be true before a turn can succeed.
//!
//! 1. **A runtime is installed.** `install(Install::IfMissing)` of the builder downloads the pinned
//!    one (about 170 MB, through npm), verifies it and keeps it in the user's cache folder. Without a
//!    network, `CODEX_RUNTIME_ARCHIVE` names a downloaded archive; `CODEX_BIN` names a binary that is
//!    installed already.
//! 2. **An account is logged in**, unless the configured provider does not need one. Credentials
//!    are kept by the runtime in `CODEX_HOME` (default `~/.codex`) and shared with the `codex`
//!    command: a machine on which `codex login` was run is logged in.
//! 3. **The working folder exists.** It is the current folder unless
//!    [`cwd`](crate::builders) of `thread_start` names another one. It need not be a git
//!    repository.
//!
//! # A program that checks all three
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant("A library."));
//! # let folder = harness.workspace();
//! use codex_client::{Codex, Install};
//!
//! let codex = Codex::builder()
//! #   .launch(harness.launch())
//!     // Takes milliseconds when the runtime is installed; downloads it otherwise.
//!     .install(Install::IfMissing)
//!     .install_progress(|step| println!("{step:?}"))
//!     .client_info("my-tool", env!("CARGO_PKG_VERSION"))
//!     .build()
//!     .await?;
//!
//! let account = codex.account().await?;
//! if account.account.is_none() && account.requires_openai_auth {
//!     let key = std::env::var("OPENAI_API_KEY")?;
//!     codex.login_api_key(key).await?;
//! }
//!
//! let thread = codex.thread_start().cwd(folder).await?;
//! let result = thread.run("Describe this project.").await?;
//! println!("{}", result.final_response.unwrap_or_default());
//! codex.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! The installation runs on a thread of its own, so that an async program goes on meanwhile; the
//! steps have the bytes that were verified and unpacked. [`runtime::install`](crate::runtime::install)
//! does the same without a client, and blocks its thread. Both need the feature `install`; without
//! it, only an installed runtime is found.
//!
//! # A home for one run
//!
//! The runtime keeps sessions, logs and settings in its home. With an
//! [`IsolatedHome`](crate::IsolatedHome) a connection has one of its own, which is private to the user and
//! is removed with it:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use codex_testing::{AppServerHarness, Reply};
//! # let harness = AppServerHarness::start()?;
//! # harness.responses().enqueue(Reply::assistant("A library."));
//! # let homes = tempfile::tempdir()?;
//! use codex_client::{Codex, IsolatedHome};
//!
//! // The user's login and configuration, and nothing else of theirs.
//! let home = IsolatedHome::new().with_credentials().with_config();
//! # let home = home.copied_from(harness.codex_home()).inside(homes.path());
//! let codex = Codex::builder()
//! #   .launch(harness.launch())
//!     .isolated_home(home)
//!     .build()
//!     .await?;
//! let thread = codex.thread_start().await?;
//! thread.run("Describe this project.").await?;
//! codex.close().await;
//! # assert_eq!(std::fs::read_dir(homes.path())?.count(), 0);
//! # assert!(!harness.codex_home().join("sessions").exists());
//! # Ok(())
//! # }
//! ```
//!
//! Tokens that the runtime refreshes in the run are written back to the user's home, since the old
//! ones are invalid by then; a login or a logout in the run is not. Links are never followed, neither
//! to copy nor to write.
//!
//! # Logging a person in
//!
//! [`Codex::login_chatgpt`](crate::Codex::login_chatgpt) starts a login in the browser and returns
//! its URL, [`Codex::login_device_code`](crate::Codex::login_device_code) one with a code to type
//! on another device. Both return a [`LoginHandle`](crate::LoginHandle):
//!
//! ```no_run
//! # async fn log_in(codex: codex_client::Codex) -> Result<(), codex_client::Error> {
//! let login = codex.login_device_code().await?;
//! println!("Open {} and type {}", login.url(), login.user_code().unwrap_or_default());
//! login.wait().await
//! # }
//! ```
//!
//! A login that is abandoned is ended with [`cancel`](crate::LoginHandle::cancel). The browser
//! login listens on a fixed port of the machine, so that only one runs at a time.
//!
//! # When it does not work
//!
//! | Error | Cause | Remedy |
//! |---|---|---|
//! | [`Error::Runtime`](crate::Error::Runtime) | no runtime, or one that was changed | its text names the command |
//! | [`Error::Handshake`](crate::Error::Handshake) | the program that was started is not this runtime, or its configuration does not load | [`stderr_tail`](crate::HandshakeError::stderr_tail) and [`program`](crate::HandshakeError::program) |
//! | [`Error::TurnFailed`](crate::Error::TurnFailed) with `Unauthorized` | not logged in, or the key was revoked | log in again |
//! | a turn that does not end | the model cannot be reached: the runtime retries without a limit | [`deadline`](crate::concepts::deadlines) or `idle_limit` |
