//! The testing kit, tested: the mock endpoint from outside, the harness with the real runtime.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]

mod endpoint;
mod harness;
mod loopback;
#[path = "../../../codex-client/tests/shared/loopback.rs"]
mod observed;
#[path = "../../../codex-client/tests/api/public_api.rs"]
mod public_api;
mod recording;
mod scripted;
mod sessions;
mod start;
mod understanding;
mod wire;
