//! What a program that drives the runtime may rely on, proved on the real runtime with only the
//! model mocked. `../README.md` tells which behaviour is proved where.
//!
//! `scenarios/` is compiled twice, once for each API; everything else is about what both APIs
//! share, and uses the async one.

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
#[path = "../shared/login_port.rs"]
mod login_port;
#[path = "../shared/loopback.rs"]
mod loopback;
mod names;
mod occasions;
mod questions;
mod support;
