//! A soak test: clients of both APIs run for minutes, against scripted servers and the real
//! runtime, with a check for leaks.
//!
//! Each worker picks operations at random: turns, approvals, interrupts, abandoned requests, unread
//! subscriptions, connections that are closed, dropped or killed. Descriptors, threads, resident
//! memory and zombies are sampled and drawn; the program fails when one of them grows, when
//! anything is left at the end, and when an operation hangs. It ends after its time.
//!
//! `cargo xtask soak --minutes N`, or
//! `cargo bench -p codex-client --bench soak -- --minutes N [--seed S] [--svg FILE]`. Linux.

#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::print_stdout,
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a program that measures, prints, and fails where it cannot"
    )
)]

#[cfg(target_os = "linux")]
#[path = "soak/api.rs"]
mod api;
#[cfg(target_os = "linux")]
#[path = "soak/plot.rs"]
mod plot;
#[cfg(target_os = "linux")]
#[path = "soak/random.rs"]
mod random;
#[cfg(target_os = "linux")]
#[path = "soak/run.rs"]
mod run;
#[cfg(target_os = "linux")]
#[path = "soak/runtime.rs"]
mod runtime;
#[cfg(target_os = "linux")]
#[path = "soak/sample.rs"]
mod sample;
#[cfg(target_os = "linux")]
#[path = "soak/scripted.rs"]
mod scripted;
#[cfg(target_os = "linux")]
#[path = "soak/verdict.rs"]
mod verdict;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    run::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
