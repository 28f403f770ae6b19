//! Drives `codex app-server`: threads, turns, approvals, streams, async and blocking.

#[cfg(feature = "exec")]
pub mod exec;
#[cfg(feature = "exec")]
mod process_group;
#[cfg(feature = "testing")]
pub mod testing;
