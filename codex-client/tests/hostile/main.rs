//! What a hostile server, or a broken one, can do to its client: each attack states how much memory
//! and time it may cost, and nothing of it may be left afterwards: no file descriptor, no thread, no
//! task. Both APIs are attacked.
//!
//! The attacks take turns, because the figures are those of the whole process.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]

mod api;
mod events;
mod figures;
mod lines;
mod panics;
mod requests;
mod servers;
mod tables;
mod websockets;
