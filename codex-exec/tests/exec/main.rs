//! Tests of the runner for `codex exec --json`: with recordings, with fake executables, and with
//! the real runtime. See README.md for an overview.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]
#![cfg_attr(
    not(unix),
    expect(
        dead_code,
        reason = "the tests that watch a process while it runs are for Unix"
    )
)]

mod arguments;
#[cfg(unix)]
mod ending;
#[cfg(unix)]
mod fake;
#[cfg(unix)]
mod limits;
#[path = "../../../codex-client/tests/shared/loopback.rs"]
mod loopback;
mod modes;
#[cfg(unix)]
mod outcome;
#[cfg(target_os = "linux")]
#[path = "../../../codex-client/tests/shared/process_tree.rs"]
mod process_tree;
#[cfg(unix)]
mod processes;
#[path = "../../../codex-client/tests/api/public_api.rs"]
mod public_api;
mod raw;
mod real;
mod recordings;
mod resume_token;
#[cfg(unix)]
mod retry;
mod serialized;
#[cfg(unix)]
mod sessions;
mod translation;
#[cfg(unix)]
mod turns;
mod wait;
