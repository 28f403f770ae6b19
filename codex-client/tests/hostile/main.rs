//! Attacks of a hostile or broken server on its client: each attack has limits of memory and time,
//! and must not leave a file descriptor, thread or task. Both APIs are attacked.
//!
//! Each attack runs in a process of its own, because the figures are those of a whole process.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]

mod api;
mod events;
mod figures;
mod handshakes;
mod ids;
mod lines;
mod panics;
mod requests;
mod servers;
mod tables;
mod websockets;
