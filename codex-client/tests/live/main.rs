//! Ten scenarios for a real account: what a model that is not mocked makes of this client.
//!
//! With `CODEX_LIVE=1` (`cargo xtask live`) they run on the pinned runtime with the account of the
//! user who calls, which costs tokens. Without it, as in continuous integration, the model is mocked
//! and says what a helpful one would: that keeps the scenarios compiling and true, and nothing is
//! skipped.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]

mod scenarios;
mod world;
