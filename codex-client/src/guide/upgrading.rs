//! Moving to a newer runtime, or staying on an older one.
//!
//! This crate is generated from one exact runtime and works with others. The version that is
//! pinned is [`types::RUNTIME_VERSION`](crate::types::RUNTIME_VERSION).
//!
//! # A newer runtime than the pinned one
//!
//! This happens when `CODEX_BIN` or a package manager selects one. Anything that this version does
//! not know is kept and passed on ([`concepts::unknown`](crate::concepts::unknown)); a warning in the log
//! names both versions. The policy is an option of the builder:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let harness = codex_testing::AppServerHarness::start()?;
//! use codex_client::Codex;
//! use codex_client::runtime::VersionPolicy;
//!
//! let codex = Codex::builder()
//!     .version_policy(VersionPolicy::Refuse)
//! #   .launch(harness.launch())
//!     .build()
//!     .await?;
//! let server = codex.server_info().expect("the handshake is done");
//! println!("{:?}", server.version);
//! # Ok(())
//! # }
//! ```
//!
//! # An older one
//!
//! The documentation names the first runtime that has an item ("Since 0.151.0."). A method or
//! a parameter that the connected runtime does not have yet is refused before anything is sent
//! ([`Error::Unsupported`](crate::Error::Unsupported)); `send_unsupported` of the builder turns
//! that off.
//!
//! # When an answer does not fit
//!
//! A response that cannot be decoded is [`Error::Decode`](crate::Error::Decode), with the path of
//! the problem, the raw text, and both versions if they differ. One event that cannot be decoded
//! costs no other event and no turn.
//!
//! # Upgrading your program
//!
//! `cargo xtask schema check --uses FILE OLD NEW` in the repository of this crate answers for the
//! methods that a program uses whether it is affected; `cargo xtask schema diff OLD NEW` lists
//! everything that changed, by direction, with a verdict for each crate.
