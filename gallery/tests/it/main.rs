//! The programs of the gallery as their users run them: the built binary, the real runtime, a mock
//! model.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]

mod ci_bot;
mod demo;
mod proxy;
mod readme;
mod review;
mod rooms;
mod support;
mod terminal;
mod web;
