//! The behavior that programs can rely on, tested with the real runtime with only the model mocked.
//! `../README.md` lists the tests of each behavior.
//!
//! `scenarios/` is compiled twice, once for each API; all other tests are about shared code, and
//! use the async API.

// A process is killed by a signal, and a tool server is a shell script.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]
#![expect(
    clippy::duplicate_mod,
    reason = "the scenarios are compiled once for each face"
)]

mod approvals;
mod async_api;
mod blocking_api;
#[path = "../shared/breakable.rs"]
mod breakable;
#[cfg(target_os = "linux")]
mod kills;
#[allow(dead_code, reason = "shared with other test programs")]
#[path = "../shared/listening_runtime.rs"]
mod listening_runtime;
#[path = "../shared/log.rs"]
mod log;
#[path = "../shared/login_port.rs"]
mod login_port;
#[path = "../shared/loopback.rs"]
mod loopback;
mod names;
mod occasions;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "shared with other test programs")]
#[path = "../shared/process_tree.rs"]
mod process_tree;
mod questions;
mod support;
