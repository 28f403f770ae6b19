//! The client against scripted peers, fake processes and the real runtime, on both APIs.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]

mod approvals;
#[allow(dead_code, reason = "shared with other test programs")]
#[path = "../shared/breakable.rs"]
mod breakable;
mod closing;
mod direct_writes;
mod errors;
mod handshake;
mod launch;
#[path = "../shared/listening_runtime.rs"]
mod listening_runtime;
#[path = "../shared/log.rs"]
mod log;
mod malformed;
mod mode;
mod observed;
mod piped;
#[cfg(target_os = "linux")]
#[path = "../shared/process_tree.rs"]
mod process_tree;
mod real;
mod requests;
mod runtime_gone;
mod streams;
mod support;
mod talk;
mod waiting_threads;
mod websocket;
