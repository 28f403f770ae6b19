//! The API for agents, against the real runtime with only the model mocked; common behavior is
//! tested with both APIs.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test they are called from"
)]

mod approvals;
#[cfg(all(unix, feature = "websocket-blocking"))]
mod attach;
mod cancellation;
mod examples;
mod goals;
mod inputs;
#[cfg(unix)]
mod install;
#[cfg(unix)]
mod isolated_home;
mod lifecycle;
#[cfg(all(unix, feature = "websocket-blocking"))]
#[path = "../shared/listening_runtime.rs"]
mod listening_runtime;
mod login;
#[path = "../shared/login_port.rs"]
mod login_port;
mod one_core;
mod overrides;
mod public_api;
mod retry;
mod runs;
mod send;
mod streams;
#[cfg(feature = "schemars")]
mod structured;
mod supervised;
mod support;
mod turn_control;
mod view;
#[cfg(all(unix, feature = "websocket-blocking"))]
mod websocket;
