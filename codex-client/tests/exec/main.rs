//! Proves the runner for `codex exec --json`: with recordings, with fake executables, and with
//! the real runtime. README.md tells which foreign test has its counterpart where.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]

mod arguments;
mod faces;
#[cfg(unix)]
mod fake;
#[cfg(unix)]
mod processes;
mod raw;
mod real;
mod recordings;
mod resume_token;
#[cfg(unix)]
mod sessions;
mod translation;
#[cfg(unix)]
mod turns;
mod wait;
