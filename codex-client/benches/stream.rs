//! The cost of one streamed event for the client, end to end.
//!
//! A fake server (this program again, as a child process) writes agent-message deltas as fast
//! as it can. Each way of reading them runs in a process of its own and reports its CPU time
//! per event, its peak memory, and how many events it lost. A bare loop over the lines, in the
//! same run, is the measure of the rest.
//!
//! `cargo bench -p codex-client --bench stream [-- EVENTS]`

#![expect(clippy::print_stdout, reason = "a program that measures and prints")]
#![cfg_attr(
    unix,
    expect(clippy::unwrap_used, reason = "a measure that fails is none")
)]

#[cfg(unix)]
#[path = "stream/measured.rs"]
mod measured;

#[cfg(unix)]
fn main() {
    measured::run();
}

#[cfg(not(unix))]
fn main() {
    println!("the CPU clock of a process is read the Unix way; there is no other one here yet");
}
